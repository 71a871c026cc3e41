"""Counters: every drop has a name. Written by one loop, read by /metrics."""

from collections import defaultdict


class Counters:
    """Named totals; the hot path adds to plain dictionaries."""

    __slots__ = ("drops", "ended", "opened", "totals")

    def __init__(self) -> None:
        self.drops: defaultdict[str, int] = defaultdict(int)
        self.totals: defaultdict[str, int] = defaultdict(int)
        # Sessions by role ("publish", "watch"), and those that ended by role and reason.
        self.opened: defaultdict[str, int] = defaultdict(int)
        self.ended: defaultdict[tuple[str, str], int] = defaultdict(int)

    def render(self, gauges: dict[str, float]) -> str:
        """Prometheus text: `streaming_drops_total{reason=}`, `streaming_<name>_total` and gauges.

        Sessions are told by role and reason, never one by one: `streaming_sessions_opened_total{role=}` and
        `streaming_sessions_ended_total{role=,reason=}`.
        """
        lines = ["# TYPE streaming_drops_total counter"]
        lines += [
            f'streaming_drops_total{{reason="{reason}"}} {n}' for reason, n in sorted(self.drops.items())
        ]
        lines += self._sessions()
        for name, value in sorted(self.totals.items()):
            lines += [f"# TYPE streaming_{name}_total counter", f"streaming_{name}_total {value}"]
        for name, gauge in sorted(gauges.items()):
            lines += [f"# TYPE streaming_{name} gauge", f"streaming_{name} {gauge}"]
        return "\n".join(lines) + "\n"

    def _sessions(self) -> list[str]:
        opened, ended = "streaming_sessions_opened_total", "streaming_sessions_ended_total"
        lines = [f"# TYPE {opened} counter"]
        lines += [f'{opened}{{role="{role}"}} {n}' for role, n in sorted(self.opened.items())]
        lines += [f"# TYPE {ended} counter"]
        for (role, reason), n in sorted(self.ended.items()):
            lines.append(f'{ended}{{role="{role}",reason="{reason}"}} {n}')
        return lines
