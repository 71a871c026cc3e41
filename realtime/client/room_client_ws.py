"""A client that stays in the room: comes back by itself, goes on where it was, repeats its writes.

    async with RoomClient("wss://shop.example", "sh_...", token) as room:
        await room.write("comment", text="Hello")
        print(room.view.comments)

The rules are those of `static/lib/room/room.js` and written down in docs/clients.md: it reconnects after a
random wait (full jitter), presents its position, takes a snapshot when it gets one, enters without a position
when a frame does not follow, sends writes again with the same key until they are answered, and stays away for
good on a close code that says so.
"""

import asyncio
import contextlib
import random as system_random
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, Self

from websockets.exceptions import WebSocketException

from realtime.client.backoff import Backoff
from realtime.client.socket_ws import Json, RefusedError, RoomSocket, new_key
from realtime.client.view import GapError, RoomView
from realtime.sockets.close_codes import CloseCode

CONNECT_WITHIN_S = 10.0
WRITE_WITHIN_S = 60.0
LOOK_S = 1.0
SILENT_HEARTBEATS = 2.5
CLOCK_STEP_SPREAD_MS = 2_000
Token = Callable[[], Awaitable[str]]
Listener = Callable[[Json], None]


class Status(Enum):
    """`WAITING` is between two tries, `CLOSED` is for good."""

    CONNECTING = auto()
    OPEN = auto()
    WAITING = auto()
    CLOSED = auto()


