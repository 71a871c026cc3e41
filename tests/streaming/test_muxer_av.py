"""Frames into files that players and probes accept."""

import io
from dataclasses import replace
from pathlib import Path

import av
import pytest

from streaming.frames.assembly import Arrived, FrameAssembly
from streaming.frames.capture_clock import Meeting
from streaming.frames.frame import BrokenFrameError, MediaFrame
from streaming.muxer_av import CodecNotInContainerError, Container, FrameMuxer
from tests.streaming.frames.encoded import packets_of, sound, sound_packets_of, video
from tests.streaming.recorded import probe

COMBINATIONS: list[tuple[str, Container]] = [
    ("VP8", "webm"),
    ("VP9", "webm"),
    ("AV1", "webm"),
    ("H264", "mp4"),
    ("VP9", "mp4"),
    ("AV1", "mp4"),
    ("H264", "fragmented_mp4"),
    ("VP9", "fragmented_mp4"),
    ("AV1", "fragmented_mp4"),
]
SOUND_LEADS_S = 0.1
PICTURES, SOUNDS = 24, 85


def show_frames(codec: str) -> list[MediaFrame]:
    """1.6 s of pictures and sound of one show; the sound began 100 ms before."""
    assembly = FrameAssembly(pytest.fail)
    assembly.take(Meeting("audio", 50.0 - SOUND_LEADS_S, 7000, is_reported=True))
    assembly.take(Meeting("video", 50.0, 3000, is_reported=True))
    items = [Arrived("video", packet) for packet in packets_of(codec, video(codec), timestamp=3000)]
    items += [Arrived("audio", packet) for packet in sound_packets_of(sound(SOUNDS), timestamp=7000)]
    items.sort(key=lambda item: item.packet.arrival_s)
    return [frame for item in items for frame in assembly.take(item)]


def mux(path: Path, container: Container, frames: list[MediaFrame]) -> FrameMuxer:
    """Write a file."""
    muxer = FrameMuxer(str(path), container)
    for frame in frames:
        muxer.frame(frame)
    muxer.end()
    assert muxer.ended.is_set()
    return muxer


@pytest.mark.parametrize(("codec", "container"), COMBINATIONS)
def test_a_file_is_accepted_and_whole(tmp_path: Path, codec: str, container: Container) -> None:
    """By ffprobe, which decodes every frame, and by PyAV: numbers, sizes, headers, times."""
    path = tmp_path / "show"
    mux(path, container, show_frames(codec))
    streams = {stream["codec_type"]: stream for stream in probe(path)["streams"]}
    picture, heard = streams["video"], streams["audio"]
    assert (picture["codec_name"], heard["codec_name"]) == (codec.lower(), "opus")
    assert (picture["width"], picture["height"]) == (320, 180)
    assert int(picture["nb_read_frames"]) == PICTURES
    assert (heard["sample_rate"], heard["channels"]) == ("48000", 2)
    left_out = round(SOUND_LEADS_S * 50)
    assert int(heard["nb_read_frames"]) == SOUNDS - left_out
    assert abs(float(picture["start_time"])) < 0.002
    assert abs(float(heard["start_time"])) < 0.002


@pytest.mark.parametrize(("codec", "container"), COMBINATIONS)
def test_capture_times_are_the_files_times(tmp_path: Path, codec: str, container: Container) -> None:
    """To the millisecond, of every packet of both streams, relative to the first picture."""
    path = tmp_path / "show"
    frames = show_frames(codec)
    mux(path, container, frames)
    for kind in ("video", "audio"):
        expected_s = [f.capture_s - 50.0 for f in frames if f.kind == kind and f.capture_s > 49.999]
        with av.open(str(path)) as file:
            packets = [packet for packet in file.demux(**{kind: 0}) if packet.size]
            found_s = [float((packet.pts or 0) * (packet.time_base or 1)) for packet in packets]
            keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        assert found_s == pytest.approx(expected_s, abs=0.0011)
        if kind == "video":
            assert keys == [0, 10, 20]


