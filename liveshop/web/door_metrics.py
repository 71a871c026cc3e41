"""How the buying door of this process fares, for Prometheus; read from the door when somebody asks."""

import contextlib
from collections.abc import Iterable, Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from commerce.sale.door import BuyingDoor


class DoorCollector(Collector):
    """The figures of one door."""

    def __init__(self, door: BuyingDoor) -> None:
        self._door = door

    def collect(self) -> Iterable[Metric]:
        """Read the door's counters."""
        yield CounterMetricFamily(
            "liveshop_reservations_refused_busy",
            "Reservations refused because the line or the door was full.",
            value=self._door.refused_busy_total,
        )
        yield CounterMetricFamily(
            "liveshop_sold_out_from_memory",
            'Reservations answered "sold out" without asking Redis.',
            value=self._door.sold_out.answered_total,
        )
        yield GaugeMetricFamily(
            "liveshop_buyers_in_line",
            "Buyers who stand in line at this process.",
            value=self._door.in_line_total,
        )


@contextlib.contextmanager
def door_metrics(door: BuyingDoor) -> Iterator[None]:
    """Export a door's figures until the block is left."""
    collector = DoorCollector(door)
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
