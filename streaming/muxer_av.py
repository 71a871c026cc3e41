"""Writes a tap's frames into a file as they are: WebM, MP4 or fragmented MP4, without transcoding.

    muxer = FrameMuxer("show.webm", "webm")
    show.attach_tap(muxer)      # the tap's own thread calls `frame` and `end`
    ...
    show.detach_tap(muxer)
    await asyncio.to_thread(muxer.ended.wait)

Muxing writes to a disk and may block for as long as the disk does: never call `frame` on an event loop. A
tap does not; whoever feeds a muxer from elsewhere does so in a thread.

One file has one codec a kind. After a change of codec `takes` is False and frames are left out: whoever
wants to go on begins another file with that frame. A publisher's return with the same codecs leaves a gap
as long as the host was away.
"""

import io
import threading
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from struct import Struct
from typing import BinaryIO, Literal

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from streaming.frames.capture_clock import RATES_HZ
from streaming.frames.frame import MediaFrame
from streaming.frames.h264 import START_CODE
from streaming.frames.picture_size import picture_size

Container = Literal["webm", "mp4", "fragmented_mp4"]
SOUND_WAIT_S = 1.0
MAX_HELD_FRAMES = 600
OPUS_HEAD = Struct("<BBHIhB")
ENCODERS = {"VP8": "libvpx", "VP9": "libvpx-vp9", "H264": "libx264", "AV1": "libsvtav1", "OPUS": "libopus"}
"""How PyAV names a codec it can make a stream for; nothing is encoded."""


@dataclass(slots=True, frozen=True)
class Layout:
    """What FFmpeg calls a container, its muxer's options, and the codecs players expect in it."""

    format: str
    options: dict[str, str]
    codecs: frozenset[str]


LAYOUTS: dict[Container, Layout] = {
    "webm": Layout("webm", {}, frozenset({"VP8", "VP9", "AV1", "OPUS"})),
    "mp4": Layout("mp4", {}, frozenset({"H264", "VP9", "AV1", "OPUS"})),
    "fragmented_mp4": Layout(
        "mp4",
        {"movflags": "frag_keyframe+empty_moov+delay_moov+default_base_moof"},
        frozenset({"H264", "VP9", "AV1", "OPUS"}),
    ),
}


class CodecNotInContainerError(ValueError):
    """Players do not expect this codec in this container."""


@dataclass(slots=True)
class _Track:
    stream: VideoStream | AudioStream
    codec: str
    time_base: Fraction
    last: int = -1
    step: int = 0


