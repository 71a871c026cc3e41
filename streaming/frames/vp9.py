"""VP9 frames out of RTP payloads (RFC 9628)."""

from collections.abc import Sequence

from streaming.frames.frame import BrokenFrameError, EncodedFrame

INTER, LAYERS, FLEXIBLE, BEGIN, END, STRUCTURE = 0x40, 0x20, 0x10, 0x08, 0x04, 0x02
PICTURE_ID = 0x80
MAX_REFERENCES = 3
MAX_LAYERS = 8


def assemble(payloads: Sequence[bytes]) -> EncodedFrame:
    """Put one picture together.

    A picture with several spatial layers becomes a superframe with an index (VP9 bitstream specification,
    annex B). Raises `BrokenFrameError`.
    """
    layers: list[bytearray] = []
    is_open = False
    for payload in payloads:
        size = descriptor_bytes(payload)
        begins = bool(payload[0] & BEGIN)
        if begins == is_open:
            raise BrokenFrameError("a VP9 frame goes from a packet with B to one with E")
        if begins:
            layers.append(bytearray())
        layers[-1] += payload[size:]
        is_open = not payload[0] & END
    if is_open or not layers:
        raise BrokenFrameError("the end of a VP9 frame is missing")
    data = bytes(layers[0]) if len(layers) == 1 else _superframe(layers)
    return EncodedFrame(data, is_key_frame=_is_key_frame(data))


def _is_key_frame(data: bytes) -> bool:
    """Read the first byte of the uncompressed header: marker 2, profile, no repeat, frame type 0."""
    head = data[0]
    if head >> 6 != 2:
        raise BrokenFrameError("a VP9 frame begins with the frame marker")
    repeats, inter = (0x04, 0x02) if head & 0x30 == 0x30 else (0x08, 0x04)
    return not head & repeats and not head & inter


def _superframe(layers: list[bytearray]) -> bytes:
    if len(layers) > MAX_LAYERS:
        raise BrokenFrameError("a VP9 picture has at most 8 layers")
    width = (max(map(len, layers)).bit_length() + 7) // 8
    marker = bytes((0xC0 | (width - 1) << 3 | (len(layers) - 1),))
    sizes = b"".join(len(layer).to_bytes(width, "little") for layer in layers)
    return b"".join((*layers, marker, sizes, marker))


def descriptor_bytes(payload: bytes) -> int:
    """Length of the payload descriptor (section 4.2)."""
    if not payload:
        raise BrokenFrameError("a VP9 payload has a descriptor")
    flags = payload[0]
    size = 1
    try:
        if flags & PICTURE_ID:
            size += 2 if payload[size] & 0x80 else 1
        if flags & LAYERS:
            size += 1 if flags & FLEXIBLE else 2
        if flags & FLEXIBLE and flags & INTER:
            size += _reference_bytes(payload, size)
        if flags & STRUCTURE:
            size += _structure_bytes(payload, size)
    except IndexError:
        raise BrokenFrameError("a VP9 payload ends within its descriptor") from None
    if size >= len(payload):
        raise BrokenFrameError("a VP9 payload ends within its descriptor")
    return size


def _reference_bytes(payload: bytes, start: int) -> int:
    for count in range(1, MAX_REFERENCES + 1):
        if not payload[start + count - 1] & 0x01:
            return count
    raise BrokenFrameError("a VP9 frame has at most 3 references")


def _structure_bytes(payload: bytes, start: int) -> int:
    """Length of the scalability structure: sizes per layer, then the pictures of a group."""
    head = payload[start]
    size = 1
    if head & 0x10:
        size += 4 * ((head >> 5) + 1)
    if head & 0x08:
        pictures = payload[start + size]
        size += 1
        for _ in range(pictures):
            size += 1 + (payload[start + size] >> 2 & 0x03)
    return size
