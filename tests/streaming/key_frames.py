"""Key frames of VP8 that say how large their picture is."""


def key_frame(width: int) -> bytes:
    """The first packet of a VP8 key frame of this width, 9 to 5 in height."""
    size = width.to_bytes(2, "little") + (width * 9 // 16).to_bytes(2, "little")
    return b"\x10" + b"\x00\x00\x00\x9d\x01\x2a" + size + bytes(400)