class FrameMuxer:
    """A `FrameConsumer` that writes one file.

    The file begins with the first key frame, at its capture time; sound before it is left out. When no
    sound came within `SOUND_WAIT_S` of pictures, the file has none. With `kinds` of sound only, it begins
    with the first sound. `output` is a path, or a binary file (one that can seek, unless fragmented).
    """

    def __init__(
        self,
        output: str | BinaryIO,
        container: Container,
        kinds: frozenset[str] = frozenset({"audio", "video"}),
    ) -> None:
        self.ended = threading.Event()
        self.left_out_frames = 0
        self.written_frames = dict.fromkeys(kinds, 0)
        self._kinds = kinds
        self._layout = LAYOUTS[container]
        self._output = output
        self._file: OutputContainer | None = None
        self._tracks: dict[str, _Track] = {}
        self._held: deque[MediaFrame] = deque()
        self._base_s = 0.0

    @property
    def length_s(self) -> float:
        """Seconds from the file's beginning to the newest frame of the kind that is least far."""
        return min((float(track.last * track.time_base) for track in self._tracks.values()), default=0.0)

    def takes(self, frame: MediaFrame) -> bool:
        """Whether this frame fits into the file that has begun; True before it has."""
        track = self._tracks.get(frame.kind)
        return not self._tracks or (track is not None and track.codec == frame.codec)

    def frame(self, frame: MediaFrame) -> None:
        """Write a frame, or hold it until the file can begin.

        Raises `CodecNotInContainerError`, `BrokenFrameError` when the first key frame has no readable size,
        and what FFmpeg raises when the file cannot be written.
        """
        if not self.takes(frame) or frame.kind not in self._kinds:
            self.left_out_frames += 1
        elif self._tracks:
            self._write(frame)
        else:
            self._hold(frame)

    def end(self) -> None:
        """Finish the file; one that has not begun is not made."""
        try:
            if self._file is None:
                self._begin()
            if self._file is not None:
                self._file.close()
        finally:
            self.ended.set()

    def _hold(self, frame: MediaFrame) -> None:
        if frame.codec not in self._layout.codecs:
            raise CodecNotInContainerError(f"{frame.codec} does not belong into {self._layout.format}")
        if len(self._held) >= MAX_HELD_FRAMES:
            self._held.popleft()
            self.left_out_frames += 1
        self._held.append(frame)
        first = self._first()
        if first is None:
            return
        have = {held.kind for held in self._held}
        if have == self._kinds or frame.capture_s - first.capture_s > SOUND_WAIT_S:
            self._begin()

    def _first(self) -> MediaFrame | None:
        """Return the frame with which the file begins, if it has come."""
        leading = "video" if "video" in self._kinds else "audio"
        return next((held for held in self._held if held.kind == leading and held.is_key_frame), None)

    def _begin(self) -> None:
        first = self._first()
        if first is None:
            return
        self._base_s = first.capture_s
        self._file = av.open(
            self._output, "w", format=self._layout.format, container_options=self._layout.options
        )
        self._add(self._file, first)
        for frame in self._held:
            if frame.kind not in self._tracks:
                self._add(self._file, frame)
        while self._held:
            self._write(self._held.popleft())

    def _add(self, file: OutputContainer, frame: MediaFrame) -> None:
        time_base = Fraction(1, RATES_HZ[frame.kind])
        stream = _new_stream(file, frame.codec)
        stream.time_base = time_base
        stream.codec_context.extradata = codec_header(frame) or None
        if isinstance(stream, VideoStream):
            stream.width, stream.height = picture_size(frame)
        self._tracks[frame.kind] = _Track(stream, frame.codec, time_base)

    def _write(self, frame: MediaFrame) -> None:
        track = self._tracks[frame.kind]
        at = round((frame.capture_s - self._base_s) / track.time_base)
        if (at < 0 and track.last < 0) or not self.takes(frame):
            self.left_out_frames += 1
            return
        # Never back: a clock that was put right must not end the file.
        at = max(at, track.last + 1)
        if track.last >= 0:
            track.step = at - track.last
        packet = av.Packet(frame.data)
        packet.stream = track.stream
        packet.time_base = track.time_base
        packet.pts = packet.dts = at
        packet.duration = frame.duration_ticks or track.step
        packet.is_keyframe = frame.is_key_frame
        track.last = at
        assert self._file is not None
        self._file.mux(packet)
        self.written_frames[frame.kind] += 1


def _new_stream(file: OutputContainer, codec: str) -> VideoStream | AudioStream:
    """Add a stream whose codec is never opened.

    PyAV opens the encoder of a stream it makes from a name, and lets nobody write the header of one it
    makes for muxing. One made from another stream it leaves alone, so that other one is made in a file
    that goes nowhere.
    """
    with av.open(io.BytesIO(), "w", format="null") as nowhere:
        template = nowhere.add_stream(ENCODERS[codec])
        stream = file.add_stream_from_template(template, opaque=True)
    assert isinstance(stream, VideoStream | AudioStream)
    return stream


def codec_header(frame: MediaFrame) -> bytes:
    """Return what FFmpeg's muxers make `avcC`, `av1C`, `OpusHead` and `dOps` from; empty for VP8 and VP9.

    SPS and PPS with start codes; the sequence header OBU; an `OpusHead` (RFC 7845 section 5.1) of two
    channels, which RFC 7587 always announces. Its pre-skip is 0: a tap begins in the middle, and players of
    the live show skip nothing either.
    """
    if frame.codec == "H264":
        return b"".join(START_CODE + unit for unit in frame.parameter_sets)
    if frame.codec == "OPUS":
        return b"OpusHead" + OPUS_HEAD.pack(1, 2, 0, RATES_HZ["audio"], 0, 0)
    return b"".join(frame.parameter_sets)
