"""Buyers in a process of their own: real websockets to the room, one request each at a time.

They speak the least of RFC 6455 that is needed: no compression, frames masked with zeros, which is a mask
like any other and leaves the client's core to the requests.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Self, cast

import msgspec
import uvloop

from commerce.accounts.tokens import sign_access_token
from commerce.routing import Identity

UPGRADE = (
    "GET /ws/shows/{show} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: liveshop.v1\r\n\r\n"
)
TOKEN_LIFE_MS = 900_000
CLOSE = 0x08
TOGETHER = 50
ANSWER_LIMIT_S = 120.0
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Stage:
    """Where the buyers go; `key` signs access tokens."""

    host: str
    port: int
    show: str
    key: bytes


@dataclass
class Outcome:
    """What came of one round: seconds from press to answer, and how often each answer came."""

    took_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0


class Buyer(asyncio.Protocol):
    """One websocket; `on_answer` gets each answer to a request."""

    def __init__(self, stage: Stage, number: int) -> None:
        self._stage = stage
        self.number = number
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_answer: Callable[[Buyer, dict[str, Any]], None] | None = None
        self.pressed_s = 0.0
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._upgraded = False
        self._ids = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        stage = self._stage
        self._transport.write(UPGRADE.format(show=stage.show, host=stage.host, port=stage.port).encode())

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        while (payload := self._frame()) is not None:
            if payload.startswith(b'{"type":"tick"'):
                continue
            message = _decode(payload)
            if message["type"] == "ping":
                self._send(b'{"id":0,"type":"pong"}')
            elif message["type"] == "hello" and not self.ready.done():
                self.ready.set_result(None)
            elif not self.ready.done():
                self.ready.set_exception(ConnectionError(f"the server says {message}"))
            elif "re" in message and self.on_answer is not None:
                self.on_answer(self, message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's name
        """Say so when it was before the hello."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("a buyer was turned away"))

    def press(self, variant: str, price_version: int) -> None:
        """Press Buy."""
        self._ids += 1
        key = f"press-{self.number}-{self._ids}"
        line = f'{{"variant":"{variant}","quantity":1,"price_version":{price_version}}}'
        self.pressed_s = time.perf_counter()
        self._send(f'{{"id":{self._ids},"type":"reserve","lines":[{line}],"key":"{key}"}}'.encode())

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        assert self._buffer.startswith(b"HTTP/1.1 101 "), bytes(self._buffer[:200])
        del self._buffer[: end + 4]
        self._upgraded = True
        expires_at_ms = int(time.time() * 1000) + TOKEN_LIFE_MS
        identity = Identity(f"gu_bench{self.number}", "guest", f"Bo {self.number}", "dv_bench")
        token = sign_access_token(identity, expires_at_ms, self._stage.key)
        self._send(f'{{"id":1,"type":"hello","token":"{token}"}}'.encode())
        return True

    def _send(self, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        self._transport.write(head + bytes(4) + payload)

    def _frame(self) -> bytes | None:
        """Take one whole frame's payload."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        if buffer[0] & 0x0F == CLOSE:
            raise ConnectionError(f"the server closed: {bytes(buffer[start + 2 : start + size]).decode()}")
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return payload


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
        loop = asyncio.get_running_loop()
        for first in range(len(self._buyers), count, TOGETHER):
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
