"""One connection's protocol, with time as an argument."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import messages as m
from realtime.connections.session import PING, Close, Send, Session, Start, State
from realtime.ports import Person
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.limits import RATES
from tests.realtime.properties import QUICK

SETTINGS = RoomSettings()
HELLO = '{"id":1,"type":"hello","token":"t"}'


def _person(ends_ms: int = 10_000_000) -> Person:
    return Person("gu_mei", "guest", "Mei", "de_1", ends_ms)


def _opened(role: Any = "viewer", ends_ms: int = 10_000_000) -> Session:
    session = Session(SETTINGS, 0)
    (start,) = session.receive(HELLO, 0)
    assert isinstance(start, Start)
    session.admitted(_person(ends_ms), role, 0)
    session.answered()
    return session


def _like(number: int) -> str:
    return json.dumps({"id": number, "type": "like", "count": 1})


def _error(actions: list[Any]) -> dict[str, Any]:
    (send,) = actions
    assert isinstance(send, Send)
    error: dict[str, Any] = json.loads(send.text)
    assert error["type"] == "error"
    return error


def test_hello_must_come_in_time() -> None:
    """After 10 s without one the connection closes, not before."""
    session = Session(SETTINGS, 0)
    assert session.due(9_999) == []
    assert session.due(10_000) == [Close(CloseCode.HELLO_MISSING)]
    assert session.receive(HELLO, 10_001) == []


def test_messages_before_the_answer_to_hello_wait() -> None:
    """They are refused, not lost in silence."""
    session = Session(SETTINGS, 0)
    session.receive(HELLO, 0)
    assert _error(session.receive(_like(2), 1))["re"] == 2
    assert session.state is State.ADMITTING


def test_a_silent_client_is_pinged_and_then_closed() -> None:
    """A ping per heartbeat while the client says nothing; any frame counts as a sign of life."""
    session = _opened()
    assert session.due(4_999) == []
    assert session.due(5_000) == [Send(PING)]
    assert session.receive('{"type":"pong"}', 8_000) == []
    assert session.due(13_000) == [Send(PING)]
    assert session.due(17_999) == []
    assert session.due(19_000) == [Close(CloseCode.HEARTBEAT_MISSED)]


@given(moments=st.lists(st.tuples(st.integers(1, 9_000), st.sampled_from(["", "hear", "send"])), max_size=60))
def test_nothing_is_due_before_the_session_says_so(moments: list[tuple[int, str]]) -> None:
    """Whoever looks only from `due_ms` on misses nothing, whatever is heard and sent in between."""
    session, now_ms = _opened(), 0
    for passed_ms, what in moments:
        now_ms += passed_ms
        promised_ms = session.due_ms
        actions = session.due(now_ms)
        if session.state is State.CLOSED:
            return
        assert actions == [] or now_ms >= promised_ms
        if what == "hear":
            session.receive('{"type":"pong"}', now_ms)
        elif what == "send":
            session.sent(now_ms)


def test_a_listening_client_is_pinged_although_it_is_spoken_to() -> None:
    """Ticks do not show that the client lives."""
    session = _opened()
    session.sent(4_999)
    assert session.due(5_000) == [Send(PING)]


def test_a_token_that_ends_is_announced_then_reading_only_then_closed() -> None:
    """Warning a minute before, refusals after, close after the grace; a refresh resets all."""
    session = _opened(ends_ms=30_000)
    (warning,) = session.due(1_000)
    assert isinstance(warning, Send)
    assert json.loads(warning.text)["code"] == "token_expiring"
    assert session.due(2_000) == []
    assert _error(session.receive(_like(2), 30_000))["code"] == "token_expired"
    assert isinstance(session.receive('{"id":3,"type":"refresh","token":"new"}', 30_001)[0], Start)
    session.refreshed(_person(ends_ms=10_000_000))
    session.answered()
    assert isinstance(session.receive(_like(4), 30_002)[0], Start)
    late = _opened(ends_ms=30_000)
    late.due(1_000)
    late.receive('{"type":"pong"}', 140_000)
    assert late.due(150_000) == [Close(CloseCode.UNAUTHORISED)]


def test_a_refresh_moves_nobody_to_another_device() -> None:
    """A socket is found, and banned, by the device it came from, whatever a later token says."""
    session = _opened()
    session.refreshed(replace(_person(ends_ms=20_000_000), device="de_other"))
    assert session.person is not None
    assert (session.person.device, session.person.expires_at_ms) == (_person().device, 20_000_000)


def test_each_kind_of_message_has_its_own_limit() -> None:
    """Too many likes leave buying free; the refusal says when to repeat, and it is true."""
    session = _opened()
    for number in range(int(RATES["like"].burst)):
        assert isinstance(session.receive(_like(number), 0)[0], Start)
        session.answered()
    error = _error(session.receive(_like(99), 0))
    assert error["code"] == "rate_limited"
    release = '{"id":7,"type":"release","reservation":"rs_1","key":"12345678"}'
    assert isinstance(session.receive(release, 0)[0], Start)
    assert _error(session.receive(_like(100), error["retry_after_ms"] - 1))["code"] == "rate_limited"
    assert isinstance(session.receive(_like(101), error["retry_after_ms"])[0], Start)


def test_unanswered_messages_are_bounded() -> None:
    """One more than the bound is refused until one is answered."""
    session = _opened()
    release = '{"id":%d,"type":"release","reservation":"rs_1","key":"12345678"}'
    for number in range(SETTINGS.operations_in_flight):
        assert isinstance(session.receive(release % number, 0)[0], Start)
    assert _error(session.receive(release % 50, 0))["code"] == "too_many_operations"
    session.answered()
    assert isinstance(session.receive(release % 51, 0)[0], Start)


@pytest.mark.parametrize(("role", "starts"), [("viewer", False), ("moderator", True), ("host", True)])
def test_moderating_needs_the_role(role: str, starts: bool) -> None:
    """Refused before any work."""
    actions = _opened(role).receive('{"id":2,"type":"slow_mode","seconds":5,"key":"12345678"}', 0)
    assert isinstance(actions[0], Start) is starts


@QUICK
@given(
    st.lists(
        st.one_of(
            st.text(max_size=40),
            st.binary(max_size=20),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["id", "type", "key", "lines", "text", "token", "count", "position"]),
                        inner,
                        max_size=4,
                    )
                ),
                max_leaves=8,
            ).map(json.dumps),
        ),
        max_size=30,
    )
)
def test_no_frame_breaks_a_session(frames: list[str | bytes]) -> None:
    """Whatever comes: answers and starts while open, one close at most, nothing after it."""
    session = _opened("host")
    closes = 0
    for frame in frames:
        for action in session.receive(frame, 0):
            assert closes == 0
            closes += isinstance(action, Close)
    assert closes <= 1
    assert (session.state is State.CLOSED) == (closes == 1)


def test_the_table_names_every_message_once() -> None:
    """Each client message of the union is in `MESSAGES`, with an example that decodes."""
    import msgspec

    table = {row.struct: row for row in m.MESSAGES if row.sender == "client"}
    union: Any = m.ClientMessage
    assert set(table) == set(union.__args__)
    for struct, row in table.items():
        assert row.example is not None
        message: Any = msgspec.convert(row.example, m.ClientMessage)
        assert type(message) is struct
        assert struct.__struct_config__.tag == row.name
