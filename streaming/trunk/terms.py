"""What the two ends of a trunk agree on: the messages, and one description of the streams for both.

To the owner the edge is a viewer, to the edge the owner is a publisher. Instead of an offer and an answer
both ends build an `Agreed` from the same few numbers. Every codec that can be forwarded has a payload type
from the beginning, so a publisher who comes back with another codec needs no word between them.
"""

import msgspec

from streaming.codecs import Codec
from streaming.negotiation import AUDIO_LEVEL, MAX_RIDS, Agreed, AgreedMedia
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.sdp import Media

FEEDBACK = ("nack", "nack pli")
FIRST_PAYLOAD_TYPE, LAST_PAYLOAD_TYPE = 96, 127
NONCE_BYTES = 16
MAX_CANDIDATES = 16
RATES_HZ = {"OPUS": 48_000}
_PICTURE_HZ = 90_000
# What browsers and encoders send; the rest goes under the nearest (see `best_match`).
_H264_PROFILES = ("42e0", "4200", "42c0", "4d00", "4d40", "6400", "640c", "f400")
CODEC_KEYS = (
    "OPUS",
    "VP8",
    *(f"VP9/{profile}" for profile in range(4)),
    *(f"AV1/{profile}" for profile in range(3)),
    *(f"H264/{profile}/{mode}" for mode in (1, 0) for profile in _H264_PROFILES),
)


class Subscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The edge's wish. `nonce` is hexadecimal."""

    nonce: str


class Streams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which numbers the owner's packets carry: an SSRC for sound and for each layer, a key for each type."""

    sound: int
    layers: tuple[int, ...]
    codecs: dict[int, str]


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's answer. `live` holds the codec keys now published; `ufrag` names the trunk in checks."""

    nonce: str
    ufrag: str
    candidates: tuple[tuple[str, int], ...]
    streams: Streams
    live: dict[str, str]


def read_nonce(text: str) -> bytes:
    """Read a nonce. Raises `ValueError`."""
    nonce = bytes.fromhex(text)
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return nonce


def read_accepted(body: bytes) -> Accepted:
    """Read the owner's answer. Raises `ValueError` (`msgspec.ValidationError`) for what cannot be used."""
    accepted = msgspec.json.decode(body, type=Accepted)
    streams = accepted.streams
    ssrcs = {streams.sound, *streams.layers}
    if len(streams.layers) != MAX_RIDS or len(ssrcs) != MAX_RIDS + 1:
        raise ValueError("sound and each layer have an SSRC of their own")
    if not all(0 < ssrc < 1 << 32 for ssrc in ssrcs):
        raise ValueError("an SSRC has 32 bits")
    if not all(FIRST_PAYLOAD_TYPE <= one <= LAST_PAYLOAD_TYPE for one in streams.codecs):
        raise ValueError("payload types are dynamic ones")
    if not 1 <= len(accepted.candidates) <= MAX_CANDIDATES:
        raise ValueError(f"the owner has 1 to {MAX_CANDIDATES} addresses")
    return accepted


def number_streams(ssrcs: tuple[int, ...]) -> Streams:
    """Give out the owner's numbers: sound's SSRC first, then one for each layer there may be."""
    codecs = {FIRST_PAYLOAD_TYPE + place: key for place, key in enumerate(CODEC_KEYS)}
    return Streams(ssrcs[0], ssrcs[1 : MAX_RIDS + 1], codecs)


def codec_of(payload_type: int, key: str) -> Codec | None:
    """Return the codec that a key stands for; None for one this release does not know."""
    name, *rest = key.split("/")
    parameters: dict[str, str] = {}
    if name == "H264" and len(rest) == 2:
        parameters = {"profile-level-id": rest[0] + "1f", "packetization-mode": rest[1]}
    elif name in ("VP9", "AV1") and len(rest) == 1:
        parameters = {"profile-id" if name == "VP9" else "profile": rest[0]}
    elif name not in ("VP8", "OPUS") or rest:
        return None
    return Codec(payload_type, name, RATES_HZ.get(name, _PICTURE_HZ), 1, parameters, FEEDBACK)


def agree_as_owner(streams: Streams) -> Agreed:
    """Describe what leaves: a section for sound and one for each layer."""
    sections = [_section("audio", streams)]
    sections[0].ssrc = streams.sound
    for ssrc in streams.layers:
        layer = _section("video", streams)
        layer.ssrc = ssrc
        sections.append(layer)
    return _agreed(sections)


def agree_as_edge(streams: Streams) -> Agreed:
    """Describe what comes in, as a publisher's offer with layers would."""
    sound, picture = _section("audio", streams), _section("video", streams)
    sound.offer.ssrcs = [streams.sound]
    picture.offer.ssrcs = list(streams.layers)
    picture.offer.rids = [str(place) for place in range(len(streams.layers))]
    return _agreed([sound, picture])


def _section(kind: str, streams: Streams) -> AgreedMedia:
    known = [codec_of(payload_type, key) for payload_type, key in streams.codecs.items()]
    codecs = [codec for codec in known if codec is not None and codec.kind == kind]
    extensions = {1: AUDIO_LEVEL} if kind == "audio" else {3: DEPENDENCY_DESCRIPTOR}
    return AgreedMedia(Media(kind, 9, "RTP/SAVPF", []), codecs, extensions, FEEDBACK)


def _agreed(sections: list[AgreedMedia]) -> Agreed:
    return Agreed(sections, "", "", [], dtls_client=False)
