"""A sender that fills its estimate, as an encoder would: shows what the estimator alone does."""

from streaming.bandwidth.estimator import Estimator
from streaming.bandwidth.probe import ProbePlan
from tests.lossy_link import LinkConditions
from tests.streaming.bandwidth.simulated_link import Clock, SimulatedLink, split

FRAME_S = 1 / 30
STEP_S = 0.005


class ElasticSender:
    """30 frames a second that follow the estimate up to `most` bits/s; probes for `most`, if wanted."""

    def __init__(
        self,
        conditions: LinkConditions,
        most: float = 5e6,
        probes: bool = True,
        seed: int = 1,
        drift: float = 0.0,
        interval_s: float = 0.050,
    ) -> None:
        self.clock = Clock()
        self.estimator = Estimator()
        self.most = most
        self.probes = probes
        self.history: list[tuple[float, float]] = []
        self.link = SimulatedLink(
            self.clock, conditions, self.estimator.on_feedback, seed, drift=drift, interval_s=interval_s
        )
        self.clock.every(FRAME_S, self._frame)
        self.clock.every(0.050, self._tick)

    def _frame(self) -> None:
        for size in split(max(100, min(self.most, self.estimator.bits_per_s) * FRAME_S / 8)):
            self.link.send(size)

    def _tick(self) -> None:
        now_s = self.clock.now_s
        self.estimator.on_time(now_s, self.link.newest_sent_s)
        self.history.append((now_s, self.estimator.bits_per_s))
        plan = self.estimator.plan_probe(now_s, self.most) if self.probes else None
        if plan is not None:
            send_burst(self.clock, self.link, plan)

    def reached_s(self, bits_per_s: float, after_s: float = 0.0) -> float:
        """When the estimate first reached a rate."""
        return next(at for at, rate in self.history if at >= after_s and rate >= bits_per_s)

    def fell_s(self, bits_per_s: float, after_s: float) -> float:
        """When the estimate first was at or below a rate."""
        return next(at for at, rate in self.history if at >= after_s and rate <= bits_per_s)

    def estimates(self, begin_s: float, end_s: float) -> list[float]:
        """Estimates between two moments."""
        return [rate for at, rate in self.history if begin_s <= at < end_s]


def send_burst(clock: Clock, link: SimulatedLink, plan: ProbePlan) -> None:
    """Send a probe's padding evenly, in steps of 5 ms, as packets of at most 1200 bytes."""
    steps = max(1, int(plan.duration_s / STEP_S))
    sizes = list(split(plan.size_bytes))
    for index, size in enumerate(sizes):
        step = index * steps // len(sizes)
        clock.at(clock.now_s + step * STEP_S, lambda size=size: link.send(size))  # type: ignore[misc]
