"""Whether Redis was away a moment ago: leases may have lapsed then whose owners live."""

from math import inf


class Outages:
    """What one process has seen of them. Times are seconds of the caller's monotonic clock.

    `lease_s` is how long a lease lasts, and how long owners have to renew theirs once Redis is back. Who
    hears nothing for `silence_s` may have missed an outage; so something is to be asked more often.
    """

    def __init__(self, now_s: float, *, lease_s: float, silence_s: float) -> None:
        self._lease_s = lease_s
        self._silence_s = silence_s
        self._is_away = False
        self._answered_s = now_s
        self._lasted_s = 0.0
        self._owners_until_s = -inf

    def failed(self) -> None:
        """Note that Redis did not answer."""
        self._is_away = True

    def answered(self, now_s: float) -> None:
        """Note that it did; after an outage the owners' time begins."""
        silent_s = now_s - self._answered_s
        if self._is_away or silent_s > self._silence_s:
            # A call from before the end may fail after it, which is no new outage.
            before_s = self._lasted_s if now_s < self._owners_until_s else 0.0
            self._lasted_s = max(silent_s, before_s)
            self._owners_until_s = now_s + self._lease_s
        self._is_away, self._answered_s = False, now_s

    def spared_s(self, now_s: float) -> float:
        """Return for how long a lease may have lapsed because its owner could not renew it; 0 = not at all.

        So a part of Redis that fails all the time, or now and then, keeps no show with an owner who is gone.
        """
        silent_s = now_s - self._answered_s
        is_away = self._is_away or silent_s > self._silence_s
        if not is_away and now_s >= self._owners_until_s:
            return 0.0
        lasted_s = self._lasted_s if now_s < self._owners_until_s else 0.0
        return max(lasted_s, silent_s) + self._lease_s
