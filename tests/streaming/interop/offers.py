"""Offers of clients that the tests cannot run, as somebody published them; each file of `offers/` is one.

OBS 32's were written down when it was run by hand (docs/interoperability.md).

A file describes what the published offer says, in order and as data: its sections, payload types, codec
parameters, feedback, header extensions, directions, and what the source is. Nothing is added. What named one
person's session (addresses, credentials, fingerprints, SSRCs, stream names) is left out, and `sdp()` puts
fresh values in the same places. `left_out` says what else of the published offer is missing, and why.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "offers"
FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))


@dataclass(frozen=True)
class Recorded:
    """One published offer; `side` is `publisher` or `viewer`."""

    name: str
    client: str
    side: str
    kind: str
    source: str
    left_out: str
    session: list[str]
    media: list[dict[str, Any]]

    def sdp(self) -> str:
        """Write the offer with credentials of its own."""
        fresh = _transport()
        lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += [line for name in self.session for line in fresh.get(name, [f"a={name}"])]
        for number, media in enumerate(self.media):
            lines += _section(media, fresh, 1_000 * (number + 1))
        return "\r\n".join(lines) + "\r\n"


def _transport() -> dict[str, list[str]]:
    """Lines that a description only names, because their values are new in each session."""
    return {
        "ice-ufrag": [f"a=ice-ufrag:{secrets.token_hex(2)}"],
        "ice-ufrag with slashes": ["a=ice-ufrag://" + secrets.token_hex(1)],
        "ice-pwd": [f"a=ice-pwd:{secrets.token_hex(12)}"],
        "fingerprint": [f"a=fingerprint:sha-256 {FINGERPRINT}"],
        "candidate": ["a=candidate:1 1 UDP 2015363327 192.0.2.1 57249 typ host"],
    }


def _section(media: dict[str, Any], fresh: dict[str, list[str]], ssrc: int) -> list[str]:
    lines = [f"m={media['kind']} 9 {media['protocol']} {media['formats']}", "c=IN IP4 0.0.0.0"]
    for name in media["lines"]:
        lines += _codecs(media["codecs"]) if name == "codecs" else _line(name, fresh, ssrc)
    return lines


def _line(name: str, fresh: dict[str, list[str]], ssrc: int) -> list[str]:
    if name == "ssrc":
        return [f"a=ssrc:{ssrc} cname:recorded", f"a=ssrc:{ssrc} msid:stream track"]
    return fresh.get(name, [f"a={name}"])


def _codecs(codecs: list[list[Any]]) -> list[str]:
    lines = []
    for payload_type, name, *rest in codecs:
        parameters, feedback = [*rest, "", []][:2]
        lines.append(f"a=rtpmap:{payload_type} {name}")
        lines += [f"a=rtcp-fb:{payload_type} {what}" for what in feedback]
        lines += [f"a=fmtp:{payload_type} {parameters}"] if parameters else []
    return lines


def _load(path: Path) -> Recorded:
    return Recorded(path.stem, **json.loads(path.read_text()))


RECORDED = [_load(path) for path in sorted(FOLDER.glob("*.json"))]
