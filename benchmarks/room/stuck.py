"""`.venv/bin/python -m benchmarks.room.stuck [--json] [--viewers N] [--stuck N] [--rounds N] [--small]`.

A room that talks and likes as a busy one does. In each round so many more viewers come in, and then stop
reading all at once: their windows stay closed, their sockets open. Measured: after how many seconds the first
and the last of them are gone (the kernel's connections to the front's port are counted, so that nothing of
ours is believed), what the front weighed meanwhile, what is left of that when they are gone, and how late
comments were for everybody else before and during. Their own kernels go on taking 128 KiB and more for them,
which costs the server nothing; with `--small` it is 8 KiB.
"""

import asyncio
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import reports
from benchmarks.own_server import own_server
from benchmarks.relay.figures import resident_kib
from benchmarks.relay.workers import Worker
from benchmarks.room.__main__ import COMMENTS_PER_S, LIKES_PER_S, open_place, party
from benchmarks.room.told import percentile
from benchmarks.room.viewers import Doings, run_crowd
from tests.liveshop.running_server import RunningServer

BEFORE_S = 10.0
LOOK_S = 0.25
LIMIT_S = 90.0
SETTLE_S = 5.0
"""After the last is gone: what was kept for it is given back once a second."""
ESTABLISHED = "01"
"""Linux, include/net/tcp_states.h."""


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("room.stuck", __doc__)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--stuck", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="small receive windows for those who stop")
    arguments = parser.parse_args()
    with own_server() as server:
        report = measure(server, arguments.viewers, arguments.stuck, arguments.rounds, small=arguments.small)
    reports.tell(report, as_json=arguments.json)
    return 0


def measure(server: RunningServer, viewers: int, stuck: int, rounds: int, *, small: bool) -> dict[str, Any]:
    """Let the readers in, and then so many that stop reading, again and again."""
    place = asyncio.run(open_place(server))
    port = urlsplit(server.address).port
    assert port is not None
    report: dict[str, Any] = {"viewers": viewers, "stuck": stuck, "rounds": []}
    with ExitStack() as stack:
        readers = stack.enter_context(Worker(run_crowd, party(server, place.market, 0, viewers)))
        readers.ask("join", viewers)
        quiet = readers.ask("act", Doings(BEFORE_S, COMMENTS_PER_S, LIKES_PER_S))
        report["comment_p99_ms_before"] = percentile(quiet.comments_ms, 0.99)
        report["kib_before"] = resident_kib(place.pid)
        for number in range(1, rounds + 1):
            stuck_ones = party(server, place.market, number, max(viewers, stuck))
            small_share = 1 if small else stuck_ones.small_every
            with Worker(run_crowd, replace(stuck_ones, small_every=small_share)) as others:
                report["rounds"].append(_round(place.pid, port, readers, others, stuck))
    return report


def _round(pid: int, port: int, readers: Worker, others: Worker, stuck: int) -> dict[str, Any]:
    before = connections_to(port)
    others.ask("join", stuck)
    heaviest_kib = resident_kib(pid)
    acting = readers.tell("act", Doings(LIMIT_S / 2, COMMENTS_PER_S, LIKES_PER_S))
    others.ask("stop_reading")
    began_s = time.monotonic()
    first_s, last_s = None, None
    while (passed_s := time.monotonic() - began_s) < LIMIT_S and last_s is None:
        left = connections_to(port) - before
        heaviest_kib = max(heaviest_kib, resident_kib(pid))
        first_s = passed_s if first_s is None and left < stuck else first_s
        last_s = passed_s if left <= 0 else None
        time.sleep(LOOK_S)
    during = acting()
    time.sleep(SETTLE_S)
    return {
        "first_gone_s": first_s,
        "all_gone_s": last_s,
        "kib_heaviest": heaviest_kib,
        "kib_after": resident_kib(pid),
        "comment_p99_ms": percentile(during.comments_ms, 0.99),
    }


def connections_to(port: int) -> int:
    """Return how many established TCP connections end at this port of ours."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(words[1].endswith(f":{port:04X}") and words[3] == ESTABLISHED for words in lines)


if __name__ == "__main__":
    sys.exit(main())
