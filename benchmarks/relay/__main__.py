"""`.venv/bin/python -m benchmarks.relay [--json] [--viewers 100 150 300] [--pairs 3] [--receive-here]`.

The real server on one core (its media process), everything else on the other. CPU is the media process's own,
from /proc; packets are what it handed to the kernel. The limit is the server wherever its core share is far
below 100% and `seen` is 100%; the client's core is the limit otherwise.

The machine's speed changes within minutes, so Janus is measured in pairs: each time right after this server.
The pair whose ratio is the median is told, and all are listed, with how late each was and how many of its
packets came. There are pairs with 300 viewers each, where Janus is near its limit: just below it is woken
less often and costs less a packet, beyond it the cost leaps. And there are pairs at the same load, each
server with as many viewers as took 70% of a core before. `--pairs 0` leaves the comparisons out.

Those viewers say nothing, as is fair to Janus. What feedback costs is measured with 300 others: three layers
to choose from, header extensions, RTX, transport-wide feedback 20 times a second, one packet of 100 lost.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import own_network, reports
from benchmarks.cores import bind
from benchmarks.own_server import own_server
from benchmarks.relay import janus_server
from benchmarks.relay.descriptions import Features
from benchmarks.relay.figures import Setting, cpu_s, datagrams_out, p99_ms, resident_kib, setting, viewers_at
from benchmarks.relay.liveshop_server import LiveshopServer, open_shows
from benchmarks.relay.workers import Target, Worker, run_crowd, run_source

# So long after a handshake its memory is given back, which is nobody's sending.
SETTLE_S = 6.0
FAR_STEP, NEAR_STEP, MAX_STEPS = 1.4, 1.1, 16
STORM_VIEWERS, STORM_S = 500, 2.0
STANDING_VIEWERS = 50
SECOND_SHOW_VIEWERS = 5
FEATURED_VIEWERS = 300
# So long viewers take to climb to the highest layer.
CLIMB_S = 20.0
JANUS_VIEWERS = 300
# Both servers are compared where each takes so much of a core. How many viewers that are is reckoned from
# Janus' cost with the first ones.
SAME_LOAD = 0.70
JANUS_FIRST_VIEWERS = 150
JANUS_ALONE_PACKETS_PER_S = 188


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("relay", __doc__)
    parser.add_argument("--viewers", type=int, nargs="*", default=[100, 150, 300])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--pairs", type=int, default=3)
    own_network.add_option(parser)
    arguments = parser.parse_args()
    if own_network.is_possible() and not own_network.is_inside():
        return own_network.run_again_inside("benchmarks.relay", sys.argv[1:])
    with_janus = janus_server.is_installed() and own_network.is_inside()
    report = measure_liveshop(arguments.viewers, arguments.seconds)
    report["network"] = own_network.how_received()
    report |= measure_all_features(arguments.seconds)
    report |= measure_storm()
    if with_janus and arguments.pairs > 0:
        report |= compare_with_as_many(arguments.pairs, arguments.seconds)
        cost_us = report["settings"][-1]["us_per_packet"]
        report |= compare_at_same_load(cost_us, arguments.pairs, arguments.seconds)
    reports.tell(report, as_json=arguments.json, not_in_table=["settings", "pairs", "pairs_at_70_percent"])
    return 0


@contextmanager
def liveshop(shows: int) -> Iterator[tuple[LiveshopServer, list[Target]]]:
    """Run a server with the media process on core 0, all else on core 1."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    address = own_network.ADDRESS if own_network.is_inside() else "127.0.0.1"
    try:
        with own_server(LIVESHOP_PUBLIC_IP=address) as server:
            bench = LiveshopServer(server, open_shows(server.address, shows))
            os.sched_setaffinity(bench.pid, {cores[0]})
            door = urlsplit(bench.address)
            assert door.hostname is not None
            assert door.port is not None
            yield bench, [Target(door.hostname, door.port, show, key) for show, key in bench.shows]
    finally:
        os.sched_setaffinity(0, cores)


def measure_liveshop(settings: list[int], seconds: float) -> dict[str, Any]:
    """Measure each number of viewers, then the number that takes 70% of a core, then a second show beside.

    A packet's cost changes with their number, so the hall fills up in steps until it is nearly there.
    """
    with ExitStack() as stack:
        bench, (target, second) = stack.enter_context(liveshop(2))
        hall = Hall(bench, stack, target)
        results = [hall.measure(viewers, seconds) for viewers in settings]
        step = results[-1]
        for _ in range(MAX_STEPS):
            if step.core_share >= 0.66:
                break
            stride = FAR_STEP if step.core_share < 0.4 else NEAR_STEP
            wanted = min(viewers_at(SAME_LOAD - 0.01, step.us_per_packet), step.viewers * stride)
            step = hall.measure(int(wanted), seconds / 2)
        results.append(hall.measure(step.viewers, seconds))
        report = summary(results)
        report |= measure_second_show(second, seconds)
    return report


