"""Packets in a byte stream, in whatever pieces it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.transport.framing import Deframer, FrameTooLongError, frame

PACKETS = st.lists(st.binary(max_size=300), max_size=8)


@given(PACKETS, st.integers(1, 400))
def test_what_was_framed_comes_out_again(packets: list[bytes], piece_bytes: int) -> None:
    """The same packets in the same order, however the stream is cut."""
    stream = b"".join(map(frame, packets))
    deframer, found = Deframer(), []
    for at in range(0, len(stream), piece_bytes):
        deframer.feed(stream[at : at + piece_bytes])
        while (packet := deframer.take(300)) is not None:
            found.append(packet)
    assert found == packets


def test_a_long_frame_is_refused_by_its_length_alone() -> None:
    """Two bytes are enough to know; nothing of the frame is waited for."""
    deframer = Deframer()
    deframer.feed((549).to_bytes(2, "big"))
    with pytest.raises(FrameTooLongError):
        deframer.take(548)
