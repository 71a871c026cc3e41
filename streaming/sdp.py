"""Session descriptions as WHIP and WHEP use them (RFC 8866, RFC 8839, RFC 8843, RFC 8853).

A small reader of our own: aiortc's knows no VP9, AV1, rid or simulcast. It is strict about what we act on
(media lines, ICE and DTLS parameters, payload types) and passes over the rest.
"""

import re
from dataclasses import dataclass, field

from streaming.codecs import Codec
from streaming.remote_candidates import Candidate, read_candidates

MAX_LINES = 1000
MAX_MEDIA = 16
MAX_FORMATS = 128
# Far above what anybody offers; all of it is kept as long as the session.
MAX_LINE_CHARACTERS = 4096
MAX_PARAMETERS = MAX_FEEDBACK = 64
_TOKEN = re.compile(r"^[A-Za-z0-9+/]{4,256}$")
_MID = re.compile(r"^[!-~]{1,16}$")
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


class MalformedSdpError(ValueError):
    """The body is not a session description we can answer."""


@dataclass(slots=True)
class Media:
    """One m= section. Session-level ICE and DTLS attributes are filled in where it has none."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    mid: str = ""
    direction: str = "sendrecv"
    ice_ufrag: str = ""
    ice_pwd: str = ""
    setup: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    codecs: list[Codec] = field(default_factory=list)
    extensions: dict[int, str] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    retransmission_ssrcs: dict[int, int] = field(default_factory=dict)
    rids: list[str] = field(default_factory=list)
    rtcp_mux: bool = False


@dataclass(slots=True)
class Description:
    """A parsed offer or answer. `bundle` holds the mids of the first bundle group, in order.

    `mixed_extensions`: header extensions of over 16 bytes may come (RFC 8285 section 6). `candidates` are
    those of all sections that can be recognised, each once.
    """

    media: list[Media]
    bundle: list[str]
    ice_lite: bool
    mixed_extensions: bool = False
    candidates: tuple[Candidate, ...] = ()


def parse(text: str) -> Description:
    """Read a description. Raises `MalformedSdpError`."""
    if text.count("\n") > MAX_LINES:
        raise MalformedSdpError("too many lines")
    lines = [line.strip() for line in text.split("\n")]
    if not all(line.isprintable() for line in lines):
        # What is echoed in the answer must not smuggle line ends into it.
        raise MalformedSdpError("a line has control characters")
    lines = [line for line in lines if line]
    if not lines or lines[0] != "v=0":
        raise MalformedSdpError("a session description begins with v=0")
    if any(len(line) > MAX_LINE_CHARACTERS for line in lines):
        raise MalformedSdpError(f"a line is longer than {MAX_LINE_CHARACTERS} characters")
    if any(len(line) < 2 or line[1] != "=" for line in lines):
        raise MalformedSdpError("a line is not of the form x=value")
    sections = _split(lines)
    session = sections[0]
    if len(sections) - 1 > MAX_MEDIA:
        raise MalformedSdpError("too many media sections")
    media = [_parse_media(section, session) for section in sections[1:]]
    if not media:
        raise MalformedSdpError("there is no media section")
    bundle = next((v.split()[1:] for v in _values(session, "group") if v.startswith("BUNDLE")), [])
    mixed = all("a=extmap-allow-mixed" in session + section for section in sections[1:])
    # Every section of a bundle may repeat them all.
    candidates = read_candidates(dict.fromkeys(lines))
    return Description(media, bundle, "a=ice-lite" in session, mixed, candidates)


def _split(lines: list[str]) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections


def _values(section: list[str], name: str) -> list[str]:
    prefix = f"a={name}:"
    return [line[len(prefix) :].strip() for line in section if line.startswith(prefix)]


def _first(section: list[str], session: list[str], name: str) -> str:
    return next(iter(_values(section, name) or _values(session, name)), "")


def _integer(text: str, highest: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > highest:
        raise MalformedSdpError(f"{text[:20]!r} is not a number up to {highest}")
    return int(text)


def _parse_media(section: list[str], session: list[str]) -> Media:
    head = section[0][2:].split()
    if len(head) < 4:
        raise MalformedSdpError("an m= line has four parts at least")
    if len(head) - 3 > MAX_FORMATS:
        raise MalformedSdpError("more formats than there are payload types")
    media = Media(head[0], _integer(head[1].split("/")[0], 65535), head[2], head[3:])
    media.mid = _first(section, [], "mid")
    if media.mid and not _MID.match(media.mid):
        raise MalformedSdpError("a mid is 1 to 16 printable characters")
    media.direction = next((d for d in DIRECTIONS if f"a={d}" in section), "")
    media.direction = media.direction or next((d for d in DIRECTIONS if f"a={d}" in session), "sendrecv")
    media.ice_ufrag = _first(section, session, "ice-ufrag")
    media.ice_pwd = _first(section, session, "ice-pwd")
    for credential in (media.ice_ufrag, media.ice_pwd):
        if credential and not _TOKEN.match(credential):
            raise MalformedSdpError("ICE credentials are 4 to 256 characters of A-Z a-z 0-9 + /")
    media.setup = _first(section, session, "setup")
    media.fingerprints = _fingerprints(_values(section, "fingerprint") or _values(session, "fingerprint"))
    media.rtcp_mux = "a=rtcp-mux" in section
    if media.kind in ("audio", "video"):
        _parse_rtp(media, section)
    return media


def _fingerprints(values: list[str]) -> list[tuple[str, str]]:
    parsed = []
    for value in values:
        parts = value.split()
        if len(parts) != 2 or not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+", parts[1]):
            raise MalformedSdpError("a fingerprint is a hash name and bytes in hexadecimal")
        parsed.append((parts[0].lower(), parts[1].upper()))
    return parsed


def _parse_rtp(media: Media, section: list[str]) -> None:
    media.codecs = _codecs(media, section)
    for value in _values(section, "extmap"):
        parts = value.split()
        if len(parts) >= 2:
            identity = _integer(parts[0].split("/")[0], 4096)
            media.extensions[identity] = parts[1]
    named = [_integer(v.split()[0] if v else "", 0xFFFFFFFF) for v in _values(section, "ssrc")]
    for value in _values(section, "ssrc-group"):
        parts = value.split()
        if len(parts) == 3 and parts[0] == "FID":
            media.retransmission_ssrcs[_integer(parts[1], 0xFFFFFFFF)] = _integer(parts[2], 0xFFFFFFFF)
    repeats = set(media.retransmission_ssrcs.values())
    media.ssrcs = [ssrc for ssrc in dict.fromkeys(named) if ssrc not in repeats]
    media.rids = [value.split()[0] for value in _values(section, "rid") if value.split()[1:2] == ["send"]]


def _codecs(media: Media, section: list[str]) -> list[Codec]:
    maps = dict(_payload_line(value) for value in _values(section, "rtpmap"))
    last = dict(_payload_line(value) for value in _values(section, "fmtp"))
    parameters = {pt: _parameters(text) for pt, text in last.items()}
    feedback: dict[int, list[str]] = {}
    everywhere: list[str] = []
    for value in _values(section, "rtcp-fb"):
        payload_type, _, what = value.partition(" ")
        target = everywhere if payload_type == "*" else feedback.setdefault(_integer(payload_type, 127), [])
        if len(target) >= MAX_FEEDBACK:
            raise MalformedSdpError("too many kinds of feedback for one payload type")
        target.append(what.strip())
    repeats = {
        _integer(values["apt"], 127): pt
        for pt, values in parameters.items()
        if maps.get(pt, "").lower().startswith("rtx/") and "apt" in values
    }
    codecs = []
    for entry in media.formats:
        number = _integer(entry, 127)
        name, rate, channels = _encoding(maps.get(number, ""))
        if name and name != "RTX":
            both = tuple(dict.fromkeys(everywhere + feedback.get(number, [])))
            codecs.append(
                Codec(number, name, rate, channels, parameters.get(number, {}), both,
                      repeats.get(number))
            )  # fmt: skip
    return codecs


def _payload_line(value: str) -> tuple[int, str]:
    payload_type, _, rest = value.partition(" ")
    return _integer(payload_type, 127), rest.strip()


def _encoding(text: str) -> tuple[str, int, int]:
    parts = text.split("/")
    if len(parts) < 2:
        return "", 0, 0
    rate_hz = _integer(parts[1], 10_000_000)
    if not rate_hz:
        raise MalformedSdpError("a clock rate of zero")
    return parts[0].upper(), rate_hz, _integer(parts[2], 255) if len(parts) > 2 else 1


def _parameters(text: str) -> dict[str, str]:
    parts = text.split(";")
    if len(parts) > MAX_PARAMETERS:
        raise MalformedSdpError("too many parameters for one payload type")
    pairs = (part.strip().partition("=") for part in parts)
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
