"""Sequence numbers that do not wrap (RFC 3550 appendix A.1)."""

MAX_JUMP = 3000


class SequenceUnwrapper:
    """Turns 16-bit sequence numbers into ever-growing integers.

    A number further than `MAX_JUMP` away is refused once; when the next one follows it directly the
    sender has started anew, and `restarted` is True for that call.
    """

    __slots__ = ("_suspect", "highest", "restarted")

    def __init__(self) -> None:
        self.highest: int | None = None
        self.restarted = False
        self._suspect: int | None = None

    def unwrap(self, sequence: int) -> int | None:
        """Return the extended number, or None for a lone outlier that must be dropped."""
        self.restarted = False
        if self.highest is None:
            self.highest = sequence + 0x10000
            return self.highest
        delta = ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000
        if -MAX_JUMP <= delta <= MAX_JUMP:
            self._suspect = None
            extended = self.highest + delta
            self.highest = max(self.highest, extended)
            return extended
        if self._suspect != sequence:
            self._suspect = (sequence + 1) & 0xFFFF
            return None
        self._suspect = None
        self.restarted = True
        self.highest = sequence + 0x10000
        return self.highest
