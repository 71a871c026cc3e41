"""HTTP connections on which nothing is asked: bounded in time and number.

uvicorn gives up a connection that is idle after an answer, and no other: one that never sends a request,
sends it a byte a minute, or stops in the middle of a body stays for ever, and thousands of them use up the
process's open files. `PromptProtocol` is uvicorn's protocol with two bounds more:

- a request's head must be whole `HEAD_WITHIN_S` after the connection was made (or after the request's first
  byte), and a body must not pause for `BODY_PAUSE_S`; an unfinished head is answered with 408 (RFC 9110
  section 15.5.9), a connection that never asked is closed without a word: browsers open such in advance;
- of the connections on which no request is under way at most `IDLE_TOTAL` stay; the one idle longest gives
  way, so that whoever holds many pushes out their own. The bound is above the listening backlog: a crowd that
  comes back at once has its first requests still in the kernel when the last of it is accepted.
"""

import asyncio
from enum import Enum
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from liveshop.serving.idle_connections_metrics import GIVEN_UP

HEAD_WITHIN_S = 15.0
BODY_PAUSE_S = 30.0
IDLE_TOTAL = 4_500
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Awaited(Enum):
    """What a connection owes us."""

    REQUEST = "never_asked"
    HEAD = "head_unfinished"
    BODY = "body_paused"


class PromptProtocol(HttpToolsProtocol):
    """One HTTP connection; hand the class to uvicorn as `http`."""

    # Of all connections of the process, in the order in which they fell idle.
    idle: dict["PromptProtocol", None] = {}  # noqa: RUF012 shared on purpose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awaited = Awaited.REQUEST
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait(Awaited.REQUEST, HEAD_WITHIN_S)
        self._fall_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the rest of the head."""
        super().on_message_begin()
        self._wait(Awaited.HEAD, HEAD_WITHIN_S)

    def on_headers_complete(self) -> None:
        """Let the request run, and wait for its body."""
        self.idle.pop(self, None)
        self._wait(Awaited.BODY, BODY_PAUSE_S)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Wait for more."""
        self._wait(Awaited.BODY, BODY_PAUSE_S)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing: the answer is ours to give."""
        self._rest()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, and be gone: the parser and this object hold each other."""
        self._rest()
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # as uvicorn ends it

    def on_response_complete(self) -> None:
        """Be idle when no other request waits."""
        super().on_response_complete()
        if self.timeout_keep_alive_task is not None:
            self._fall_idle()

    def _fall_idle(self) -> None:
        self.idle[self] = None
        if len(self.idle) > IDLE_TOTAL:
            oldest = next(iter(self.idle))
            del self.idle[oldest]
            GIVEN_UP.labels("too_many").inc()
            oldest.transport.abort()

    def _wait(self, awaited: Awaited, within_s: float) -> None:
        self._awaited = awaited
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(within_s, self._give_up)

    def _rest(self) -> None:
        self.idle.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.flow.read_paused:
            # Nothing comes because we do not read: an earlier request is not answered, or the body not taken.
            self._wait(self._awaited, BODY_PAUSE_S)
            return
        self._deadline = None
        GIVEN_UP.labels(self._awaited.value).inc()
        if self._awaited is Awaited.BODY:
            self.transport.abort()
            return
        if self._awaited is Awaited.HEAD:
            self.transport.write(_TIMED_OUT)
        self.transport.close()
