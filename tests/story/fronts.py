"""How busy a front was: read from its own figures."""

import re

from tests.liveshop.running_server import RunningServer

BUCKET = re.compile(r'^liveshop_loop_turn_cpu_seconds_bucket\{le="([^"]+)"[^}]*\} ([0-9.e+]+)$', re.MULTILINE)
LONGEST = re.compile(r"^liveshop_loop_turn_cpu_max_seconds(?:\{[^}]*\})? ([0-9.e+-]+)$", re.MULTILINE)
DELAY = re.compile(r'^liveshop_loop_delay_seconds_bucket\{le="([^"]+)"[^}]*\} ([0-9.e+]+)$', re.MULTILINE)


def busiest_turns(server: RunningServer, front: str) -> dict[str, float]:
    """Return p99 and the longest of a front's callbacks by thread CPU time, and its loop delay's p99 (ms)."""
    text = server.inside(front, "/metrics").decode()
    (longest,) = LONGEST.findall(text)
    return {
        "turn_p99_ms": quantile_ms(BUCKET.findall(text), 0.99),
        "turn_max_ms": round(float(longest) * 1000, 2),
        "delay_p99_ms": quantile_ms(DELAY.findall(text), 0.99),
    }


def quantile_ms(buckets: list[tuple[str, str]], share: float) -> float:
    """Return the upper edge of the bucket in which the quantile lies, in milliseconds."""
    counts = [(float(edge), float(count)) for edge, count in buckets]
    total = counts[-1][1]
    return next(edge for edge, count in counts if count >= share * total) * 1000
