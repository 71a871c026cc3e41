"""How much one viewer may have repeated: a bucket of bytes that fills with what its stream carries.

Each packet is repeated three times at most, twice each time where much is lost: alone that would let one
viewer who asks for everything have the show six times over. So repeats cost bytes, and every byte that the
stream has carried since buys `repeats_percent` hundredths of one. The bucket holds `repeats_burst_bytes`, for
losses come in bursts. It is reckoned when a viewer asks and costs the stream itself nothing.
"""

from streaming.settings import Limits


class RepeatBudget:
    """One viewer's bucket for one kind of media. `octets_total` are what the stream has sent each viewer."""

    __slots__ = ("_left_bytes", "_octets_total", "_stream")

    def __init__(self) -> None:
        self._left_bytes: int | None = None
        self._stream: object = None
        self._octets_total = 0

    def earn(self, stream: object, octets_total: int, limits: Limits) -> None:
        """Take over what the stream has carried since the last time; of another stream that is not known."""
        gained = octets_total - self._octets_total if stream is self._stream else 0
        left = limits.repeats_burst_bytes if self._left_bytes is None else self._left_bytes
        self._left_bytes = min(limits.repeats_burst_bytes, left + gained * limits.repeats_percent // 100)
        self._stream, self._octets_total = stream, octets_total

    def fits(self, size_bytes: int) -> bool:
        """Whether so much may be sent now."""
        return self._left_bytes is not None and size_bytes <= self._left_bytes

    def spend(self, size_bytes: int) -> None:
        """Note that so much is sent."""
        assert self._left_bytes is not None
        self._left_bytes -= size_bytes
