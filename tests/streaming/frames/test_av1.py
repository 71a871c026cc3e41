"""AV1 out of RTP."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.frames import av1
from streaming.frames.frame import BrokenFrameError
from tests.streaming.frames.encoded import av1_payloads, obus, video

SEQUENCE, KEY, DELTA = b"\x08seq", b"\x30\x10key", b"\x30\x30delta"


def sized(*units: bytes) -> bytes:
    """OBUs with sizes."""
    return b"".join(bytes((unit[0] | 2, len(unit) - 1)) + unit[1:] for unit in units)


def test_real_temporal_units_come_out_as_they_went_in() -> None:
    """SVT-AV1's OBUs, but for the temporal delimiter, which containers do not want."""
    for unit in video("AV1"):
        frame = av1.assemble(av1_payloads(unit))
        assert list(obus(frame.data)) == [each for each in obus(unit) if each[0] != 2]
        assert bool(frame.parameter_sets) is frame.is_key_frame


def test_the_encoder_does_not_put_the_tests_before_everybody_else() -> None:
    """As root SVT-AV1 makes its caller real-time, and what that starts later: browsers starve."""
    video.__wrapped__("AV1", 2)
    assert os.sched_getscheduler(0) not in (os.SCHED_FIFO, os.SCHED_RR)


def test_elements_with_and_without_lengths_are_the_same() -> None:
    """W = 0: all have lengths; W = 2: the last has none."""
    with_lengths = b"\x08" + bytes((len(SEQUENCE),)) + SEQUENCE + bytes((len(KEY),)) + KEY
    without = b"\x28" + bytes((len(SEQUENCE),)) + SEQUENCE + KEY
    for payload in (with_lengths, without):
        frame = av1.assemble([payload])
        assert (frame.data, frame.is_key_frame) == (sized(SEQUENCE, KEY), True)
        assert frame.parameter_sets == (sized(SEQUENCE),)


def test_fragments_are_put_together() -> None:
    """Y: goes on; Z: continues; over three packets."""
    frame = av1.assemble([b"\x50" + DELTA[:3], b"\xd0" + DELTA[3:4], b"\x90" + DELTA[4:]])
    assert (frame.data, frame.is_key_frame) == (sized(DELTA), False)


def test_obus_that_bring_their_size_keep_one() -> None:
    """And extension headers stay."""
    frame = av1.assemble([b"\x10" + sized(DELTA), b"\x10\x34\x40\x30layer"])
    assert frame.data == sized(DELTA) + b"\x36\x40\x06\x30layer"


def test_delimiters_and_padding_are_left_out() -> None:
    """A delimiter in front, padding behind."""
    frame = av1.assemble([b"\x10\x10", b"\x10" + DELTA, b"\x10\x78padding"])
    assert frame.data == sized(DELTA)


def test_a_repeated_frame_is_no_key_frame() -> None:
    """show_existing_frame of a key frame, even behind a sequence header."""
    assert not av1.assemble([b"\x10" + SEQUENCE, b"\x10\x18\x80"]).is_key_frame


def test_a_sequence_header_alone_is_no_picture() -> None:
    """It is remembered."""
    frame = av1.assemble([b"\x18" + SEQUENCE])
    assert (frame.data, frame.parameter_sets) == (b"", (sized(SEQUENCE),))


@given(st.integers(0, 1 << 40))
def test_lengths_are_read_as_written(number: int) -> None:
    """Seven bits a byte."""
    written = av1.leb128(number)
    assert av1.read_leb128(b"." + written + b".", 1) == (number, 1 + len(written))


@pytest.mark.parametrize(
    "payloads",
    [
        [],
        [b""],
        [b"\x10"],
        [b"\x90" + DELTA],  # continues nothing
        [b"\x50" + DELTA],  # is not continued
        [b"\x50" + DELTA, b"\x10" + DELTA],
        [b"\x00\x09" + DELTA],  # longer than the packet
        [b"\x00\x80"],
        [b"\x20\x03abc"],  # one element of two
        [b"\x10\xb0forbidden bit"],
        [b"\x10\x32\x7fcut"],
        [b"\x10\x34"],
        [b"\x00\x00"],
        [b"\x10\x10"],  # nothing but a delimiter
        [b"\x10" + SEQUENCE, b"\x10\x30"],
    ],
)
def test_what_is_not_one_whole_unit_is_broken(payloads: list[bytes]) -> None:
    """Cut off, without a beginning or an end, empty."""
    with pytest.raises(BrokenFrameError):
        av1.assemble(payloads)
