"""`.venv/bin/python -m benchmarks.room.herd [--json] [--viewers 5000] [--processes 2]`.

So many viewers watch; their front is killed with signal 9, its supervisor starts another. They come back by
the rules of docs/clients.md: a random wait that doubles, and staying away for as long as they are told.
Measured: when half, 99 of 100 and all of them are in the room again, counted from the kill; how often each
knocked; how many hellos a second were answered at the busiest; and the front's CPU time meanwhile.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from benchmarks import reports
from benchmarks.own_server import own_server
from benchmarks.relay.figures import cpu_s
from benchmarks.relay.workers import Worker
from benchmarks.room.__main__ import open_place, party
from benchmarks.room.viewers import TOGETHER, Party, door, until
from benchmarks.room_socket import RoomSocket, Stage, payload_of
from commerce.routing import Identity
from realtime.client.backoff import Backoff
from tests.liveshop.running_server import RunningServer

HELLO_WITHIN_S = 10.0
LIMIT_S = 120.0


class Visit(RoomSocket):
    """One connection of somebody who comes back."""

    def __init__(self, stage: Stage, token: str) -> None:
        super().__init__(stage.host, stage.port, stage.path, deflate=True)
        self._token = token
        self.not_before_s = 0.0
        self.ended = asyncio.get_running_loop().create_future()

    def on_upgraded(self) -> None:
        """Say hello."""
        self.send(f'{{"id":1,"type":"hello","token":"{self._token}"}}'.encode())

    def on_frame(self, frame: bytes) -> None:
        """Take the answer, and what is told at the door."""
        if self.ready.done() and frame[0] & 0x40:
            return
        text = payload_of(frame)
        if text.startswith(b'{"type":"hello"'):
            self.ready.set_result(None)
        elif text.startswith(b'{"type":"ping"'):
            self.send(b'{"id":0,"type":"pong"}')
        elif text.startswith(b'{"type":"error"'):
            self.not_before_s = (json.loads(text)["retry_after_ms"] or 0) / 1000

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        super().connection_lost(exc)
        if not self.ended.done():
            self.ended.set_result(None)


@dataclass
class Told:
    """What a process's viewers saw since the kill."""

    back_s: list[float] = field(default_factory=list)
    knocks: int = 0
    refused: int = 0


class Herd:
    """Viewers of one process."""

    def __init__(self, whose: Party) -> None:
        self._party = whose
        self._told = Told()
        self._here = 0
        self._numbers = itertools.count(whose.first)
        self._living: set[asyncio.Task[None]] = set()

    async def join(self, count: int) -> int:
        """Bring so many in."""
        for _ in range(0, count, TOGETHER):
            for _ in range(min(TOGETHER, count - len(self._living))):
                self._living.add(asyncio.create_task(self._live(next(self._numbers))))
            assert await until(lambda: self._here == len(self._living))
        return self._here

    async def come_back(self, count: int, killed_s: float) -> Told:
        """Wait until all are back."""
        await until(lambda: len(self._told.back_s) >= count, LIMIT_S)
        self._told.back_s = [moment_s - killed_s for moment_s in self._told.back_s]
        return self._told

    async def forget(self) -> None:
        """Count from now on."""
        self._told = Told()

    async def _live(self, number: int) -> None:
        who = Identity(f"gu_herd{number}", "guest", f"Bo {number}", "dv_bench")
        token, backoff = self._party.stage.token(who), Backoff(random.random)
        while True:
            wait_s = await self._visit(number, token, backoff)
            await asyncio.sleep(wait_s + backoff.next_s())

    async def _visit(self, number: int, token: str, backoff: Backoff) -> float:
        """Connect and stay until it ends; returns how long the server told to stay away."""
        loop, stage = asyncio.get_running_loop(), self._party.stage
        visit = Visit(stage, token)
        self._told.knocks += 1
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                line = door(stage, number, small=False)
                await loop.sock_connect(line, (stage.host, stage.port))
                await loop.create_connection(partial(_itself, visit), sock=line)
                await visit.ready
        except (OSError, TimeoutError, AssertionError):
            self._told.refused += 1
            visit.close()
            return visit.not_before_s
        backoff.reset()
        self._here += 1
        self._told.back_s.append(time.monotonic())
        await visit.ended
        self._here -= 1
        return visit.not_before_s


def _itself(visit: Visit) -> Visit:
    return visit


def run_herd(pipe: Connection, whose: Party) -> None:
    """Serve ("join", count), ("forget",), ("come_back", count, killed_s) and ("leave",)."""

    async def serve() -> None:
        herd = Herd(whose)
        while True:
            name, *arguments = await asyncio.to_thread(pipe.recv)
            if name == "leave":
                return
            pipe.send(await getattr(herd, name)(*arguments))

    uvloop.run(serve())


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("room.herd", __doc__)
    parser.add_argument("--viewers", type=int, default=5000)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with own_server() as server:
        report = measure(server, arguments.viewers, arguments.processes)
    reports.tell(report, as_json=arguments.json)
    return 0


def measure(server: RunningServer, viewers: int, processes: int) -> dict[str, Any]:
    """Let them in, kill the front, and wait until all are back."""
    place, each = asyncio.run(open_place(server)), viewers // processes
    with ExitStack() as stack:
        herds = [
            stack.enter_context(Worker(run_herd, party(server, place.market, number, each)))
            for number in range(processes)
        ]
        _together(herds, "join", each)
        _together(herds, "forget")
        killed_s, killed = time.monotonic(), server.kill("front-0")
        waits = [herd.tell("come_back", each, killed_s) for herd in herds]
        front_s = server.back_after("front-0", killed)
        told = [wait() for wait in waits]
        used_s = cpu_s(server.marks()["front-0"].pid)
    back_s = sorted(moment_s for one in told for moment_s in one.back_s)
    knocks = sum(one.knocks for one in told)
    return {
        "viewers": processes * each,
        "front_back_s": front_s,
        "back": len(back_s),
        "half_back_s": back_s[len(back_s) // 2],
        "p99_back_s": back_s[int(len(back_s) * 0.99) - 1],
        "all_back_s": back_s[-1],
        "knocks_per_viewer": knocks / len(back_s),
        "refused": sum(one.refused for one in told),
        "most_hellos_per_s": max(Counter(int(moment_s) for moment_s in back_s).values()),
        "front_cpu_s": used_s,
    }


def _together(herds: list[Worker], *order: object) -> list[Any]:
    return [wait() for wait in [herd.tell(*order) for herd in herds]]


if __name__ == "__main__":
    sys.exit(main())
