"""Reads bit by bit what codecs pack bit by bit."""

from streaming.frames.frame import BrokenFrameError


class BitReader:
    """Bits of some bytes, the highest first. Reading past the end raises `BrokenFrameError`."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def read(self, bits: int) -> int:
        """Return the next bits as a number."""
        self._left -= bits
        if self._left < 0:
            raise BrokenFrameError("a header is cut off")
        return self._value >> self._left & ((1 << bits) - 1)

    def flag(self) -> bool:
        """Return the next bit."""
        return bool(self.read(1))

    def golomb(self) -> int:
        """Return an unsigned Exp-Golomb number (H.264 section 9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise BrokenFrameError("an Exp-Golomb number has at most 32 leading zeros")
        return (1 << zeros) - 1 + self.read(zeros)

    def signed_golomb(self) -> int:
        """Return a signed Exp-Golomb number (H.264 section 9.1.1)."""
        number = self.golomb()
        return (number + 1) // 2 if number & 1 else -(number // 2)
