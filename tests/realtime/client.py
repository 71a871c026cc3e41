"""A small client of the room for tests and benchmarks: connects, says hello, keeps the room's state.

    async with RoomClient(url, show, token) as mei:
        await mei.comment("Hello")
        await mei.until(lambda: "Hello" in mei.texts())

It follows the protocol as a browser does: facts, then talk, then state; `position` is what a reconnect
presents.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import Callable
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Json = dict[str, Any]
LIMIT_S = 10.0


class RefusedError(Exception):
    """The server answered with `error`; `frame` is the whole of it."""

    def __init__(self, frame: Json) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.frame = frame
        self.code: str = frame["code"]


class RoomClient:
    """One socket. `url` is the server's, such as "ws://127.0.0.1:8000"."""

    def __init__(
        self,
        url: str,
        show: str,
        token: str,
        *,
        position: Json | None = None,
        answers_pings: bool = True,
        **options: Any,
    ) -> None:
        self._url = f"{url}/ws/shows/{show}"
        self._token = token
        self._options = options
        self.answers_pings = answers_pings
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self.socket: ClientConnection | None = None
        self.position = position
        self.hello: Json = {}
        self.frames: list[Json] = []
        self.facts: list[Json] = []
        self.talk: list[Json] = []
        self.comments: dict[str, Json] = {}
        self.stock: dict[str, Json] = {}
        self.viewers = 0
        self.likes = 0
        self.left_out = 0
        self.host = "off"
        self.pinned: str | None = None
        self.you: list[Json] = []
        self.snapshots = 0
        self.drained: Json | None = None
        self.close_code: int | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        await self.say_hello()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect without a hello."""
        self.socket = await connect(
            self._url, subprotocols=[Subprotocol("liveshop.v1")], ping_interval=None, **self._options
        )
        self._reading = asyncio.create_task(self._read())

    async def say_hello(self) -> Json:
        """Send hello with the newest position and take the answer."""
        self.hello = await self.ask("hello", token=self._token, position=self.position, language="en")
        return self.hello

    async def close(self) -> None:
        """Close the socket and end the reader."""
        if self.socket is not None:
            await self.socket.close()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def send(self, kind: str, **fields: Any) -> int:
        """Send a message; returns its id."""
        assert self.socket is not None
        number = next(self._ids)
        await self.socket.send(json.dumps({"id": number, "type": kind, **fields}))
        return number

    async def ask(self, kind: str, **fields: Any) -> Json:
        """Send a message and wait for its answer. Raises `RefusedError`, and ConnectionError when closed."""
        frame = await self.send_and_wait(kind, **fields)
        if frame["type"] == "error":
            raise RefusedError(frame)
        return frame

    async def send_and_wait(self, kind: str, **fields: Any) -> Json:
        """Send a message and return its answer, also an error. Raises ConnectionError when closed."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        number = next(self._ids)
        self._answers[number] = answer
        assert self.socket is not None
        try:
            await self.socket.send(json.dumps({"id": number, "type": kind, **fields}))
        except ConnectionClosed as error:
            raise ConnectionError(f"closed with {self.close_code}") from error
        return await asyncio.wait_for(answer, LIMIT_S)

    def stop_reading(self) -> None:
        """Read nothing any more, as a stuck phone does."""
        assert self.socket is not None
        self.socket.transport.pause_reading()

    async def comment(self, text: str, key: str | None = None, reply_to: str | None = None) -> Json:
        """Say something; returns the comment."""
        answer = await self.ask("comment", text=text, key=key or new_key(), reply_to=reply_to)
        comment: Json = answer["comment"]
        return comment

    async def like(self, count: int = 1) -> None:
        """Send hearts."""
        await self.ask("like", count=count)

    async def reserve(
        self,
        variant: str,
        *,
        sale: str | None = None,
        quantity: int = 1,
        price_version: int = 1,
        key: str | None = None,
    ) -> Json:
        """Reserve one line; returns the reservation. Raises `RefusedError`."""
        line = {"variant": variant, "sale": sale, "quantity": quantity, "price_version": price_version}
        answer = await self.ask("reserve", lines=[line], key=key or new_key())
        reservation: Json = answer["reservation"]
        return reservation

    async def until(self, true: Callable[[], object], within_s: float = LIMIT_S) -> None:
        """Wait until something is true of this client. Raises AssertionError when it never is."""
        try:
            async with asyncio.timeout(within_s):
                while not true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within_s} s; last frames: {self.frames[-5:]}") from None

    async def until_self(self, true: Callable[[Self], object], within_s: float = LIMIT_S) -> None:
        """Wait until something is true of this client, which is handed in."""
        await self.until(lambda: true(self), within_s)

    async def until_comment(self, comment: str, within_s: float = LIMIT_S) -> None:
        """Wait until this comment is shown."""
        await self.until(lambda: comment in self.comments, within_s)

    async def until_facts(self, total: int, within_s: float = LIMIT_S) -> None:
        """Wait until so many facts came."""
        await self.until(lambda: len(self.facts) >= total, within_s)

    async def until_closed(self, within_s: float = LIMIT_S) -> int:
        """Wait for the server's close; returns its code."""
        await self.until(lambda: self.close_code is not None, within_s)
        assert self.close_code is not None
        return self.close_code

    async def until_fact(self, kind: str, within_s: float = LIMIT_S) -> Json:
        """Wait for a fact of this kind; returns the newest."""
        await self.until(lambda: any(fact["kind"] == kind for fact in self.facts), within_s)
        return [fact for fact in self.facts if fact["kind"] == kind][-1]

    def texts(self) -> list[str]:
        """The comments now shown, in order."""
        return [comment["text"] for comment in self.comments.values()]

    async def _read(self) -> None:
        assert self.socket is not None
        try:
            async for text in self.socket:
                frame = json.loads(text)
                if frame["type"] == "ping" and self.answers_pings:
                    await self.send("pong")
                self._take(frame)
                self._news.set()
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code
        self._news.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"closed with {self.close_code}"))

    def _take(self, frame: Json) -> None:
        self.frames.append(frame)
        match frame["type"]:
            case "ok" | "error" | "hello" if frame["re"] in self._answers:
                if frame["type"] == "hello":
                    self._take_hello(frame)
                answer = self._answers.pop(frame["re"])
                if not answer.done():
                    answer.set_result(frame)
            case "tick":
                self._take_tick(frame)
            case "snapshot":
                self.snapshots += 1
                self._take_snapshot(frame["snapshot"])
                self.position = frame["position"]
            case "you":
                self.you.append(frame)
            case "drain":
                self.drained = frame

    def _take_hello(self, frame: Json) -> None:
        assert (frame["snapshot"] is None) != (frame["missed"] is None)
        if frame["snapshot"] is not None:
            self._take_snapshot(frame["snapshot"])
        else:
            self._take_tick(frame["missed"])
        self.position = frame["position"]

    def _take_snapshot(self, snapshot: Json) -> None:
        self.comments = {comment["id"]: comment for comment in snapshot["comments"]}
        self.stock = dict(snapshot["stock"])
        self.viewers, self.likes = snapshot["viewers"], snapshot["likes"]
        self.host, self.pinned = snapshot["host"], snapshot["pinned"]

    def _take_tick(self, tick: Json) -> None:
        for fact in tick["facts"]:
            self.facts.append(fact)
            self._take_fact(fact)
        for comment in tick["talk"]:
            self.talk.append(comment)
            self.comments[comment["id"]] = comment
        state = tick["state"]
        self.viewers = state.get("viewers", self.viewers)
        self.likes = state.get("likes", self.likes)
        self.stock.update(state.get("stock", {}))
        self.left_out += tick["left_out"]
        if tick["position"] is not None:
            self.position = tick["position"]

    def _take_fact(self, fact: Json) -> None:
        match fact["kind"]:
            case "comment_deleted":
                self.comments.pop(fact["comment"], None)
            case "comments_removed":
                gone = [key for key, each in self.comments.items() if each["person"] == fact["person"]]
                for key in gone:
                    del self.comments[key]
            case "host":
                self.host = fact["state"]
            case "pin":
                self.pinned = fact["product"]


def new_key() -> str:
    """A fresh idempotency key."""
    return secrets.token_hex(12)