class Hall:
    """A show on a running server, its source, and its viewers, who become more."""

    def __init__(self, bench: LiveshopServer, stack: ExitStack, target: Target) -> None:
        self._bench = bench
        self._source = stack.enter_context(Worker(run_source, target))
        self._crowd = stack.enter_context(Worker(run_crowd, target))
        time.sleep(SETTLE_S)
        self._before_kib = resident_kib(bench.pid)
        self._present = 0

    def measure(self, viewers: int, seconds: float, settle_s: float = SETTLE_S) -> Setting:
        """Let so many come that there are `viewers`, and measure when they have settled."""
        joining = max(0, viewers - self._present - 1)
        came, took_s = self._crowd.ask("join", joining, joining / 60)
        print(f"{came} of {joining} more viewers came in within {took_s:.1f} s", flush=True)
        self._source.ask("watch")
        self._present += came + 1
        time.sleep(settle_s)
        one = one_setting(self._bench, self._source, self._present, seconds)
        one.other["kib_per_viewer"] = (resident_kib(self._bench.pid) - self._before_kib) / self._present
        print(row(one), flush=True)
        return one


def measure_second_show(target: Target, seconds: float) -> dict[str, float]:
    """Let a small show run in the same process, beside the large one; returns p99 of its sound and frames."""
    with Worker(run_source, target) as source, Worker(run_crowd, target) as crowd:
        time.sleep(SETTLE_S)
        crowd.ask("join", SECOND_SHOW_VIEWERS - 1, 1.0)
        source.ask("watch")
        time.sleep(SETTLE_S)
        delays = source.ask("measure", seconds)
        frames = [delay for _, delay in delays.frames]
        return {
            "second_show_audio_p99_ms": p99_ms(delays.sound),
            "second_show_video_p99_ms": p99_ms(frames),
        }


def measure_all_features(seconds: float) -> dict[str, Any]:
    """Measure viewers that do all that browsers do; see the top of this file.

    They are all in the highest layer where each gets the source's packets: `packets_per_viewer_s` tells.
    """
    with ExitStack() as stack:
        bench, (target,) = stack.enter_context(liveshop(1))
        hall = Hall(bench, stack, replace(target, features=Features.ALL))
        one = hall.measure(FEATURED_VIEWERS, seconds, CLIMB_S)
    one.other["packets_per_viewer_s"] = one.packets_per_s / one.viewers
    return {"us_per_packet_all_features": one.us_per_packet, "all_features": asdict(one)}


def one_setting(bench: LiveshopServer, source: Worker, viewers: int, seconds: float) -> Setting:
    """Measure for some seconds."""
    cpu, packets, began_s = cpu_s(bench.pid), bench.packets_out(), time.monotonic()
    delays = source.ask("measure", seconds)
    took_s = time.monotonic() - began_s
    return setting(viewers, took_s, cpu_s(bench.pid) - cpu, bench.packets_out() - packets, delays)


def summary(results: list[Setting]) -> dict[str, Any]:
    """Choose what the last line says: 300 viewers' figures, and the worst delays of all settings.

    Frames' are of the setting where they were furthest over their bound, or nearest to it.
    """
    main_one = results[-2]
    latest = max(results, key=lambda one: one.video_p99_ms - one.video_bound_ms)
    return {
        "us_per_packet": main_one.us_per_packet,
        "viewers": main_one.viewers,
        "packets_per_s": main_one.packets_per_s,
        "audio_p99_ms": max(one.audio_p99_ms for one in results),
        "video_p99_ms": latest.video_p99_ms,
        "video_bound_ms": latest.video_bound_ms,
        "kib_per_viewer": main_one.other["kib_per_viewer"],
        "viewers_at_70_percent": viewers_at(SAME_LOAD, results[-1].us_per_packet),
        "settings": [asdict(one) for one in results],
        "load_before": os.getloadavg()[1],
    }


