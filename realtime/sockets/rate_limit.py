"""Token buckets: so many at once, so many a second after that."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, refilled at `per_s`."""

    burst: float
    per_s: float


class Bucket:
    """One bucket; starts full. Time is an argument and may stand still, not go back."""

    __slots__ = ("_at_ms", "_left", "rate")

    def __init__(self, rate: Rate, now_ms: int) -> None:
        self.rate = rate
        self._left = rate.burst
        self._at_ms = now_ms

    def take(self, now_ms: int, amount: float = 1.0) -> int:
        """Take `amount`; returns 0, or after how many ms it will be there (nothing is taken then)."""
        passed_ms = max(0, now_ms - self._at_ms)
        self._left = min(self.rate.burst, self._left + passed_ms * self.rate.per_s / 1000)
        self._at_ms = now_ms
        if self._left >= amount:
            self._left -= amount
            return 0
        return max(1, int(-(-(amount - self._left) * 1000 // self.rate.per_s)))

    def take_upto(self, now_ms: int, wanted: int) -> int:
        """Take as many whole tokens as there are, at most `wanted`; returns how many."""
        self.take(now_ms, 0.0)
        taken = min(wanted, int(self._left))
        self._left -= taken
        return taken
