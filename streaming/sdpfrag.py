"""The body of a PATCH: `application/trickle-ice-sdpfrag` (RFC 8840, RFC 9725 section 4.3)."""

import re
from dataclasses import dataclass

from streaming.remote_candidates import PREFIX, Candidate, read_candidates
from streaming.sdp import MalformedSdpError

MAX_LINES = 400
_CREDENTIAL = re.compile(r"^[A-Za-z0-9+/]{4,256}$")


@dataclass(slots=True, frozen=True)
class Fragment:
    """Credentials ("" when absent), how many candidates there were, and those that can be recognised.

    An ICE-lite end connects without them; they only name the path in use.
    """

    ufrag: str
    pwd: str
    candidates_total: int
    first_mid: str
    candidates: tuple[Candidate, ...] = ()


def parse_fragment(text: str) -> Fragment:
    """Read a fragment. Raises `MalformedSdpError`; unknown lines and candidates are passed over."""
    if text.count("\n") > MAX_LINES:
        raise MalformedSdpError("a fragment has 1 to 400 lines")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        raise MalformedSdpError("a fragment has 1 to 400 lines")
    if any(len(line) < 3 or line[1] != "=" for line in lines):
        raise MalformedSdpError("a line is not of the form x=value")
    ufrag = _value(lines, "a=ice-ufrag:")
    pwd = _value(lines, "a=ice-pwd:")
    for credential in (ufrag, pwd):
        if credential and not _CREDENTIAL.match(credential):
            raise MalformedSdpError("ICE credentials are 4 to 256 characters of A-Z a-z 0-9 + /")
    candidates = sum(1 for line in lines if line.startswith(PREFIX))
    return Fragment(ufrag, pwd, candidates, _value(lines, "a=mid:"), read_candidates(lines))


def _value(lines: list[str], prefix: str) -> str:
    return next((line[len(prefix) :].strip() for line in lines if line.startswith(prefix)), "")
