"""Header extensions of a viewer's packets, written once for each kind of packet (RFC 8285)."""

import functools
from dataclasses import dataclass

from streaming.negotiation import AUDIO_LEVEL, MID, TRANSPORT_CC
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.packet import build_extensions, is_long
from streaming.rtp.ring import StoredPacket


@dataclass(slots=True, frozen=True)
class Template:
    """Header extensions for one kind of packet: first header byte, the bytes, where values are patched.

    `level_at`, `number_at` (two bytes, transport-wide) and `descriptor_at` count from the packet's start; 0
    means absent.
    """

    first: int
    extensions: bytes
    header_bytes: int
    level_at: int
    number_at: int
    descriptor_at: int

    @property
    def layout(self) -> tuple[int, int, int, int]:
        """What two viewers must share to be written together."""
        return self.header_bytes, self.level_at, self.number_at, self.descriptor_at


HAS_LEVEL, IS_NUMBERED = 1, 2
# What a packet's header looks like: the sum of these, and how long its dependency descriptor is.
Kind = tuple[int, int]
KINDS: tuple[Kind, ...] = tuple((mix, 0) for mix in range(4))


def kind_of(packet: StoredPacket, *, is_numbered: bool) -> Kind:
    """Return the kind of header a packet gets."""
    return HAS_LEVEL * (packet.level >= 0) + IS_NUMBERED * is_numbered, len(packet.descriptor)


@functools.lru_cache(maxsize=1024)
def build_template(agreed: tuple[tuple[int, str], ...], mid: str, kind: Kind) -> Template:
    """Return the header extensions for a kind of packet; `agreed` are the ids and names of the section."""
    mix, descriptor_bytes = kind
    identities = {uri: identity for identity, uri in agreed}
    wanted = {
        MID: mid.encode(),
        AUDIO_LEVEL: bytes(bool(mix & HAS_LEVEL)),
        TRANSPORT_CC: bytes(2 * bool(mix & IS_NUMBERED)),
        DEPENDENCY_DESCRIPTOR: bytes(descriptor_bytes),
    }
    elements = {identities[uri]: value for uri, value in wanted.items() if value and uri in identities}
    head_bytes, position = 2 if is_long(elements.values()) else 1, 12 + 4
    places: dict[int, int] = {}
    for identity, value in elements.items():
        places[identity] = position + head_bytes
        position += head_bytes + len(value)
    extensions = build_extensions(elements)
    level, number, descriptor = (
        places.get(identities.get(uri, 0), 0) for uri in (AUDIO_LEVEL, TRANSPORT_CC, DEPENDENCY_DESCRIPTOR)
    )
    first = 0x90 if elements else 0x80
    return Template(first, extensions, 12 + len(extensions), level, number, descriptor)
