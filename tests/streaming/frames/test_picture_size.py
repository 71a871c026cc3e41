"""Width and height out of what encoders write."""

from fractions import Fraction

import av
import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from streaming.frames import h264
from streaming.frames.frame import BrokenFrameError, MediaFrame
from streaming.frames.picture_size import picture_size, size_at_start
from streaming.frames.reassembler import ASSEMBLE
from tests.streaming.frames.encoded import PACKETIZE, h264_payloads, obus, video


def media_frame(codec: str, data: bytes, sets: tuple[bytes, ...] = ()) -> MediaFrame:
    """A key frame."""
    return MediaFrame("video", codec, 0, 0.0, True, False, data, sets)


@pytest.mark.parametrize("size", [(320, 180), (426, 242), (1280, 720)])
@pytest.mark.parametrize("codec", sorted(PACKETIZE))
def test_sizes_of_real_key_frames(codec: str, size: tuple[int, int]) -> None:
    """Also those that are no multiple of a block."""
    frame = ASSEMBLE[codec](PACKETIZE[codec](video(codec, 1, *size)[0]))
    assert picture_size(media_frame(codec, frame.data, frame.parameter_sets)) == size


@pytest.mark.parametrize("codec", sorted(PACKETIZE))
def test_the_first_packet_of_a_key_frame_tells_the_size(codec: str) -> None:
    """It is enough to sort the layers of a show; the rest of the frame may still be on its way."""
    first, *_ = PACKETIZE[codec](video(codec, 1, 320, 180)[0])
    assert size_at_start(codec, first) == (320, 180)


def test_the_size_of_av1_stands_before_a_frame_that_goes_on() -> None:
    """Browsers and OBS put the sequence header and the beginning of the frame into one packet."""
    sets, frame = (head + body for kind, head, body in obus(video("AV1", 1, 320, 180)[0]) if kind in (1, 6))
    packet = bytes((0x40 | 2 << 4 | 0x08, len(sets))) + sets + frame[:20]
    assert size_at_start("AV1", packet) == (320, 180)
    assert size_at_start("AV1", bytes((0x80 | packet[0],)) + packet[1:]) is None, "the end of another unit"


@pytest.mark.parametrize("codec", sorted(PACKETIZE))
def test_a_packet_that_tells_no_size_is_no_error(codec: str) -> None:
    """Such as one from the middle of a frame."""
    assert size_at_start(codec, b"\x00\x01") is None


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "gray"])
@pytest.mark.parametrize("parameters", ["", "cqm=jvt", "tff=1"])
def test_sizes_in_all_profiles_of_h264(pixels: str, parameters: str) -> None:
    """With what high profiles, scaling lists and fields add; 364 lines are cropped from 368 or 384."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 638, 364, pixels, Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": parameters}
    blank = av.VideoFrame(638, 364, pixels)
    blank.pts = 0
    packets = [*encoder.encode(blank), *encoder.encode(None)]
    frame = h264.assemble(h264_payloads(bytes(packets[0])))
    assert picture_size(media_frame("H264", frame.data, frame.parameter_sets)) == (638, 364)


@given(
    st.sampled_from(sorted(PACKETIZE)), st.binary(min_size=1, max_size=60), st.binary(min_size=1, max_size=60)
)
def test_any_bytes_have_a_size_or_are_broken(codec: str, data: bytes, parameters: bytes) -> None:
    """Nothing but the documented error."""
    head = {"VP8": b"\x00\x00\x00\x9d\x01\x2a", "VP9": b"\x82\x49\x83\x42"}.get(codec, b"")
    sets = {"H264": b"\x67", "AV1": b"\x0a\x30"}.get(codec, b"") + parameters
    try:
        width, height = picture_size(media_frame(codec, head + data, (sets,)))
    except BrokenFrameError:
        return
    assert width >= 0
    assert height >= 0


def test_a_key_frame_without_its_sets_has_no_size() -> None:
    """Of the codecs that need them."""
    for codec in ("H264", "AV1"):
        with pytest.raises(BrokenFrameError):
            picture_size(media_frame(codec, b"data"))
