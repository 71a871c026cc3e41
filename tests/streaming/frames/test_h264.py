"""H.264 out of RTP."""

import pytest

from streaming.frames import h264
from streaming.frames.frame import BrokenFrameError
from streaming.frames.h264 import START_CODE
from tests.streaming.frames.encoded import h264_payloads, nal_units, video

SPS, PPS, IDR, DELTA = b"\x67sps", b"\x68pps", b"\x65\x88idr", b"\x41\x9adelta"
INTRA = b"\x41\x88"  # first_mb 0 and slice type 7
INTER = b"\x41\x9a"  # first_mb 0 and slice type 5


def aggregated(*units: bytes) -> bytes:
    """A STAP-A."""
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


def test_real_access_units_come_out_as_they_went_in() -> None:
    """libx264's NAL units through aiortc's packetizer, with their parameter sets at key frames."""
    for access_unit in video("H264"):
        frame = h264.assemble(h264_payloads(access_unit))
        units = nal_units(access_unit)
        assert nal_units(frame.data) == units
        assert frame.parameter_sets == tuple(unit for unit in units if unit[0] & 0x1F in (7, 8))
        assert bool(frame.parameter_sets) is frame.is_key_frame


def test_single_and_aggregated_units_are_taken_apart() -> None:
    """Each after a start code."""
    frame = h264.assemble([aggregated(SPS, PPS), IDR])
    assert frame.data == START_CODE + SPS + START_CODE + PPS + START_CODE + IDR
    assert (frame.is_key_frame, frame.parameter_sets) == (True, (SPS, PPS))


def test_fragments_are_put_together() -> None:
    """The header comes back from indicator and fragment header."""
    frame = h264.assemble([b"\x7c\x85\x88id", b"\x7c\x05r", b"\x7c\x45!"])
    assert frame.data == START_CODE + IDR + b"!"


def test_parameter_sets_alone_are_no_picture() -> None:
    """Some encoders send them ahead, with a marker of their own."""
    frame = h264.assemble([SPS, PPS])
    assert (frame.data, frame.is_key_frame, frame.parameter_sets) == (b"", False, (SPS, PPS))


def test_intra_slices_with_an_sps_begin_a_picture_too() -> None:
    """Encoders with open groups send no IDR pictures; an SPS before ordinary slices means nothing."""
    assert h264.assemble([SPS, PPS, INTRA]).is_key_frame
    assert not h264.assemble([INTRA]).is_key_frame
    assert not h264.assemble([SPS, PPS, INTER]).is_key_frame


@pytest.mark.parametrize(
    "payloads",
    [
        [b""],
        [b"\x79\x00\x00\x02\x41\x9a"],  # STAP-B
        [b"\x65\x08second slice"],
        [b"\x65"],
        [b"\x7c\x05middle"],
        [b"\x7c\x85\x88begin"],
        [b"\x7c\x85\x88begin", IDR],
        [b"\x7c\x85\x88begin", b"\x7c\x85\x88again"],
        [b"\x7c\x85"],
        [b"\x7c\x98\x88nested"],
        [aggregated(SPS)[:-1]],
        [aggregated(b"")],
        [aggregated(aggregated(SPS))],
    ],
)
def test_what_is_not_one_whole_picture_is_broken(payloads: list[bytes]) -> None:
    """Cut off, without the first slice, nested, of types nobody agreed on."""
    with pytest.raises(BrokenFrameError):
        h264.assemble(payloads)
