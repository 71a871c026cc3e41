"""A client for tests: one socket that keeps everything it is told, so that it can be compared with the log.

    async with RoomClient(url, show, token) as mei:
        await mei.comment("Hello")
        await mei.until(lambda: "Hello" in mei.texts())

The socket is `realtime.client`'s; this one does not come back by itself, so that a test says when it does.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Self

from realtime.client.socket_ws import Json, RefusedError, RoomSocket, new_key

__all__ = ["LIMIT_S", "RefusedError", "RoomClient", "new_key"]
LIMIT_S = 10.0


class RoomClient(RoomSocket):
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
        super().__init__(url, show, answers_pings=answers_pings, **options)
        self._token = token
        self._news = asyncio.Event()
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
        self.staff = False
        self.board: Json = {}
        self.slow_mode_s = 0
        self.base = position
        self.base_snapshot: Json | None = None
        self.facts_since: list[Json] = []
        self.talk_since: list[Json] = []
        self.left_out_since = 0
        self.drained: Json | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        await self.say_hello()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def say_hello(self) -> Json:
        """Send hello with the newest position and take the answer."""
        self.hello = await self.ask("hello", token=self._token, position=self.position, language="en")
        return self.hello

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

    async def until_comment_by(self, person: str, within_s: float = LIMIT_S) -> None:
        """Wait until something new by this person came."""
        heard = len(self.talk)
        await self.until(lambda: any(each["person"] == person for each in self.talk[heard:]), within_s)

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

    def took(self, frame: Json) -> None:
        """Keep a frame and what it says."""
        self._news.set()
        self.frames.append(frame)
        match frame["type"]:
            case "hello":
                self._take_hello(frame)
            case "tick":
                self._take_tick(frame)
            case "snapshot":
                self.snapshots += 1
                self._take_snapshot(frame["snapshot"], frame)
                self.slow_mode_s = frame["slow_mode_s"]
            case "you":
                self.you.append(frame)
            case "drain":
                self.drained = frame

    def ended(self) -> None:
        """Wake who waits for the close."""
        self._news.set()

    def _take_hello(self, frame: Json) -> None:
        assert (frame["snapshot"] is None) != (frame["missed"] is None)
        self.staff = frame["you"]["role"] != "viewer"
        self.slow_mode_s = frame["slow_mode_s"]
        if frame["snapshot"] is not None:
            self._take_snapshot(frame["snapshot"], frame)
        else:
            self._take_tick(frame["missed"])
        self.position = frame["position"]

    def _take_snapshot(self, snapshot: Json, frame: Json) -> None:
        self.position = self.base = frame["position"]
        self.base_snapshot = snapshot
        self.facts_since, self.talk_since, self.left_out_since = [], [], 0
        self.board = {**snapshot["board"], **(frame.get("staff_board") or {})}
        self.comments = {comment["id"]: comment for comment in snapshot["comments"]}
        self.stock = dict(snapshot["stock"])
        self.viewers, self.likes = snapshot["viewers"], snapshot["likes"]
        self.host, self.pinned = snapshot["host"], snapshot["pinned"]

    def _take_tick(self, tick: Json) -> None:
        for fact in tick["facts"]:
            self.facts.append(fact)
            self.facts_since.append(fact)
            self._take_fact(fact)
        for comment in tick["talk"]:
            self.talk.append(comment)
            self.talk_since.append(comment)
            self.comments[comment["id"]] = comment
        state = tick["state"]
        self.viewers = state.get("viewers", self.viewers)
        self.likes = state.get("likes", self.likes)
        self.stock.update(state.get("stock", {}))
        self.left_out += tick["left_out"]
        self.left_out_since += tick["left_out"]
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
            case "slow_mode":
                self.slow_mode_s = fact["seconds"]
            case "board":
                self.board = {**self.board, fact["name"]: fact["value"]}
                if fact["value"] is None:
                    del self.board[fact["name"]]
