"""`.venv/bin/python -m benchmarks.cascade [--json] [--viewers 100] [--seconds 10] [--rounds 3]`.

What it costs to spread one show over two media processes. In each round one server runs two media processes
on one core, everything else on the other. First so many viewers watch at the show's owner; then as many more
at a second process, which copies the show. CPU is each process's own, from /proc; packets are what it handed
to the kernel. The hop's delay is how much later a viewer at the copy gets what the source sent. Its cost at
the owner is measured in the fan-out alone, with and without one more receiver with a layout of its own.

The limit is the server wherever `seen` is 100%.
"""

import os
import re
import time
from contextlib import ExitStack
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks import reports
from benchmarks.own_server import own_server
from benchmarks.relay.figures import cpu_s, p99_ms
from benchmarks.relay.liveshop_server import open_shows
from benchmarks.relay.timed_viewer import Delays
from benchmarks.relay.workers import Target, Worker, run_crowd, run_source
from streaming.transport.batch_native import best_way
from tests.liveshop.running_server import RunningServer, until
from tests.streaming.test_forwarder import Hall

SETTLE_S = 4.0
JOINS_PER_S = 30
FRAMES, FRAME_PACKETS, PACKET_BYTES = 25, 4, 1100
TURNS = 40
# A front may count a viewer twice for a moment; the first half must not reach the second process.
MARGIN = 12
COUNTER = re.compile(rb"^streaming_packets_out_total (\d+)", re.MULTILINE)
SESSIONS = re.compile(rb"^streaming_sessions (\d+)", re.MULTILINE)
Figures = dict[str, float]


class Process:
    """One media process."""

    def __init__(self, server: RunningServer, name: str) -> None:
        self._server, self._name = server, name
        self.pid = server.marks()[name].pid

    def read(self) -> tuple[float, int]:
        """Return the CPU seconds used and the packets sent so far."""
        return cpu_s(self.pid), self._figure(COUNTER)

    def sessions(self) -> int:
        """How many sessions it carries."""
        return self._figure(SESSIONS)

    def _figure(self, pattern: re.Pattern[bytes]) -> int:
        match = pattern.search(self._server.inside(self._name, "/metrics"))
        return int(match[1]) if match else 0


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("cascade", __doc__)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    load = os.getloadavg()[1]
    rounds = [one_round(arguments.viewers, arguments.seconds) for _ in range(arguments.rounds)]
    middle = {name: median(figures[name] for figures in rounds) for name in rounds[0]}
    middle["hop_us_per_packet_at_owner"] = hop_us_per_packet(arguments.viewers)
    report: dict[str, Any] = {
        **middle,
        "viewers_each": arguments.viewers,
        "load_before": load,
        "rounds": rounds,
    }
    reports.tell(report, as_json=arguments.json, not_in_table=["rounds"])
    return 0


def one_round(viewers: int, seconds: float) -> Figures:
    """Measure the owner alone, then owner and copy."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    spread = {"LIVESHOP_MEDIAS": "2", "LIVESHOP_SPREAD_SESSIONS": str(viewers + MARGIN)}
    try:
        with ExitStack() as stack:
            server = stack.enter_context(own_server(LIVESHOP_PUBLIC_IP="127.0.0.1", **spread))
            return measure(stack, server, cores[0], viewers, seconds)
    finally:
        os.sched_setaffinity(0, cores)


def measure(stack: ExitStack, server: RunningServer, core: int, viewers: int, seconds: float) -> Figures:
    """Run both halves on a fresh server."""
    [(show, key)] = open_shows(server.address, 1)
    owner, copy = Process(server, "media-0"), Process(server, "media-1")
    for process in (owner, copy):
        os.sched_setaffinity(process.pid, {core})
    door = urlsplit(server.address)
    target = Target(str(door.hostname), int(door.port or 80), show, key)
    source = stack.enter_context(Worker(run_source, target))
    crowd = stack.enter_context(Worker(run_crowd, target))
    until(lambda: owner.sessions() == 1, 20, "the host")
    crowd.ask("join", viewers - 1, viewers / JOINS_PER_S)
    source.ask("watch")
    time.sleep(SETTLE_S)
    alone, delays = half(source, [owner], seconds)
    crowd.ask("join", viewers - 1, viewers / JOINS_PER_S)
    source.ask("watch")
    time.sleep(SETTLE_S)
    print(f"sessions: owner {owner.sessions()}, copy {copy.sessions()}", flush=True)
    both, late = half(source, [owner, copy], seconds)
    figures = {
        "alone_us_per_packet": alone[0]["us_per_packet"],
        "alone_core_share": alone[0]["core_share"],
        "owner_us_per_packet": both[0]["us_per_packet"],
        "owner_core_share": both[0]["core_share"],
        "copy_us_per_packet": both[1]["us_per_packet"],
        "copy_core_share": both[1]["core_share"],
        "sound_p99_ms_at_owner": p99_ms(delays.sound),
        "sound_p99_ms_at_copy": p99_ms(late.sound),
        "sound_median_ms_at_owner": median(delays.sound) * 1000,
        "sound_median_ms_at_copy": median(late.sound) * 1000,
        "seen_at_owner": seen(delays),
        "seen_at_copy": seen(late),
        "copy_sessions": float(copy.sessions()),
    }
    print("  ".join(f"{name} {value:.2f}" for name, value in figures.items()), flush=True)
    return figures


def half(source: Worker, processes: list[Process], seconds: float) -> tuple[list[Figures], Delays]:
    """Measure some processes for some seconds, and the timed viewer's delays."""
    before, began_s = [process.read() for process in processes], time.monotonic()
    delays: Delays = source.ask("measure", seconds)
    took_s = time.monotonic() - began_s
    figures = []
    for process, (cpu, packets) in zip(processes, before, strict=True):
        cpu_after, packets_after = process.read()
        used_s = cpu_after - cpu
        figures.append(
            {"us_per_packet": used_s / max(1, packets_after - packets) * 1e6, "core_share": used_s / took_s}
        )
    return figures, delays


def hop_us_per_packet(viewers: int) -> float:
    """Measure what one more receiver with a layout of its own costs a fan-out for each packet."""
    halls = [Hall(best_way()) for _ in range(2)]
    for hall in halls:
        hall.seat(viewers)
    halls[1].seat(1, mid="a copy")
    number = 1
    used: list[list[float]] = [[], []]
    for turn in range(2 * TURNS):
        began_s = time.process_time()
        for _ in range(FRAMES):
            halls[turn % 2].send(*[PACKET_BYTES] * FRAME_PACKETS, first=number)
            number += FRAME_PACKETS
        used[turn % 2].append((time.process_time() - began_s) / (FRAMES * FRAME_PACKETS) * 1e6)
    for hall in halls:
        hall.close()
    return min(used[1]) - min(used[0])  # whatever else runs only adds


def seen(delays: Delays) -> float:
    """Which share of the packets the timed viewer got."""
    return (len(delays.sound) + len(delays.video)) / max(1, delays.sent_total)


if __name__ == "__main__":
    raise SystemExit(main())
