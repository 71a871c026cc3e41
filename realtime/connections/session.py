"""One connection's protocol, without I/O: frames and times go in, actions come out.

    WAIT_HELLO --hello--> ADMITTING --admitted--> OPEN
        |                     |                     |
        `---- every state: a fatal frame, a late hello, silence, an expired token ----> CLOSED

The shell carries out the actions in order: `Send` a frame, `Start` a decoded message's work (and call
`answered` when it is answered), `Close`. Errors that one message causes are answered; a connection that
cannot be this protocol is closed.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

import msgspec

from realtime import messages as m
from realtime.connections.rights import may, reaches
from realtime.errors import (
    BadMessage,
    BadQuantity,
    NotAllowed,
    RateLimited,
    RoomError,
    TokenExpired,
    TooManyOperations,
    UnknownType,
)
from realtime.messages import entering
from realtime.ports import Person
from realtime.settings import RoomSettings
from realtime.shapes import Role
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.limits import FRAMES, RATES, STAFF_TALK
from realtime.sockets.rate_limit import Bucket

WRONG_FRAMES_TOTAL = 10
"""So many unreadable messages end the connection."""
PING = b'{"type":"ping"}'


class State(Enum):
    """Where a connection is."""

    WAIT_HELLO = auto()
    ADMITTING = auto()
    OPEN = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Send:
    """Write this text frame."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Start:
    """Do this message's work and answer it."""

    message: Any


@dataclass(frozen=True, slots=True)
class Close:
    """Close with this code; nothing follows."""

    code: CloseCode


Action = Send | Start | Close
_decoder = msgspec.json.Decoder(m.ClientMessage)


class _Envelope(msgspec.Struct):
    id: int | None = None


_envelope = msgspec.json.Decoder(_Envelope)


def error_frame(re: int | None, error: RoomError) -> bytes:
    """Return an error frame; the error's facts stand beside."""
    return msgspec.json.encode(
        {
            "type": "error",
            "re": re,
            "code": error.code,
            "message": str(error),
            "temporary": error.temporary,
            "retry_after_ms": error.retry_after_ms,
            **error.facts,
        }
    )


def ok_frame(re: int, result: dict[str, Any]) -> bytes:
    """Return an ok frame; the result's fields stand beside."""
    return msgspec.json.encode({"type": "ok", "re": re, **result})


