"""Viewers in a process of their own: they watch, and some of them talk, like and buy.

Their times are `time.monotonic()`, which all processes of a machine share; a comment's text begins with it.
"""

import asyncio
import itertools
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import uvloop

from benchmarks.room.told import Frames, Place, Told, latencies_ms
from benchmarks.room.voting import CHOICES_TOTAL
from benchmarks.room_socket import JOINS_PER_S, RoomSocket, Stage, payload_of, turn_of
from commerce.routing import Identity

TOGETHER = 25
SMALL_WINDOW_BYTES = 8 * 1024
ADDRESSES = 200
STEP_S = 0.05
PATIENCE_S = 10.0
PACE_S = 0.01
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Party:
    """One process's viewers: numbers from `first`, the accounts of moderators among them, how many are small.

    `small_every`: every so many-th takes little at a time.
    """

    stage: Stage
    first: int
    moderators: tuple[str, ...] = ()
    small_every: int = 10


@dataclass(frozen=True)
class Doings:
    """What a process's viewers do for some seconds; `goods` are (variant, price version).

    `ballot` is the question or the poll that is voted for.
    """

    seconds: float
    comments_per_s: float = 0.0
    likes_per_s: float = 0.0
    purchases_per_s: float = 0.0
    goods: tuple[tuple[str, int], ...] = ()
    votes_per_s: float = 0.0
    ballot: str = ""


@dataclass
class Seen:
    """What a process saw: frames delivered, CPU share of a core, times, answers to purchases and votes."""

    frames: int = 0
    cpu_share: float = 0.0
    comments_ms: Counter[int] = field(default_factory=Counter)
    purchases_ms: Counter[int] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    votes: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Seen") -> None:
        """Take in another process's."""
        self.frames += other.frames
        self.cpu_share = max(self.cpu_share, other.cpu_share)
        self.comments_ms += other.comments_ms
        self.purchases_ms += other.purchases_ms
        self.answers += other.answers
        self.votes += other.votes
        self.closed += other.closed


class Viewer(RoomSocket):
    """One viewer."""

    def __init__(self, stage: Stage, frames: Frames, who: Identity, answered: Callable[..., None]) -> None:
        super().__init__(stage.host, stage.port, stage.path, deflate=True)
        self._stage, self._frames, self._who, self._answered = stage, frames, who, answered
        self.place = Place()
        self.small = False
        self.had: list[int | str] | None = None
        self.pressed_s: dict[int, float] = {}
        self.voting: set[int] = set()
        self._ids = itertools.count(2)

    @property
    def ended(self) -> str:
        """How a lost connection ended: the server's close code, or none."""
        small = "small window" if self.small else "ordinary"
        return f"{self.close_code or 'without a word'}, {small}"

    @property
    def waits(self) -> bool:
        """Whether a purchase or a vote is not answered yet."""
        return bool(self.pressed_s or self.voting)

    def on_upgraded(self) -> None:
        """Say hello."""
        self.send(f'{{"id":1,"type":"hello","token":"{self._stage.token(self._who)}"}}'.encode())

    def data_received(self, data: bytes) -> None:
        """Take what others had before at once."""
        told = None if self._buffer else self._frames.known.get(data)
        if told is None:
            super().data_received(data)
        else:
            self._take(told)

    def on_frame(self, frame: bytes) -> None:
        """Take any frame."""
        told = self._frames.known.get(frame) or self._frames.read(frame)
        if isinstance(told, Told):
            self._take(told)
        elif told.type == "ping":
            self.send(b'{"id":0,"type":"pong"}')
        elif told.type == "hello" and told.position is not None:
            self.place.begin(told.position.offset)
            self.ready.set_result(None)
        elif told.re is not None and (told.re in self.pressed_s or told.re in self.voting):
            word = "ok" if told.type == "ok" else _decode(payload_of(frame))["code"]
            self.voting.discard(told.re)
            pressed_s = self.pressed_s.pop(told.re, None)
            self._answered(None if pressed_s is None else time.monotonic() - pressed_s, word)
        elif not self.ready.done():
            self.fail(f"the server says {payload_of(frame).decode()}")

    def say(self, number: int) -> None:
        """Write a comment that says when it was written."""
        key = f"comment-{os.getpid()}-{number}"
        text = f"{time.monotonic():.4f} which of the two is the milder one, number {number}?"
        self.send(f'{{"id":{next(self._ids)},"type":"comment","text":"{text}","key":"{key}"}}'.encode())

    def like(self) -> None:
        """Send a heart."""
        self.send(b'{"id":%d,"type":"like","count":1}' % next(self._ids))

    def buy(self, variant: str, price_version: int) -> None:
        """Press Buy."""
        mark = next(self._ids)
        line = f'{{"variant":"{variant}","quantity":1,"price_version":{price_version}}}'
        self.pressed_s[mark] = time.monotonic()
        key = f"press-{os.getpid()}-{self._who.person}-{mark}"
        self.send(f'{{"id":{mark},"type":"reserve","lines":[{line}],"key":"{key}"}}'.encode())

    def vote(self, ballot: str, turn: int) -> None:
        """Choose the next of the poll's choices, or be for the question and not in turn."""
        mark, poll = next(self._ids), ballot.startswith("pl_")
        self.voting.add(mark)
        for_it = f'"poll":"{ballot}","choice":{turn % CHOICES_TOTAL}'
        if not poll:
            for_it = f'"comment":"{ballot}","on":{"false" if turn % 2 else "true"}'
        kind, key = "vote_poll" if poll else "vote_question", f"vote-{os.getpid()}-{self._who.person}-{mark}"
        self.send(f'{{"id":{mark},"type":"{kind}",{for_it},"key":"{key}"}}'.encode())

    def _take(self, told: Told) -> None:
        told.arrivals_s.append(time.monotonic())
        self.place.take(told)
        if self.had is not None:
            self.had += (*told.facts, *told.comments)


