"""When a child is started again, and when the supervisor gives up. Pure: it is told what happened."""

from dataclasses import dataclass

DEATHS_BEFORE_READY_MAX = 5
DELAYS_S = (0.0, 0.2, 0.5, 1.0, 1.5)


@dataclass(slots=True)
class Restarts:
    """Counts the deaths of one child.

    `deaths` counts those in a row before it was ready; `restarts_total` every start after the first.
    """

    deaths: int = 0
    restarts_total: int = 0

    def died(self, *, was_ready: bool) -> float | None:
        """Return how long to wait before the next start, in seconds; None to give up.

        One that was ready starts at once, every time; one that was not waits a little longer each time.
        """
        self.deaths = 0 if was_ready else self.deaths + 1
        if self.deaths >= DEATHS_BEFORE_READY_MAX:
            return None
        self.restarts_total += 1
        return DELAYS_S[self.deaths]
