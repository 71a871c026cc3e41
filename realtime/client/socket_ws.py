"""One websocket of the room: messages out, answers matched, heartbeats answered. It does not come back.

`RoomClient` (room_client_ws.py) is built on it and stays connected.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from realtime.messages import SUBPROTOCOL

Json = dict[str, Any]
ANSWER_WITHIN_S = 10.0


class RefusedError(Exception):
    """The server answered with `error`; `frame` is the whole of it."""

    def __init__(self, frame: Json) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.frame = frame
        self.code: str = frame["code"]


class RoomSocket:
    """A socket to `/ws/shows/{show}`; `url` is the server's, such as "ws://127.0.0.1:8000".

    `options` go to `websockets.asyncio.client.connect`. Subclasses are told of every frame by `took`.
    """

    def __init__(self, url: str, show: str, *, answers_pings: bool = True, **options: Any) -> None:
        self._url = f"{url}/ws/shows/{show}"
        self._options = options
        self.answers_pings = answers_pings
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._reading: asyncio.Task[None] | None = None
        self.socket: ClientConnection | None = None
        self.close_code: int | None = None
        self.closed = asyncio.Event()
        self.heard_s = 0.0

    async def open(self) -> None:
        """Connect without a hello. Raises OSError, TimeoutError or a WebSocketException."""
        # The room's own heartbeat does what pings of the websocket would.
        self.socket = await connect(
            self._url, subprotocols=[Subprotocol(SUBPROTOCOL)], ping_interval=None, **self._options
        )
        self.heard_s = asyncio.get_running_loop().time()
        self._reading = asyncio.create_task(self._read())

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
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except ConnectionClosed as error:
            raise ConnectionError(f"closed with {self.close_code}") from error
        finally:
            self._answers.pop(number, None)
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # the close may have been told to it, too

    def took(self, frame: Json) -> None:
        """Hear of a frame before its answer is handed on; for subclasses."""

    def ended(self) -> None:
        """Hear of the close; for subclasses."""

    async def _read(self) -> None:
        assert self.socket is not None
        try:
            async for text in self.socket:
                self.heard_s = asyncio.get_running_loop().time()
                frame = json.loads(text)
                if frame["type"] == "ping" and self.answers_pings:
                    await self.socket.send('{"type":"pong"}')
                self.took(frame)
                self._settle(frame)
        except ConnectionClosed:
            pass
        finally:
            self._end()

    def _settle(self, frame: Json) -> None:
        if frame["type"] in {"ok", "error", "hello"} and frame["re"] in self._answers:
            answer = self._answers.pop(frame["re"])
            if not answer.done():
                answer.set_result(frame)

    def _end(self) -> None:
        assert self.socket is not None
        self.close_code = self.socket.close_code
        self.closed.set()
        self.ended()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"closed with {self.close_code}"))


def new_key() -> str:
    """Return a fresh idempotency key."""
    return secrets.token_hex(12)
