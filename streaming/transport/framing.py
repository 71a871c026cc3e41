"""Packets in a byte stream (RFC 4571): two bytes of length, then the packet."""

LENGTH_BYTES = 2


class FrameTooLongError(ValueError):
    """The next frame is longer than allowed; the rest of the stream cannot be read."""


def frame(packet: bytes | memoryview) -> bytes:
    """Return a packet of at most 65,535 bytes with its length before it."""
    return b"".join((len(packet).to_bytes(LENGTH_BYTES, "big"), packet))


class Deframer:
    """Cuts packets out of what a stream brings, in whatever pieces it comes."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes | memoryview) -> None:
        """Add what came."""
        self._waiting += data

    def take(self, limit_bytes: int) -> bytes | None:
        """Return the next packet (b"" for a null packet), or None while it is not whole.

        Raises `FrameTooLongError` as soon as its length is known to be over the limit, so no more than one
        read is ever kept of it.
        """
        waiting = self._waiting
        if len(waiting) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + ((waiting[0] << 8) | waiting[1])
        if end - LENGTH_BYTES > limit_bytes:
            raise FrameTooLongError(f"a frame of {end - LENGTH_BYTES} bytes")
        if len(waiting) < end:
            return None
        packet = bytes(waiting[LENGTH_BYTES:end])
        del waiting[:end]
        return packet
