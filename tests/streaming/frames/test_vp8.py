"""VP8 out of RTP."""

import pytest

from streaming.frames import vp8
from streaming.frames.frame import BrokenFrameError
from tests.streaming.frames.encoded import video, vp8_payloads


def test_real_frames_come_out_as_they_went_in() -> None:
    """Libvpx's frames through aiortc's packetizer."""
    for frame in video("VP8"):
        assert vp8.assemble(vp8_payloads(frame)).data == frame


@pytest.mark.parametrize(
    "descriptor",
    [b"\x10", b"\x90\x80\x12", b"\x90\x80\x92\x34", b"\x90\xf0\x92\x34\x07\x20", b"\x90\x60\x07\x20",
     b"\x90\x10\x01"],
)  # fmt: skip
def test_a_descriptor_of_any_length_is_left_out(descriptor: bytes) -> None:
    """Picture id of 7 and 15 bits, TL0PICIDX, TID and KEYIDX."""
    frame = vp8.assemble([descriptor + b"\x00abc", b"\x00def"])
    assert (frame.data, frame.is_key_frame) == (b"\x00abcdef", True)


def test_the_lowest_bit_tells_key_frames() -> None:
    """It is 0 for a key frame."""
    assert not vp8.assemble([b"\x10\x01ab"]).is_key_frame


def test_a_further_partition_may_begin_within_a_frame() -> None:
    """S with a partition number above 0 is no new frame."""
    assert vp8.assemble([b"\x10\x00ab", b"\x11cd"]).data == b"\x00abcd"


@pytest.mark.parametrize(
    "payloads",
    [[], [b""], [b"\x10"], [b"\x00abc"], [b"\x11abc"], [b"\x10abc", b"\x10abc"], [b"\x90\x80\x92"],
     [b"\x10a"]],
)  # fmt: skip
def test_what_is_not_one_whole_frame_is_broken(payloads: list[bytes]) -> None:
    """Nothing, cut off, without a beginning, with two."""
    with pytest.raises(BrokenFrameError):
        vp8.assemble(payloads)
