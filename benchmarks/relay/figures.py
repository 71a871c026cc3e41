"""From raw readings to the figures that are printed."""

import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.relay.source import PACKETS_PER_S
from benchmarks.relay.timed_viewer import Delays

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SLACK_S = 0.003


@dataclass
class Setting:
    """One number of viewers, measured.

    `video_bound_ms` is 3 ms over the fan-out of 99% of the frames, a key frame's; the median is an
    ordinary frame's.
    """

    viewers: int
    us_per_packet: float
    core_share: float
    packets_per_s: float
    audio_p99_ms: float
    video_p99_ms: float
    video_bound_ms: float
    video_median_ms: float
    received_share: float
    other: dict[str, float] = field(default_factory=dict)


def cpu_s(pid: int) -> float:
    """Return the CPU time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def resident_kib(pid: int) -> int:
    """Return a process's resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def datagrams_out() -> int:
    """Return how many datagrams this network namespace has sent."""
    rows = [
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Udp:")
    ]
    return int(rows[1][rows[0].index("OutDatagrams")])


def p99_ms(values: list[float]) -> float:
    """Return the 99th percentile in milliseconds; NaN for nothing."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))] * 1000 if values else float("nan")


def setting(viewers: int, seconds: float, cpu: float, packets: int, delays: Delays) -> Setting:
    """Bring one measurement together."""
    us_per_packet = cpu / max(1, packets) * 1e6
    bounds = [count * viewers * us_per_packet / 1e6 + SLACK_S for count, _ in delays.frames]
    frames = [delay for _, delay in delays.frames]
    seen = len(delays.sound) + len(delays.video)
    return Setting(
        viewers, us_per_packet, cpu / seconds, packets / seconds, p99_ms(delays.sound),
        p99_ms(frames), p99_ms(bounds), statistics.median(frames or [float("nan")]) * 1000,
        seen / max(1, delays.sent_total),
    )  # fmt: skip


def viewers_at(core_share: float, us_per_packet: float) -> int:
    """How many viewers of this source take that share of a core."""
    return int(core_share * 1e6 / (us_per_packet * PACKETS_PER_S))
