"""The room's counters, gauges and histograms, given to Prometheus.

Counters are counted for every frame, so they are plain numbers here, and become Prometheus' when it asks.
"""

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from realtime.metrics import DESCRIPTIONS

STEPS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
PREFIX = "liveshop_"


class RoomMetrics(Collector):
    """`realtime.ports.Metrics` for prometheus_client; made once for a registry."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._counters: dict[str, int] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, text in DESCRIPTIONS.items():
            kind, _, rest = text.partition(": ")
            if kind == "Gauge":
                self._gauges[name] = Gauge(PREFIX + name, rest, registry=registry)
            elif kind == "Histogram":
                self._histograms[name] = Histogram(PREFIX + name, rest, buckets=STEPS_S, registry=registry)
            else:
                self._counters[name] = 0
        registry.register(self)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Give the counters as they stand."""
        for name, total in self._counters.items():
            yield CounterMetricFamily(PREFIX + name.removesuffix("_total"), DESCRIPTIONS[name], value=total)

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter."""
        self._counters[name] += amount

    def gauge(self, name: str, value: float) -> None:
        """Set a gauge."""
        self._gauges[name].set(value)

    def observe(self, name: str, value_s: float) -> None:
        """Add a duration to a histogram."""
        self._histograms[name].observe(value_s)
