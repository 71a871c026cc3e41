"""How long packets wait on the way: the delay above the least one seen lately.

The trend sees queues that grow; one that stands after a probe or a late answer it does not see, and the
draft's answer to it (0.85 x what arrives) empties a second of queue in seven; and one that grows by less
than 2.5% is below its threshold. So growth and probes wait for an empty way, and a queue that is long, or
that we fill ourselves, counts as overuse. Clocks differ by an unknown offset, hence the least delay of the
last 15 to 30 s is taken for the empty way's: a drift of 500 ppm is worth 15 ms by then, a new and longer
route is accepted after 30 s. And where no packet waits, a trend is but the trembling of a radio link.
"""

from streaming.bandwidth.delay_trend import Arrived

WINDOW_S = 15.0
EMPTY_S = 0.020
STANDING_S = 0.050
LONG_S = 0.250
FILLED_FOR_S = 1.0
FILLED_SHARE = 1.1


class QueueDelay:
    """`queue_s` is the newest feedback's least wait."""

    __slots__ = ("_before_s", "_began_s", "_least_s", "_long_feedbacks", "_standing_s", "queue_s")

    def __init__(self) -> None:
        self.queue_s = 0.0
        self._long_feedbacks = 0
        self._standing_s: float | None = None
        self._began_s: float | None = None
        self._least_s = self._before_s = float("inf")

    def note(self, now_s: float, least_transit_s: float) -> None:
        """Take the least (arrival - sent) of one feedback."""
        if self._began_s is None:
            self._began_s = now_s
        elif now_s - self._began_s >= WINDOW_S:
            self._began_s, self._before_s, self._least_s = now_s, self._least_s, least_transit_s
        self._least_s = min(self._least_s, least_transit_s)
        self.queue_s = least_transit_s - min(self._least_s, self._before_s)
        self._long_feedbacks = self._long_feedbacks + 1 if self.queue_s > LONG_S else 0
        if self.queue_s <= STANDING_S:
            self._standing_s = None
        elif self._standing_s is None:
            self._standing_s = now_s

    @property
    def empty(self) -> bool:
        """Whether packets do not wait."""
        return self.queue_s < EMPTY_S

    def is_empty_for(self, packet: Arrived) -> bool:
        """Whether this packet did not wait; False while nothing is known."""
        return self._began_s is not None and packet[2] - packet[0] < EMPTY_S + (
            min(self._before_s, self._least_s)
        )

    @property
    def standing(self) -> bool:
        """Whether packets wait at all."""
        return self._standing_s is not None

    def overused(self, now_s: float, estimate: float, acknowledged: float | None) -> bool:
        """Whether the queue is too long, or stands because the way is filled by us (rates in bits/s).

        Long counts at the second feedback: after a radio's pause everything comes at once, in one.
        """
        if self._long_feedbacks >= 2:
            return True
        if self._standing_s is None or now_s - self._standing_s < FILLED_FOR_S:
            return False
        return acknowledged is not None and estimate < FILLED_SHARE * acknowledged