class Session:
    """One connection. All times are the process's clock in ms; they never go back."""

    __slots__ = (
        "_buckets",
        "_frames",
        "_heard_ms",
        "_in_flight",
        "_opened_ms",
        "_pinged_ms",
        "_sent_ms",
        "_settings",
        "_warned",
        "_wrong_total",
        "due_ms",
        "person",
        "role",
        "state",
    )

    def __init__(self, settings: RoomSettings, now_ms: int) -> None:
        self._settings = settings
        self.state = State.WAIT_HELLO
        self.person: Person | None = None
        self.role: Role = "viewer"
        # Before this time `due` would return nothing.
        self.due_ms = 0
        self._opened_ms = self._heard_ms = self._sent_ms = self._pinged_ms = now_ms
        self._frames = Bucket(FRAMES, now_ms)
        self._buckets: dict[str, Bucket] = {}
        self._in_flight = 0
        self._wrong_total = 0
        self._warned = False

    def receive(self, frame: str | bytes, now_ms: int) -> list[Action]:
        """Take one frame from the client."""
        if self.state is State.CLOSED:
            return []
        self._heard_ms = now_ms
        if isinstance(frame, bytes) or len(frame) > self._settings.frame_max_bytes:
            return self.close(CloseCode.BAD_MESSAGE)
        if self._frames.take(now_ms):
            return self.close(CloseCode.RATE_LIMITED)
        return self._read(frame, now_ms)

    def admitted(self, person: Person, role: Role, now_ms: int) -> None:
        """Say that the hello was accepted."""
        if self.state is State.ADMITTING:
            self.state = State.OPEN
        self.person, self.role = person, role
        self._heard_ms = now_ms
        self.due_ms = 0

    def refreshed(self, person: Person) -> None:
        """Take a new token of the same person; the device stays the one they came in with."""
        assert self.person is not None  # `admitted` came before
        self.person = replace(person, device=self.person.device)
        self._warned = False
        self.due_ms = 0

    def answered(self) -> None:
        """Say that one started message was answered."""
        self._in_flight -= 1

    def sent(self, now_ms: int) -> None:
        """Say that something was written to the client."""
        self._sent_ms = now_ms

    def due(self, now_ms: int) -> list[Action]:
        """Return what time alone demands; call about once a second, from `due_ms` on."""
        settings = self._settings
        if self.state is State.CLOSED:
            return []
        if self.state is State.WAIT_HELLO:
            late = now_ms - self._opened_ms >= settings.hello_within_ms
            return self.close(CloseCode.HELLO_MISSING) if late else []
        if now_ms - self._heard_ms >= settings.heartbeat_missed_ms:
            return self.close(CloseCode.HEARTBEAT_MISSED)
        actions = self._token_due(now_ms)
        if not actions and self.state is State.OPEN and now_ms >= self._ping_due_ms():
            self._sent_ms = self._pinged_ms = now_ms
            actions = [Send(PING)]
        self.due_ms = self._next_due_ms()
        return actions

    def _ping_due_ms(self) -> int:
        """Return when a heartbeat has passed since one of both sides was heard, and since the last ping."""
        silent_ms = min(self._heard_ms, self._sent_ms)
        return max(silent_ms, self._pinged_ms) + self._settings.heartbeat_ms

    def _next_due_ms(self) -> int:
        """Return a time before which nothing is due: what is heard and sent meanwhile only moves it away."""
        next_ms = min(self._ping_due_ms(), self._heard_ms + self._settings.heartbeat_missed_ms)
        if self.person is not None:
            next_ms = min(next_ms, self.person.expires_at_ms - self._settings.token_warning_ms)
        return next_ms

    def close(self, code: CloseCode) -> list[Action]:
        """End the connection for this reason."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        return [Close(code)]

    def _read(self, frame: str, now_ms: int) -> list[Action]:
        try:
            message = _decoder.decode(frame)
        except msgspec.ValidationError as error:
            return self._wrong(frame, error)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return self.close(CloseCode.BAD_MESSAGE)
        return [] if isinstance(message, entering.Pong) else self._take(message, now_ms)

    def _take(self, message: Any, now_ms: int) -> list[Action]:
        if isinstance(message, entering.Hello):
            return self._hello(message)
        if self.state is State.WAIT_HELLO:
            return self.close(CloseCode.HELLO_MISSING)
        if self.state is State.ADMITTING:
            return [self._refuse(message.id, BadMessage("Wait for the answer to hello."))]
        error = self._objection(message, now_ms)
        if error is not None:
            return [self._refuse(message.id, error)]
        self._in_flight += 1
        return [Start(message)]

    def _hello(self, message: entering.Hello) -> list[Action]:
        if self.state is not State.WAIT_HELLO:
            return [self._refuse(message.id, BadMessage("There was a hello already."))]
        if message.v != m.VERSION:
            return self.close(CloseCode.VERSION)
        self.state = State.ADMITTING
        self._in_flight += 1
        return [Start(message)]

    def _objection(self, message: Any, now_ms: int) -> RoomError | None:
        """Why this message cannot be started, or None."""
        assert self.person is not None  # state is OPEN
        limit = m.LIMITS[type(message)]
        if self._expired(now_ms) and not isinstance(message, entering.Refresh):
            return TokenExpired("The access token has expired; refresh it and repeat.")
        if not reaches(self.role, m.ROLES[type(message)]):
            return NotAllowed("Only moderators and the host may do this.")
        if self._in_flight >= self._settings.operations_in_flight:
            return TooManyOperations("Too many messages of this socket are unanswered.", retry_after_ms=500)
        bucket = self._buckets.get(limit)
        if bucket is None:
            rate = STAFF_TALK if limit == "talk" and may(self.role, "talk_freely") else RATES[limit]
            bucket = self._buckets[limit] = Bucket(rate, now_ms)
        wait_ms = bucket.take(now_ms)
        if wait_ms:
            return RateLimited("Too many of these messages.", retry_after_ms=wait_ms)
        return None

    def _wrong(self, frame: str, error: Exception) -> list[Action]:
        """Answer a frame that is JSON but not a message."""
        self._wrong_total += 1
        if self.state is State.WAIT_HELLO or self._wrong_total >= WRONG_FRAMES_TOTAL:
            return self.close(CloseCode.BAD_MESSAGE)
        try:
            re = _envelope.decode(frame).id
        except (msgspec.DecodeError, RecursionError):
            re = None
        return [self._refuse(re, _explain(str(error)))]

    def _refuse(self, re: int | None, error: RoomError) -> Send:
        return Send(error_frame(re, error))

    def _expired(self, now_ms: int) -> bool:
        return self.person is not None and now_ms >= self.person.expires_at_ms

    def _token_due(self, now_ms: int) -> list[Action]:
        if self.person is None:
            return []
        left_ms = self.person.expires_at_ms - now_ms
        if left_ms <= -self._settings.token_grace_ms:
            return self.close(CloseCode.UNAUTHORISED)
        if left_ms <= self._settings.token_warning_ms and not self._warned:
            self._warned = True
            text = "The access token expires soon; send refresh."
            return [
                Send(
                    msgspec.json.encode(
                        {"type": "you", "event": "warning", "code": "token_expiring", "message": text}
                    )
                )
            ]
        return []


def _explain(sentence: str) -> RoomError:
    """Turn a validation sentence ("Expected `int` - at `$.lines[0].quantity`") into a stable refusal."""
    if "quantity`" in sentence:
        return BadQuantity(sentence)
    if sentence.startswith("Invalid value") and sentence.endswith("`$.type`"):
        return UnknownType("There is no such message type.")
    return BadMessage(sentence)
