"""Buyers in a process of their own: real websockets to the room, one request each at a time."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Self

import msgspec
import uvloop

from benchmarks.room_socket import JOINS_PER_S, RoomSocket, Stage, payload_of, turn_of
from commerce.routing import Identity

TOGETHER = 50
ANSWER_LIMIT_S = 120.0
_decode = msgspec.json.Decoder().decode


@dataclass
class Outcome:
    """What came of one round: seconds from press to answer, and how often each answer came."""

    took_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0


class Buyer(RoomSocket):
    """One websocket; `on_answer` gets each answer to a request."""

    def __init__(self, stage: Stage, number: int) -> None:
        super().__init__(stage.host, stage.port, stage.path)
        self._stage = stage
        self.number = number
        self.on_answer: Callable[[Buyer, dict[str, Any]], None] | None = None
        self.pressed_s = 0.0
        self._ids = 1

    def on_upgraded(self) -> None:
        """Say hello."""
        token = self._stage.token(
            Identity(f"gu_bench{self.number}", "guest", f"Bo {self.number}", "dv_bench")
        )
        self.send(f'{{"id":1,"type":"hello","token":"{token}"}}'.encode())

    def on_frame(self, frame: bytes) -> None:
        """Take one message."""
        payload = payload_of(frame)
        if payload.startswith(b'{"type":"tick"'):
            return
        message = _decode(payload)
        if message["type"] == "ping":
            self.send(b'{"id":0,"type":"pong"}')
        elif message["type"] == "hello" and not self.ready.done():
            self.ready.set_result(None)
        elif not self.ready.done():
            self.fail(f"the server says {message}")
        elif "re" in message and self.on_answer is not None:
            self.on_answer(self, message)

    def press(self, variant: str, price_version: int) -> None:
        """Press Buy."""
        self._ids += 1
        key = f"press-{self.number}-{self._ids}"
        line = f'{{"variant":"{variant}","quantity":1,"price_version":{price_version}}}'
        self.pressed_s = time.perf_counter()
        self.send(f'{{"id":{self._ids},"type":"reserve","lines":[{line}],"key":"{key}"}}'.encode())


def _itself(buyer: Buyer) -> Buyer:
    return buyer


class Crowd:
    """All buyers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._buyers: list[Buyer] = []
        self._outcome = Outcome()
        self._left = 0
        self._done = asyncio.Event()

    async def join(self, count: int) -> int:
        """Connect this many, some at a time; returns how many are there."""
        loop, began_s = asyncio.get_running_loop(), time.monotonic()
        for first in range(len(self._buyers), count, TOGETHER):
            await turn_of(first, began_s, JOINS_PER_S)
            numbers = range(first, min(count, first + TOGETHER))
            made = [Buyer(self._stage, number) for number in numbers]
            door = self._stage.host, self._stage.port
            await asyncio.gather(*(loop.create_connection(partial(_itself, one), *door) for one in made))
            await asyncio.gather(*(one.ready for one in made))
            self._buyers += made
        return len(self._buyers)

    async def press(self, variants: list[tuple[str, int]]) -> Outcome:
        """Let everybody press for each variant in turn, the next as soon as one is answered."""
        self._outcome, self._left = Outcome(), len(self._buyers)
        self._done.clear()
        began_s, cpu_s = time.perf_counter(), time.process_time()
        left = {buyer.number: iter(variants) for buyer in self._buyers}

        def answered(buyer: Buyer, message: dict[str, Any]) -> None:
            self._outcome.waits_s.append(time.perf_counter() - buyer.pressed_s)
            word = "ok" if message["type"] == "ok" else message["code"]
            self._outcome.answers[word] = self._outcome.answers.get(word, 0) + 1
            go_on(buyer)

        def go_on(buyer: Buyer) -> None:
            wanted = next(left[buyer.number], None)
            if wanted is not None:
                buyer.press(*wanted)
                return
            self._left -= 1
            if not self._left:
                self._done.set()

        for buyer in self._buyers:
            buyer.on_answer = answered
            go_on(buyer)
        await asyncio.wait_for(self._done.wait(), ANSWER_LIMIT_S)
        self._outcome.took_s = time.perf_counter() - began_s
        self._outcome.cpu_s = time.process_time() - cpu_s
        return self._outcome


def _serve(pipe: Connection, stage: Stage) -> None:
    async def main() -> None:
        crowd = Crowd(stage)
        while True:
            name, argument = await asyncio.to_thread(pipe.recv)
            if name == "leave":
                return
            pipe.send(await getattr(crowd, name)(argument))

    uvloop.run(main())


class CrowdProcess:
    """A crowd in a process of its own; calls wait for its answer."""

    def __init__(self, stage: Stage) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, stage), daemon=True)
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(("leave", None))
        self._process.join(10)

    def join(self, count: int) -> int:
        """Connect this many buyers."""
        return int(self._ask("join", count))

    def press(self, variants: list[tuple[str, int]]) -> Outcome:
        """Let every buyer press for each of (variant, price version) in turn."""
        outcome = self._ask("press", variants)
        assert isinstance(outcome, Outcome)
        return outcome

    def _ask(self, name: str, argument: object) -> Any:
        self._pipe.send((name, argument))
        if not self._pipe.poll(ANSWER_LIMIT_S + 10):
            raise TimeoutError(f"no answer to {name}")
        return self._pipe.recv()
