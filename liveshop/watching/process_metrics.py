"""The figures of one process, in the Prometheus text format.

Everything is registered in prometheus_client's default registry: any part of the process may add to it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from liveshop.folders.runtime_folder_files import read_restarts
from liveshop.watching.loop_delay import PERIOD_S, LoopProbe

METRICS_TYPE = CONTENT_TYPE_LATEST

_FINE_STEPS_S = (0.0002, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.006, 0.0075)
_STEPS_S = (*_FINE_STEPS_S, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

LOOP_DELAY = Histogram(
    "liveshop_loop_delay_seconds",
    "How much later than asked a timer on the loop was called.",
    buckets=_STEPS_S,
)
LOOP_TURN = Histogram(
    "liveshop_loop_turn_cpu_seconds",
    "CPU time of the loop's thread in one turn in which something ran: no callback took longer. "
    "Media processes look at ten turns a second.",
    buckets=_STEPS_S,
)
LOOP_TURN_MAX = Gauge("liveshop_loop_turn_cpu_max_seconds", "The longest turn since the process was ready.")


class RestartsCollector(Collector):
    """How often the supervisor started children again; the first process of a machine says it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Read what the supervisor wrote."""
        family = CounterMetricFamily("liveshop_restarts", "Children started again, by kind.", labels=["kind"])
        for kind, count in read_restarts(self._folder).items():
            family.add_metric([kind], count)
        yield family


def own_metrics() -> bytes:
    """Return all figures of this process."""
    return generate_latest()


@contextlib.asynccontextmanager
async def measured(restarts_folder: Path | None, period_s: float = PERIOD_S) -> AsyncIterator[None]:
    """Measure the running loop until the block is left; with a folder, export the machine's restarts."""
    longest_s = 0.0

    def turned(turn_s: float) -> None:
        nonlocal longest_s
        LOOP_TURN.observe(turn_s)
        if turn_s > longest_s:
            longest_s = turn_s
            LOOP_TURN_MAX.set(turn_s)

    collector = RestartsCollector(restarts_folder) if restarts_folder is not None else None
    if collector is not None:
        REGISTRY.register(collector)
    probe = LoopProbe(asyncio.get_running_loop(), time.thread_time, LOOP_DELAY.observe, turned, period_s)
    probe.start()
    try:
        yield
    finally:
        probe.stop()
        if collector is not None:
            REGISTRY.unregister(collector)
