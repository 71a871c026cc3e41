"""What holds for the depacketizers of all codecs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.frames.frame import BrokenFrameError, EncodedFrame
from streaming.frames.reassembler import ASSEMBLE
from tests.streaming.frames.encoded import PACKETIZE, video

CODECS = sorted(PACKETIZE)


def frame_or_error(codec: str, payloads: list[bytes]) -> EncodedFrame | BrokenFrameError:
    """The frame, or the documented error."""
    try:
        return ASSEMBLE[codec](payloads)
    except BrokenFrameError as error:
        return error


@given(st.sampled_from(sorted(ASSEMBLE)), st.lists(st.binary(max_size=60), max_size=6))
def test_any_payloads_are_a_frame_or_broken(codec: str, payloads: list[bytes]) -> None:
    """They read untrusted bytes; nothing but the documented error comes out."""
    assert isinstance(frame_or_error(codec, payloads), EncodedFrame | BrokenFrameError)


@given(st.sampled_from(CODECS), st.data())
def test_a_real_frame_with_something_changed_is_a_frame_or_broken(codec: str, data: st.DataObject) -> None:
    """Cut, changed in one byte, shuffled."""
    frames = video(codec)
    payloads = list(PACKETIZE[codec](data.draw(st.sampled_from(frames))))
    index = data.draw(st.integers(0, len(payloads) - 1))
    damaged = bytearray(payloads[index])
    damaged[data.draw(st.integers(0, min(len(damaged) - 1, 40)))] = data.draw(st.integers(0, 255))
    payloads[index] = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    shuffled = data.draw(st.permutations(payloads))
    assert isinstance(frame_or_error(codec, shuffled), EncodedFrame | BrokenFrameError)


@pytest.mark.parametrize(("codec", "begin"), [("VP8", 0), ("VP9", 0), ("H264", 1), ("AV1", 1)])
def test_a_picture_without_its_beginning_is_broken(codec: str, begin: int) -> None:
    """H.264 and AV1 have a packet of parameter sets before it. The middle is what numbers are for."""
    payloads = PACKETIZE[codec](video(codec)[0])
    assert len(payloads) > 2
    with pytest.raises(BrokenFrameError):
        ASSEMBLE[codec](payloads[:begin] + payloads[begin + 1 :])


@pytest.mark.parametrize("codec", ["VP9", "H264", "AV1"])
def test_a_picture_without_its_end_is_broken(codec: str) -> None:
    """Of VP8 only the marker tells the last packet."""
    with pytest.raises(BrokenFrameError):
        ASSEMBLE[codec](PACKETIZE[codec](video(codec)[0])[:-1])


@pytest.mark.parametrize("codec", CODECS)
def test_key_frames_of_real_encoders_are_known(codec: str) -> None:
    """The first, and each tenth after it."""
    frames = [ASSEMBLE[codec](PACKETIZE[codec](frame)) for frame in video(codec)]
    keys = [number for number, frame in enumerate(frames) if frame.is_key_frame]
    assert keys == [0, 10, 20]
