"""AV1 temporal units out of RTP payloads ("RTP Payload Format for AV1" v1.0, section 4)."""

from collections.abc import Sequence

from streaming.frames.frame import BrokenFrameError, EncodedFrame

SEQUENCE_HEADER, TEMPORAL_DELIMITER, FRAME_HEADER, FRAME, TILE_LIST, PADDING = 1, 2, 3, 6, 8, 15
CONTINUES, GOES_ON, NEW_SEQUENCE = 0x80, 0x40, 0x08
MAX_LEB128_BYTES = 8


def assemble(payloads: Sequence[bytes]) -> EncodedFrame:
    """Put one temporal unit together: every OBU with a size, without delimiter, tile lists and padding.

    Raises `BrokenFrameError`.
    """
    units = []
    sets: tuple[bytes, ...] = ()
    is_key_frame = has_frame = False
    for element in _elements(payloads):
        kind, head, body = _split(element)
        if kind in (TEMPORAL_DELIMITER, TILE_LIST, PADDING):
            continue
        unit = head + leb128(len(body)) + body
        units.append(unit)
        if kind == SEQUENCE_HEADER:
            sets = (unit,)
        elif kind in (FRAME, FRAME_HEADER) and not has_frame:
            has_frame = True
            is_key_frame = bool(sets) and _is_key_frame(body)
    if not units:
        raise BrokenFrameError("a temporal unit has at least one OBU")
    return EncodedFrame(b"".join(units) if has_frame else b"", is_key_frame, sets)


def sequence_headers(payload: bytes) -> tuple[bytes, ...]:
    """Return those of one packet, whose last OBU may go on in the next. Raises `BrokenFrameError`."""
    elements = _split_payload(payload)
    whole = elements[: -1 if payload[0] & GOES_ON else None]
    units = map(_split, whole[1 if payload[0] & CONTINUES else 0 :])
    return tuple(head + leb128(len(body)) + body for kind, head, body in units if kind == SEQUENCE_HEADER)


def _is_key_frame(body: bytes) -> bool:
    """Read a frame header's show_existing_frame and its two bits of frame_type, 0 for a key frame."""
    if not body:
        raise BrokenFrameError("an AV1 frame begins with its header")
    return body[0] < 0x20


def leb128(number: int) -> bytes:
    """Write a length as AV1 does: seven bits a byte, the lowest first."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def read_leb128(data: bytes, position: int) -> tuple[int, int]:
    """Return a length and where it ends. Raises `BrokenFrameError`."""
    number = 0
    for index, byte in enumerate(data[position : position + MAX_LEB128_BYTES]):
        number |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return number, position + index + 1
    raise BrokenFrameError("a length is cut off")


def _elements(payloads: Sequence[bytes]) -> list[bytes]:
    """Return the OBUs, joined where a packet says that the next goes on with its last."""
    units: list[bytes] = []
    partial: bytes | None = None
    for payload in payloads:
        elements = _split_payload(payload)
        if bool(payload[0] & CONTINUES) != (partial is not None):
            raise BrokenFrameError("the beginning or the end of a fragmented OBU is missing")
        if partial is not None:
            elements[0] = partial + elements[0]
        partial = elements.pop() if payload[0] & GOES_ON else None
        units.extend(elements)
    if partial is not None:
        raise BrokenFrameError("the end of a fragmented OBU is missing")
    return units


def _split_payload(payload: bytes) -> list[bytes]:
    """Return the OBU elements of one packet, of which there is at least one."""
    if len(payload) < 2:
        raise BrokenFrameError("an AV1 payload has an aggregation header and an element")
    count = payload[0] >> 4 & 0x03
    elements: list[bytes] = []
    position = 1
    while position < len(payload):
        size = len(payload) - position
        if len(elements) + 1 != count:
            size, position = read_leb128(payload, position)
        if position + size > len(payload):
            raise BrokenFrameError("an OBU element is cut off")
        elements.append(payload[position : position + size])
        position += size
    if count and len(elements) != count:
        raise BrokenFrameError(f"a payload of {count} OBU elements has {len(elements)}")
    return elements


def _split(element: bytes) -> tuple[int, bytes, bytes]:
    """Return an OBU's type, its header with the size bit set, and its body."""
    if not element or element[0] & 0x80:
        raise BrokenFrameError("an OBU begins with its header")
    size = 2 if element[0] & 0x04 else 1
    if len(element) < size:
        raise BrokenFrameError("an OBU header is cut off")
    body = element[size:]
    if element[0] & 0x02:
        length, position = read_leb128(element, size)
        if position + length > len(element):
            raise BrokenFrameError("an OBU is cut off")
        body = element[position : position + length]
    head = bytes((element[0] | 0x02,)) + element[1:size]
    return element[0] >> 3 & 0x0F, head, body
