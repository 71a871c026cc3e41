"""RTP packets: the fixed header and the header extensions (RFC 3550 section 5.1, RFC 8285).

A packet is read once, when it comes from the publisher. What leaves for a viewer is written by
`streaming.forwarder`, which never builds objects per viewer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

_FIXED = Struct("!BBHII")
_EXTENSION = Struct("!HH")
FIXED_HEADER_BYTES = 12
ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000  # low four bits are free for the application (RFC 8285 section 4.3)
MAX_ONE_BYTE_VALUE = 16


class MalformedPacketError(ValueError):
    """The bytes are not the packet they claim to be; the datagram is dropped and counted."""


@dataclass(slots=True)
class RtpPacket:
    """One packet as received.

    `extensions` maps the extension's id to its bytes. `payload` is without padding and may be empty
    (a probe of the sender's bandwidth estimator).
    """

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    extensions: dict[int, bytes]


def parse_rtp(data: bytes | bytearray | memoryview) -> RtpPacket:
    """Read one RTP packet.

    Raises `MalformedPacketError` when the version is not 2, or a length points outside the bytes.
    """
    size = len(data)
    if size < FIXED_HEADER_BYTES:
        raise MalformedPacketError("an RTP packet has at least 12 bytes")
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        raise MalformedPacketError("the RTP version is not 2")
    start = FIXED_HEADER_BYTES + 4 * (first & 0x0F)
    extensions: dict[int, bytes] = {}
    if first & 0x10:
        if start + 4 > size:
            raise MalformedPacketError("the extension header is cut off")
        profile, words = _EXTENSION.unpack_from(data, start)
        begin = start + 4
        start = begin + 4 * words
        if start > size:
            raise MalformedPacketError("the extensions are cut off")
        extensions = parse_extensions(profile, bytes(data[begin:start]))
    end = size
    if first & 0x20:
        end -= data[size - 1]
        if data[size - 1] == 0:
            raise MalformedPacketError("padding of zero bytes")
    if start > end:
        raise MalformedPacketError("header and padding overlap")
    return RtpPacket(
        bool(second & 0x80), second & 0x7F, sequence, timestamp, ssrc, bytes(data[start:end]), extensions
    )


def parse_extensions(profile: int, data: bytes) -> dict[int, bytes]:
    """Read the elements of a one-byte or two-byte header extension; an unknown profile has none.

    A cut-off element ends the reading, as RFC 8285 section 4.1.2 asks; what was read counts.
    """
    if profile == ONE_BYTE_PROFILE:
        return _one_byte_elements(data)
    if profile & 0xFFF0 == TWO_BYTE_PROFILE:
        return _two_byte_elements(data)
    return {}


def _one_byte_elements(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        head = data[position]
        position += 1
        if head == 0:
            continue
        if head >> 4 == 15:
            break
        end = position + (head & 0x0F) + 1
        if end > len(data):
            break
        found[head >> 4] = data[position:end]
        position = end
    return found


def _two_byte_elements(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        identity = data[position]
        position += 1
        if identity == 0:
            continue
        if position >= len(data):
            break
        end = position + 1 + data[position]
        if end > len(data):
            break
        found[identity] = data[position + 1 : end]
        position = end
    return found


def is_long(elements: Iterable[bytes]) -> bool:
    """Whether some value needs elements with heads of two bytes, which the other end must have allowed."""
    return any(len(value) > MAX_ONE_BYTE_VALUE for value in elements)


def build_extensions(elements: dict[int, bytes]) -> bytes:
    """Write an extension block, with its four-byte head; empty for no elements.

    Ids are 1 to 14 and values 1 to 255 bytes: negotiation gives out no others.
    """
    if not elements:
        return b""
    if is_long(elements.values()):
        profile = TWO_BYTE_PROFILE
        body = b"".join(bytes((identity, len(value))) + value for identity, value in elements.items())
    else:
        profile = ONE_BYTE_PROFILE
        body = b"".join(
            bytes(((identity << 4) | (len(value) - 1),)) + value for identity, value in elements.items()
        )
    body += bytes(-len(body) % 4)
    return _EXTENSION.pack(profile, len(body) // 4) + body


def build_rtp(packet: RtpPacket) -> bytes:
    """Write one packet; `parse_rtp` of the result is the packet again."""
    extensions = build_extensions(packet.extensions)
    first = 0x90 if extensions else 0x80
    second = (0x80 if packet.marker else 0) | packet.payload_type
    header = _FIXED.pack(first, second, packet.sequence, packet.timestamp, packet.ssrc)
    return header + extensions + packet.payload


def looks_like_rtcp(data: bytes | bytearray | memoryview) -> bool:
    """RTCP shares the port with RTP; its second byte is 192 to 223 (RFC 5761 section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223
