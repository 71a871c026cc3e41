"""Whether Redis was away a moment ago: leases may have lapsed then whose owners live."""

from typing import NamedTuple


class _Ended(NamedTuple):
    """An outage that is over: how long it lasted, and until when owners have time to renew."""

    until_s: float
    lasted_s: float


class Outages:
    """What one process has seen of them. Times are seconds of the caller's monotonic clock.

    `lease_s` is how long a lease lasts, and how long owners have to renew theirs once Redis is back. Who
    hears nothing for `silence_s` may have missed an outage; so something is to be asked more often.
    """

    def __init__(self, now_s: float, *, lease_s: float, silence_s: float) -> None:
        self._lease_s = lease_s
        self._silence_s = silence_s
        self._is_away = False
        self._answered_s = self._back_s = now_s
        self._ended: list[_Ended] = []

    def failed(self, asked_s: float) -> None:
        """Note that Redis did not answer what was asked then; that may be news from before its return."""
        self._is_away = self._is_away or asked_s >= self._back_s

    def answered(self, now_s: float) -> None:
        """Note that it did; after an outage the owners' time begins."""
        silent_s = now_s - self._answered_s
        if self._is_away or silent_s > self._silence_s:
            running = [one for one in self._ended if now_s < one.until_s and one.lasted_s > silent_s]
            self._ended = [*running, _Ended(now_s + self._lease_s, silent_s)]
            self._back_s = now_s
        self._is_away, self._answered_s = False, now_s

    def spared_s(self, now_s: float) -> float:
        """Return for how long a lease may have lapsed because its owner could not renew it; 0 = not at all.

        So a part of Redis that fails all the time, or now and then, keeps no show with an owner who is gone.
        """
        silent_s = now_s - self._answered_s
        lasted = [one.lasted_s for one in self._ended if now_s < one.until_s]
        if self._is_away or silent_s > self._silence_s:
            lasted.append(silent_s)
        return max(lasted) + self._lease_s if lasted else 0.0
