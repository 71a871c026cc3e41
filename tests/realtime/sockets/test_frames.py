"""Shared frames against the library's own decoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from realtime.sockets.frames import SharedFrame, SharedText
from tests.realtime.properties import QUICK


def _decoded(wire: bytes, *, takeover: bool) -> bytes:
    reader = StreamReader()
    reader.feed_data(wire)
    reader.feed_eof()
    extension = PerMessageDeflate(not takeover, not takeover, 12, 12)
    parser = Frame.parse(reader.read_exact, mask=False, extensions=[extension])
    while True:
        try:
            next(parser)
        except StopIteration as done:
            frame: Frame = done.value
            assert frame.opcode is Opcode.TEXT
            assert frame.fin
            return bytes(frame.data)


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("compressed", [True, False])
@QUICK
@given(pieces=st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
def test_a_frame_of_any_pieces_decodes(pieces: list[bytes], compressed: bool, takeover: bool) -> None:
    """Pieces deflated apart and put together are one message, with and without context takeover."""
    frame = SharedFrame([SharedText(piece) for piece in pieces])
    assert _decoded(frame.wire(compressed=compressed), takeover=takeover) == b"".join(pieces)


@pytest.mark.parametrize("size_bytes", [0, 125, 126, 65_535, 65_536, 200_000])
def test_every_length_of_header(size_bytes: int) -> None:
    """RFC 6455 section 5.2: 7, 16 and 64 bit lengths."""
    text = b"x" * size_bytes
    assert _decoded(SharedFrame.of(text).wire(compressed=False), takeover=False) == text


def test_frames_are_made_once() -> None:
    """The same object for every socket."""
    frame = SharedFrame.of(b"x" * 500)
    assert frame.wire(compressed=True) is frame.wire(compressed=True)
    assert frame.wire(compressed=False) is frame.wire(compressed=False)
    assert len(frame.wire(compressed=True)) < 50
