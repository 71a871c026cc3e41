"""VP8 frames out of RTP payloads (RFC 7741)."""

from collections.abc import Sequence

from streaming.frames.frame import BrokenFrameError, EncodedFrame

START = 0x10
PARTITION = 0x07
MIN_FRAME_BYTES = 3


def assemble(payloads: Sequence[bytes]) -> EncodedFrame:
    """Put one frame together: each payload without its descriptor (section 4.2).

    Raises `BrokenFrameError`.
    """
    parts = []
    for index, payload in enumerate(payloads):
        body = payload[_descriptor_bytes(payload) :]
        starts_frame = bool(payload[0] & START) and not payload[0] & PARTITION
        if starts_frame != (index == 0):
            raise BrokenFrameError("a VP8 frame has one beginning, in its first packet")
        parts.append(body)
    data = b"".join(parts)
    if len(data) < MIN_FRAME_BYTES:
        raise BrokenFrameError("a VP8 frame has at least its 3-byte tag")
    return EncodedFrame(data, is_key_frame=not data[0] & 0x01)


def _descriptor_bytes(payload: bytes) -> int:
    """Length of the payload descriptor: one byte, and what the X, I, L, T and K bits add."""
    size = 1
    if not payload:
        raise BrokenFrameError("a VP8 payload has a descriptor")
    if payload[0] & 0x80:
        extension = payload[1] if len(payload) > 1 else 0
        size = 2
        if extension & 0x80:
            size += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
        size += bool(extension & 0x40) + bool(extension & 0x30)
    if size >= len(payload):
        raise BrokenFrameError("a VP8 payload ends within its descriptor")
    return size