def measure_storm() -> dict[str, float]:
    """Let 500 viewers come in 2 s while a show with 50 runs.

    Returns how late a standing viewer's sound was (p99) until all were in, and how long that took.
    """
    with ExitStack() as stack:
        _, (target,) = stack.enter_context(liveshop(1))
        source = stack.enter_context(Worker(run_source, target))
        crowd = stack.enter_context(Worker(run_crowd, target))
        crowd.ask("join", STANDING_VIEWERS, 2.0)
        source.ask("watch")
        time.sleep(SETTLE_S)
        source.ask("begin")
        came, took_s = crowd.ask("join", STORM_VIEWERS, STORM_S)
        delays = source.ask("end")
        print(f"join storm: {came} of {STORM_VIEWERS} viewers came in within {took_s:.1f} s", flush=True)
        return {"join_storm_audio_p99_ms": p99_ms(delays.sound), "join_storm_s": took_s}


def compare_with_as_many(pairs: int, seconds: float) -> dict[str, Any]:
    """Compare both with 300 viewers each."""
    found = [measure_pair(JANUS_VIEWERS, JANUS_VIEWERS, seconds) for _ in range(pairs)]
    median = median_of(found)
    told = {name: median[name] for name in ("us_per_packet", "janus_us_per_packet", "ratio")}
    return {**told, "pairs": found}


def compare_at_same_load(cost_us: float, pairs: int, seconds: float) -> dict[str, Any]:
    """Compare both at 70% of a core; `cost_us` is what this server took for a packet there."""
    viewers = viewers_at(SAME_LOAD, cost_us)
    janus = viewers_at(SAME_LOAD, measure_janus(JANUS_FIRST_VIEWERS, seconds).us_per_packet)
    found = [measure_pair(viewers, janus, seconds) for _ in range(pairs)]
    median = median_of(found)
    return {
        "ratio_at_70_percent": median["ratio"],
        "janus_viewers_at_70_percent": viewers_at(SAME_LOAD, median["janus_us_per_packet"]),
        "pairs_at_70_percent": found,
    }


def median_of(pairs: list[dict[str, float]]) -> dict[str, float]:
    """Return the pair whose ratio is the median."""
    return sorted(pairs, key=lambda pair: pair["ratio"])[len(pairs) // 2]


def measure_pair(viewers: int, janus_viewers: int, seconds: float) -> dict[str, float]:
    """Measure this server and then Janus, each with so many viewers."""
    with ExitStack() as stack:
        bench, (target,) = stack.enter_context(liveshop(1))
        ours = Hall(bench, stack, target).measure(viewers, seconds)
    janus = measure_janus(janus_viewers, seconds)
    return {
        "viewers": ours.viewers,
        "janus_viewers": janus.viewers,
        "us_per_packet": ours.us_per_packet,
        "janus_us_per_packet": janus.us_per_packet,
        "ratio": janus.us_per_packet / ours.us_per_packet,
        "core_share": ours.core_share,
        "janus_core_share": janus.core_share,
        "audio_p99_ms": ours.audio_p99_ms,
        "janus_audio_p99_ms": janus.audio_p99_ms,
        "received_share": ours.received_share,
        "janus_received_share": janus.received_share,
    }


def measure_janus(viewers: int, seconds: float) -> Setting:
    """Feed Janus the same and measure it."""
    cores = sorted(os.sched_getaffinity(0))
    root = Path(tempfile.mkdtemp(prefix="liveshop-bench-"))
    janus = janus_server.JanusServer(root)
    try:
        os.sched_setaffinity(0, {cores[-1]})
        bind(janus.pid, {cores[0]})
        time.sleep(SETTLE_S)
        target = Target("127.0.0.1", janus_server.HTTP_PORT)
        with Worker(run_source, target) as source, Worker(run_crowd, target) as crowd:
            came, _ = crowd.ask("join", viewers - 1, 6.0)
            source.ask("watch")
            time.sleep(SETTLE_S)
            cpu, packets = cpu_s(janus.pid), datagrams_out()
            delays = source.ask("measure", seconds)
            own = JANUS_ALONE_PACKETS_PER_S * seconds
            one = setting(
                came + 1, seconds, cpu_s(janus.pid) - cpu, int(datagrams_out() - packets - own), delays
            )
            print("janus:", row(one), flush=True)
            return one
    finally:
        janus.close()
        os.sched_setaffinity(0, cores)
        shutil.rmtree(root, ignore_errors=True)


def row(one: Setting) -> str:
    """One line of the table."""
    more = "".join(f"  {name} {value:.1f}" for name, value in one.other.items())
    return (
        f"{one.viewers:4} viewers  {one.us_per_packet:6.2f} us a packet  {one.core_share:5.0%} of a core  "
        f"{one.packets_per_s:8.0f} packets/s  sound p99 {one.audio_p99_ms:6.2f} ms  "
        f"frames p99 {one.video_p99_ms:6.2f} ms (bound {one.video_bound_ms:6.2f}), "
        f"median {one.video_median_ms:5.2f}  "
        f"seen {one.received_share:.1%}{more}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
