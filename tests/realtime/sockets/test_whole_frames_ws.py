"""What is read without the library's parser is what that parser reads, and all else is left to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from realtime.sockets.frames import WINDOW_BITS
from realtime.sockets.whole_frames_ws import whole_text

MOST_BYTES = 16 * 1024


def deflate() -> PerMessageDeflate:
    """Return the extension as the room agrees upon it."""
    return PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)


def by_the_library(data: bytes, *, deflated: bool) -> list[object]:
    """Return the frames that websockets reads from these bytes."""
    protocol = Protocol(Side.SERVER, max_size=MOST_BYTES)
    protocol.extensions = [deflate()] if deflated else []
    protocol.receive_data(data)
    return list(protocol.events_received())


def written(text: str, *, deflated: bool) -> bytes:
    """Return one message as a client writes it."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True, extensions=[deflate()] if deflated else [])


@pytest.mark.parametrize("deflated", [False, True])
@given(text=st.text(max_size=400))
def test_a_whole_message_is_read(text: str, deflated: bool) -> None:
    """Plain and deflated, short lengths and those in two bytes."""
    assert whole_text(written(text, deflated=deflated), WINDOW_BITS, MOST_BYTES) == text


@given(
    data=st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda head, rest: bytes(head) + rest,
            st.tuples(st.sampled_from([0x81, 0xC1, 0x01, 0x80, 0x82, 0x89, 0xA1]), st.integers(0x80, 0xFF)),
            st.binary(max_size=140),
        ),
        st.builds(
            lambda text, cut, extra: written(text, deflated=True)[:cut] + extra,
            st.text(max_size=60),
            st.integers(6, 90),
            st.binary(max_size=3),
        ),
    )
)
def test_what_is_read_is_what_the_library_reads(data: bytes) -> None:
    """Any bytes: either None, or the library sees exactly this one message."""
    text = whole_text(data, WINDOW_BITS, MOST_BYTES)
    if text is not None:
        (frame,) = by_the_library(data, deflated=True)
        assert isinstance(frame, Frame)
        assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, text.encode())


def test_deflated_frames_are_left_alone_where_none_are_agreed_upon() -> None:
    """The library closes for the reserved bit."""
    assert whole_text(written("hello", deflated=True), 0, MOST_BYTES) is None


def test_a_message_that_inflates_to_too_much_is_left_to_the_library() -> None:
    """At most the bound is inflated here."""
    bomb = written("a" * 1_000_000, deflated=True)
    assert len(bomb) < MOST_BYTES
    assert whole_text(bomb, WINDOW_BITS, MOST_BYTES) is None
    assert whole_text(written("a" * (MOST_BYTES + 1), deflated=False), WINDOW_BITS, MOST_BYTES) is None


def test_two_messages_in_one_read_are_left_to_the_library() -> None:
    """So is half of one."""
    one = written("one", deflated=False)
    assert whole_text(one + one, WINDOW_BITS, MOST_BYTES) is None
    assert whole_text(one[:-1], WINDOW_BITS, MOST_BYTES) is None
    assert whole_text(b"", WINDOW_BITS, MOST_BYTES) is None