class RoomClosedError(ConnectionError):
    """The room was left, or the server said not to come back; `code` is its close code or None."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the room is closed ({code})")
        self.code = code


class _Visit(RoomSocket):
    """One connection; frames go to the client."""

    def __init__(self, url: str, show: str, take: Listener, **options: Any) -> None:
        super().__init__(url, show, **options)
        self._take = take
        self.leave_now = asyncio.Event()

    def took(self, frame: Json) -> None:
        self._take(frame)


class RoomClient:
    """`token` is asked for an access token before every connection. `random` returns 0 to 1.

    `on_frame` hears every frame after the view has taken it: facts and comments come once each. `options` go
    to `websockets.asyncio.client.connect`.
    """

    def __init__(
        self,
        url: str,
        show: str,
        token: Token,
        *,
        language: str = "en",
        on_frame: Listener | None = None,
        random: Callable[[], float] = system_random.random,
        **options: Any,
    ) -> None:
        self._where = (url, show)
        self._token = token
        self._language = language
        self._on_frame = on_frame
        self._random = random
        self._options = options
        self._backoff = Backoff(random)
        self._visit: _Visit | None = None
        self._living: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._refused_tokens = 0
        # What the server told before it closed: how long to stay away.
        self._not_before_s = 0.0
        self.view = RoomView()
        self.status = Status.CONNECTING
        self.close_code: int | None = None
        self.connections_total = 0
        self.gaps_total = 0

    async def __aenter__(self) -> Self:
        """Connect, and wait until the first hello was answered. Raises `RoomClosedError`."""
        self._living = asyncio.create_task(self._live(), name=f"room client {self._where[1]}")
        try:
            await self._until_open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave the room for good."""
        self._set(Status.CLOSED)
        if self._living is not None:
            self._living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._living

    async def ask(self, kind: str, **fields: Any) -> Json:
        """Send something that is not repeated, such as likes. Raises `RefusedError`, ConnectionError."""
        await self._until_open()
        assert self._visit is not None
        return await self._visit.ask(kind, **fields)

    async def write(self, kind: str, within_s: float = WRITE_WITHIN_S, **fields: Any) -> Json:
        """Send a write, again after every reconnect with the same key, until it is answered.

        Raises `RefusedError` (a refusal that may pass is tried again after its `retry_after_ms`),
        `RoomClosedError` and TimeoutError.
        """
        key = fields.pop("key", None) or new_key()
        async with asyncio.timeout(within_s):
            while True:
                try:
                    return await self.ask(kind, key=key, **fields)
                except RefusedError as error:
                    if error.code != "unavailable":
                        raise
                    await asyncio.sleep(self._backoff_for(error))
                except RoomClosedError:
                    raise
                except (ConnectionError, TimeoutError):
                    await asyncio.sleep(0)  # the next connection repeats it

    async def until(self, true: Callable[[RoomView], object], within_s: float = CONNECT_WITHIN_S) -> None:
        """Wait until something is true of the view. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not true(self.view):
                await self._change()

    def _backoff_for(self, error: RefusedError) -> float:
        return float(error.frame.get("retry_after_ms") or 200 * (1 + self._random())) / 1000

    async def _until_open(self) -> None:
        while self.status is not Status.OPEN:
            if self.status is Status.CLOSED:
                raise RoomClosedError(self.close_code)
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _set(self, status: Status) -> None:
        self.status = status
        self._changed.set()

    async def _live(self) -> None:
        """Visit after visit, until one ends for good."""
        while True:
            self._set(Status.CONNECTING)
            at_once = False
            try:
                at_once = await self._one_visit()
            except (OSError, TimeoutError, WebSocketException, ConnectionError, RefusedError):
                pass  # not reached, or lost: tried again below
            except GapError:
                self.gaps_total += 1
                self.view = RoomView()
            if not self._comes_back():
                self._set(Status.CLOSED)
                return
            self._set(Status.WAITING)
            wait_s, self._not_before_s = self._not_before_s, 0.0
            await asyncio.sleep(0 if at_once else wait_s + self._backoff.next_s())

    def _comes_back(self) -> bool:
        code = self.close_code
        if code == CloseCode.UNAUTHORISED:
            # The token may have run out between its check and the hello: one more try with a new one.
            self._refused_tokens += 1
            return self._refused_tokens < 2
        return code is None or not 4500 <= code < 5000

    async def _one_visit(self) -> bool:
        """Connect, stay until it ends; returns whether to come back at once."""
        gaps: list[GapError] = []
        self.close_code = None
        visit = _Visit(*self._where, lambda frame: self._take(frame, gaps), **self._options)
        token = await self._token()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await visit.open()
        try:
            self._visit = visit
            async with asyncio.timeout(CONNECT_WITHIN_S):
                hello = await visit.ask(
                    "hello", token=token, position=self.view.position, language=self._language
                )
            if not gaps:
                self._entered()
                await self._stay(visit, hello["heartbeat_ms"] / 1000 * SILENT_HEARTBEATS, gaps)
        finally:
            self._visit = None
            if self.status is Status.OPEN:
                self._set(Status.WAITING)
            self.close_code = visit.close_code
            await visit.close()
        if gaps:
            raise gaps[0]
        return visit.leave_now.is_set()

    def _entered(self) -> None:
        self.connections_total += 1
        self._refused_tokens = 0
        self._not_before_s = 0.0
        self._backoff.reset()
        self._set(Status.OPEN)

    async def _stay(self, visit: _Visit, silent_s: float, gaps: list[GapError]) -> None:
        """Return when the socket ended, fell silent, told a gap, or is to be left."""
        clock = asyncio.get_running_loop().time
        ends = [asyncio.create_task(visit.closed.wait()), asyncio.create_task(visit.leave_now.wait())]
        try:
            while not gaps and clock() - visit.heard_s < silent_s:
                done, _ = await asyncio.wait(ends, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    return
        finally:
            for end in ends:
                end.cancel()

    def _take(self, frame: Json, gaps: list[GapError]) -> None:
        try:
            self._apply(frame)
        except GapError as error:
            gaps.append(error)
            if self._visit is not None:
                self._visit.leave_now.set()
            return
        if self._on_frame is not None:
            self._on_frame(frame)
        self._changed.set()

    def _apply(self, frame: Json) -> None:
        match frame["type"]:
            case "hello":
                self.view.take_hello(frame)
            case "tick":
                self.view.take_tick(frame)
                if any(fact["kind"] == "clock_stepped" for fact in frame["facts"]):
                    self._leave_within(CLOCK_STEP_SPREAD_MS)
            case "snapshot":
                self.view.take_snapshot(frame)
            case "you":
                self.view.take_you(frame)
            case "drain":
                self._leave_within(frame["after_ms"])
            case "error" if self.status is not Status.OPEN or frame["re"] is None:
                self._not_before_s = (frame["retry_after_ms"] or 0) / 1000

    def _leave_within(self, spread_ms: int) -> None:
        """Come back on another connection after a random part of this time."""
        visit = self._visit
        if visit is not None:
            asyncio.get_running_loop().call_later(self._random() * spread_ms / 1000, visit.leave_now.set)
