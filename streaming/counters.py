"""Counters: every drop has a name. Written by one loop, read by /metrics."""

from collections import defaultdict


class Counters:
    """Named totals; the hot path adds to plain dictionaries."""

    __slots__ = ("drops", "totals")

    def __init__(self) -> None:
        self.drops: defaultdict[str, int] = defaultdict(int)
        self.totals: defaultdict[str, int] = defaultdict(int)

    def render(self, gauges: dict[str, float]) -> str:
        """Prometheus text: `streaming_drops_total{reason=}`, `streaming_<name>_total` and gauges."""
        lines = ["# TYPE streaming_drops_total counter"]
        lines += [
            f'streaming_drops_total{{reason="{reason}"}} {n}' for reason, n in sorted(self.drops.items())
        ]
        for name, value in sorted(self.totals.items()):
            lines += [f"# TYPE streaming_{name}_total counter", f"streaming_{name}_total {value}"]
        for name, gauge in sorted(gauges.items()):
            lines += [f"# TYPE streaming_{name} gauge", f"streaming_{name} {gauge}"]
        return "\n".join(lines) + "\n"