class Crowd:
    """All viewers of one process."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._frames = Frames()
        self._viewers: list[Viewer] = []
        self._seen = Seen()
        self._said = 0

    async def join(self, count: int) -> int:
        """Connect the moderators and this many viewers, some at a time; returns how many are there."""
        first = self._party.first + len(self._viewers)
        people = [
            Identity(f"gu_room{n}", "guest", f"Bo {n}", "dv_bench") for n in range(first, first + count)
        ]
        if not self._viewers:
            staff = [Identity(person, "account", "Mo", "dv_bench") for person in self._party.moderators]
            for moderator in await self._enter(staff):
                moderator.had = []
        began_s = time.monotonic()
        for start in range(0, len(people), TOGETHER):
            await turn_of(start, began_s, JOINS_PER_S / 2)  # two processes, by default
            await self._enter(people[start : start + TOGETHER])
        return len(self._viewers)

    async def act(self, doings: Doings) -> Seen:
        """Watch for some seconds while some do this; what is on its way at the end still counts."""
        self._seen, before = Seen(), sum(viewer.place.frames for viewer in self._viewers)
        self._frames.ticks = []
        began_s, cpu_s = time.monotonic(), time.process_time()
        await asyncio.gather(
            asyncio.sleep(doings.seconds),
            _pace(doings.comments_per_s, doings.seconds, self._say),
            _pace(doings.likes_per_s, doings.seconds, lambda _: random.choice(self._viewers).like()),
            _pace(doings.purchases_per_s, doings.seconds, lambda number: self._buy(doings, number)),
            _pace(doings.votes_per_s, doings.seconds, lambda number: self._vote(doings, number)),
        )
        took_s = time.monotonic() - began_s
        self._seen.cpu_share = (time.process_time() - cpu_s) / took_s
        self._seen.frames = sum(viewer.place.frames for viewer in self._viewers) - before
        await until(lambda: not any(viewer.waits and not viewer.lost for viewer in self._viewers))
        self._seen.closed = Counter(viewer.ended for viewer in self._viewers if viewer.lost)
        self._seen.comments_ms = latencies_ms(self._frames.ticks)
        return self._seen

    async def stop_reading(self) -> None:
        """Read nothing any more, all of them; their sockets stay open."""
        for viewer in self._viewers:
            viewer.pause()

    async def places(self, end: int) -> tuple[list[tuple[int, int, int]], int, list[Any]]:
        """Wait until all are at this offset.

        Returns viewers' (start, end, facts had), how often something was out of order or a socket gone, and
        moderators' (start, what they had).
        """
        await until(lambda: all(viewer.place.end >= end or viewer.lost for viewer in self._viewers))
        wrong = sum(viewer.lost + viewer.place.disorder for viewer in self._viewers)
        had = [(viewer.place.start, viewer.had) for viewer in self._viewers if viewer.had is not None]
        places = [viewer.place for viewer in self._viewers if viewer.had is None]
        stands = [(place.start, place.end, place.facts) for place in places]
        return stands, wrong, had

    async def _enter(self, people: list[Identity]) -> list[Viewer]:
        loop, stage = asyncio.get_running_loop(), self._party.stage
        made = [Viewer(stage, self._frames, who, self._answered) for who in people]
        for number, viewer in enumerate(made, len(self._viewers)):
            viewer.small = number % self._party.small_every == 0
            line = door(stage, self._party.first + number, small=viewer.small)
            await loop.sock_connect(line, (stage.host, stage.port))
            await loop.create_connection(partial(_itself, viewer), sock=line)
        await asyncio.gather(*(viewer.ready for viewer in made))
        self._viewers += made
        return made

    def _answered(self, took_s: float | None, word: str) -> None:
        """Count the answer to a purchase, which took so long, or to a vote (None)."""
        if took_s is None:
            self._seen.votes[word] += 1
            return
        self._seen.purchases_ms[int(took_s * 1000)] += 1
        self._seen.answers[word] += 1

    def _say(self, _: int) -> None:
        self._said += 1
        random.choice(self._viewers).say(self._said)

    def _vote(self, doings: Doings, number: int) -> None:
        """All vote once, then all again: nobody more often than the server lets them."""
        turn, who = divmod(number, len(self._viewers))
        self._viewers[who].vote(doings.ballot, turn)

    def _buy(self, doings: Doings, number: int) -> None:
        """Each viewer buys one variant after the other, so that nobody holds a thing twice."""
        turn, who = divmod(number, len(self._viewers))
        self._viewers[who].buy(*doings.goods[turn % len(doings.goods)])


async def until(true: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    """Look again and again for so many seconds at most; returns whether it became true."""
    for _ in range(int(within_s / STEP_S)):
        if true():
            return True
        await asyncio.sleep(STEP_S)
    return true()


def door(stage: Stage, number: int, *, small: bool) -> socket.socket:
    """Return a socket with one of many source addresses; one viewer in ten takes little at a time."""
    line = socket.socket()
    line.setblocking(False)
    if small:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW_BYTES)
    if stage.host == "127.0.0.1":
        line.bind((f"127.0.1.{number % ADDRESSES + 1}", 0))
    return line


async def _pace(per_s: float, seconds: float, do: Callable[[int], None]) -> None:
    """Call `do` with 0, 1, 2, ... at this rate."""
    began_s, done = time.monotonic(), 0
    while (passed_s := time.monotonic() - began_s) < seconds and per_s:
        for number in range(done, int(passed_s * per_s)):
            do(number)
        done = int(passed_s * per_s)
        await asyncio.sleep(PACE_S)


def _itself(viewer: Viewer) -> Viewer:
    return viewer


def run_crowd(pipe: Connection, party: Party) -> None:
    """Serve ("join", count), ("act", doings), ("stop_reading",), ("places", end) and ("leave",)."""

    async def main() -> None:
        crowd = Crowd(party)
        while True:
            name, *arguments = await asyncio.to_thread(pipe.recv)
            if name == "leave":
                return
            pipe.send(await getattr(crowd, name)(*arguments))

    uvloop.run(main())
