"""VP9 out of RTP."""

import pytest

from streaming.frames import vp9
from streaming.frames.frame import BrokenFrameError
from tests.streaming.frames.encoded import video, vp9_payloads

KEY, DELTA = b"\x82key", b"\x86delta"


def test_real_frames_come_out_as_they_went_in() -> None:
    """Libvpx's frames, some in several packets."""
    for frame in video("VP9"):
        assert vp9.assemble(vp9_payloads(frame)).data == frame


@pytest.mark.parametrize(
    "descriptor",
    [
        b"\x0c",
        b"\x8c\x12",
        b"\x8c\x92\x34",
        b"\xac\x12\x00\x05",  # layer indices and TL0PICIDX
        b"\xbc\x12\x00",  # layer indices in flexible mode
        b"\x5c\x03\x05\x06",  # three references
        b"\x0e\x00",  # a structure of nothing
        b"\x0e\x18\x01\x40\x00\xb4\x02\x04\x01\x08\x01\x02",  # one size, a group of two pictures
        b"\x0e\x30\x01\x40\x00\xb4\x02\x80\x01\x68",  # two layers' sizes
    ],
)
def test_a_descriptor_of_any_length_is_left_out(descriptor: bytes) -> None:
    """Picture ids, layers, references, scalability structures."""
    frame = vp9.assemble([descriptor + KEY])
    assert (frame.data, frame.is_key_frame) == (KEY, True)


def test_the_frames_own_header_tells_key_frames() -> None:
    """Also in profile 3, where one more bit stands before; a repeated frame is none."""
    frames = [b"\x86", b"\x8a", b"\xb0", b"\xb2"]
    assert [vp9.assemble([b"\x0c" + frame]).is_key_frame for frame in frames] == [False, False, True, False]


def test_spatial_layers_become_a_superframe() -> None:
    """With the index that tells a decoder where each begins (annex B of the bitstream specification)."""
    low, high = KEY + bytes(300), DELTA
    frame = vp9.assemble([b"\x28\x00\x00" + low[:100], b"\x24\x00\x00" + low[100:], b"\x2c\x02\x00" + high])
    marker = b"\xc9"  # sizes of two bytes, two frames
    index = marker + len(low).to_bytes(2, "little") + len(high).to_bytes(2, "little") + marker
    assert (frame.data, frame.is_key_frame) == (low + high + index, True)


@pytest.mark.parametrize(
    "payloads",
    [
        [],
        [b""],
        [b"\x0c"],
        [b"\x08" + KEY],  # without an end
        [b"\x04" + KEY],  # without a beginning
        [b"\x08" + KEY, b"\x0c" + KEY],  # a beginning before the end
        [b"\x8c\x92"],
        [b"\x5c\x03\x05\x07" + KEY],  # four references
        [b"\x0e\x18\x01\x40"],
        [b"\x0e\x08\xff\x0c"],
        [b"\x0c\x00no frame marker"],
        [b"\x0c" + KEY] * 9,
    ],
)
def test_what_is_not_one_whole_picture_is_broken(payloads: list[bytes]) -> None:
    """Cut off, without a beginning or an end, not VP9, more layers than there are."""
    with pytest.raises(BrokenFrameError):
        vp9.assemble(payloads)
