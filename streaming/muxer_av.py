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

import threading
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, Literal

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Stream

from streaming.frames.capture_clock import RATES_HZ
from streaming.frames.frame import MediaFrame
from streaming.frames.h264 import START_CODE
from streaming.frames.picture_size import picture_size

Container = Literal["webm", "mp4", "fragmented_mp4"]
SOUND_WAIT_S = 1.0
MAX_HELD_FRAMES = 600


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
        {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
        frozenset({"H264", "VP9", "AV1", "OPUS"}),
    ),
}


class CodecNotInContainerError(ValueError):
    """Players do not expect this codec in this container."""


@dataclass(slots=True)
class _Track:
    stream: Stream
    codec: str
    time_base: Fraction
    last: int = -1
    step: int = 0


class FrameMuxer:
    """A `FrameConsumer` that writes one file.

    The file begins with the first key frame, at its capture time; sound before it is left out. When no
    sound came within `SOUND_WAIT_S` of pictures, the file has none. With `kinds` of sound only, it begins
    with the first sound. `output` is a path, or a binary file (one that can seek, unless fragmented). For
    the codecs' headers: PyAV takes SPS and PPS or the AV1 sequence header from the first frame, and opens
    libopus for an `OpusHead`; nothing is encoded or decoded.
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
        self._held: deque[MediaFrame] = deque(maxlen=MAX_HELD_FRAMES)
        self._base_s = 0.0

    def takes(self, frame: MediaFrame) -> bool:
        """Whether this frame fits into the file that has begun; True before it has."""
        track = self._tracks.get(frame.kind)
        return not self._tracks or (track is not None and track.codec == frame.codec)

    def frame(self, frame: MediaFrame) -> None:
        """Write a frame, or hold it until the file can begin.

        Raises `CodecNotInContainerError`, and what FFmpeg raises when the file cannot be written.
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
            if not self._tracks:
                self._begin()
            if self._file is not None:
                self._file.close()
        finally:
            self.ended.set()

    def _hold(self, frame: MediaFrame) -> None:
        if frame.codec not in self._layout.codecs:
            raise CodecNotInContainerError(f"{frame.codec} does not belong into {self._layout.format}")
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
        sound = next((held for held in self._held if held.kind == "audio"), None)
        if first.kind == "video":
            self._add_picture(self._file, first)
        if sound is not None:
            self._add_sound(self._file, sound)
        while self._held:
            self._write(self._held.popleft())

    def _add_picture(self, file: OutputContainer, frame: MediaFrame) -> None:
        width, height = picture_size(frame)
        time_base = Fraction(1, RATES_HZ["video"])
        stream = file.add_mux_stream(frame.codec.lower(), width=width, height=height, time_base=time_base)
        self._tracks["video"] = _Track(stream, frame.codec, time_base)

    def _add_sound(self, file: OutputContainer, frame: MediaFrame) -> None:
        rate_hz = RATES_HZ["audio"]
        stream = file.add_stream("libopus", rate=rate_hz, layout="stereo")
        assert isinstance(stream, AudioStream)
        self._tracks["audio"] = _Track(stream, frame.codec, Fraction(1, rate_hz))

    def _write(self, frame: MediaFrame) -> None:
        if frame.capture_s < self._base_s or not self.takes(frame):
            self.left_out_frames += 1
            return
        track = self._tracks[frame.kind]
        # Never back: a clock that was put right must not end the file.
        at = max(round((frame.capture_s - self._base_s) / track.time_base), track.last + 1)
        if track.last >= 0:
            track.step = at - track.last
        packet = av.Packet(self._data(frame, track))
        packet.stream = track.stream
        packet.time_base = track.time_base
        packet.pts = packet.dts = at
        packet.duration = frame.duration_ticks or track.step
        packet.is_keyframe = frame.is_key_frame
        track.last = at
        assert self._file is not None
        self._file.mux(packet)
        self.written_frames[frame.kind] += 1

    @staticmethod
    def _data(frame: MediaFrame, track: _Track) -> bytes:
        """Return the frame's bytes; the first frame brings the parameter sets, whence PyAV reads them."""
        if track.last >= 0 or not frame.parameter_sets or frame.kind == "audio":
            return frame.data
        missing = [unit for unit in frame.parameter_sets if unit not in frame.data]
        mark = START_CODE if frame.codec == "H264" else b""
        return b"".join(mark + unit for unit in missing) + frame.data