@pytest.mark.parametrize(
    ("codec", "container", "box"),
    [
        ("H264", "mp4", b"avcC"),
        ("AV1", "mp4", b"av1C"),
        ("VP9", "mp4", b"vpcC"),
        ("VP9", "fragmented_mp4", b"vpcC"),
    ],
)
def test_mp4_has_the_codecs_headers(tmp_path: Path, codec: str, container: Container, box: bytes) -> None:
    """Profile and level in the box of the codec; for Opus a `dOps` of two channels."""
    path = tmp_path / "show"
    frames = show_frames(codec)
    mux(path, container, frames)
    written = path.read_bytes()
    header = written[written.index(box) + 4 :]
    sets = next(frame.parameter_sets for frame in frames if frame.kind == "video")
    if codec == "H264":
        assert header[1:4] == sets[0][1:4]
        assert sets[0] in header[:200]
        assert sets[1] in header[:200]
    elif codec == "AV1":
        assert header[0] == 0x81
        assert header[4 : 4 + len(sets[0])] == sets[0]
    else:
        assert header[:5] == b"\x01\x00\x00\x00\x00"  # version 1, profile 0
        assert header[6] >> 4 == 8
    opus = written[written.index(b"dOps") + 4 :]
    assert opus[:2] == b"\x00\x02"


def test_a_fragmented_file_needs_no_end() -> None:
    """What was written up to the second fragment plays, although nobody has closed the file."""
    output = io.BytesIO()
    muxer = FrameMuxer(output, "fragmented_mp4")
    for frame in show_frames("H264"):
        muxer.frame(frame)
    so_far = output.getvalue()
    assert so_far.count(b"moof") >= 1
    with av.open(io.BytesIO(so_far), "r") as file:
        assert len(list(file.decode(video=0))) >= 10
    muxer.end()


def test_a_show_without_sound_is_a_file_without_sound(tmp_path: Path) -> None:
    """After a second of pictures nobody waits for sound any longer."""
    path = tmp_path / "show"
    muxer = mux(path, "webm", [frame for frame in show_frames("VP8") if frame.kind == "video"])
    assert [stream["codec_type"] for stream in probe(path)["streams"]] == ["video"]
    assert muxer.written_frames == {"audio": 0, "video": PICTURES}


def test_sound_alone_is_a_file_if_asked_for(tmp_path: Path) -> None:
    """A show without a picture."""
    path = tmp_path / "show"
    muxer = FrameMuxer(str(path), "webm", frozenset({"audio"}))
    for frame in show_frames("VP8"):
        muxer.frame(frame)
    muxer.end()
    assert [stream["codec_type"] for stream in probe(path)["streams"]] == ["audio"]
    assert (muxer.written_frames, muxer.left_out_frames) == ({"audio": SOUNDS}, PICTURES)


def test_another_codec_needs_another_file(tmp_path: Path) -> None:
    """The muxer says so, leaves it out and goes on with what fits."""
    frames = show_frames("VP8")
    muxer = FrameMuxer(str(tmp_path / "show"), "webm")
    for frame in frames:
        muxer.frame(frame)
    other = replace(next(frame for frame in show_frames("VP9") if frame.kind == "video"), capture_s=60.0)
    assert muxer.takes(frames[-1])
    assert not muxer.takes(other)
    before = muxer.left_out_frames
    muxer.frame(other)
    muxer.end()
    assert muxer.left_out_frames == before + 1
    assert muxer.written_frames["video"] == PICTURES
    probe(tmp_path / "show")


def test_a_codec_that_does_not_belong_into_a_container_is_refused(tmp_path: Path) -> None:
    """And no file is made."""
    muxer = FrameMuxer(str(tmp_path / "show"), "webm")
    with pytest.raises(CodecNotInContainerError, match="H264"):
        muxer.frame(next(frame for frame in show_frames("H264") if frame.kind == "video"))
    muxer.end()
    assert list(tmp_path.iterdir()) == []


def test_a_picture_without_a_readable_size_is_refused(tmp_path: Path) -> None:
    """The file can still be ended, once."""
    muxer = FrameMuxer(str(tmp_path / "show"), "webm", frozenset({"video"}))
    first = next(frame for frame in show_frames("VP8") if frame.kind == "video")
    with pytest.raises(BrokenFrameError, match="start code"):
        muxer.frame(replace(first, data=b"\x00garbage"))
    muxer.end()
    assert muxer.ended.is_set()
    assert muxer.written_frames == {"video": 0}


def test_a_clock_that_goes_back_does_not_end_the_file(tmp_path: Path) -> None:
    """Times in the file only grow."""
    frames = [
        replace(f, capture_s=f.capture_s - (0.5 if f.capture_s > 51.0 else 0.0)) for f in show_frames("VP8")
    ]
    muxer = mux(tmp_path / "show", "webm", frames)
    assert muxer.written_frames["video"] == PICTURES
    probe(tmp_path / "show")
