"""Encodes the demo show and sends it through the WHIP door, as OBS would.

H264 without B-frames and one keyframe a second, so that a viewer who comes late waits little although
FFmpeg's WHIP muxer ignores keyframe requests; Opus in 20 ms packets. The picture of a moment carries the
clock of that moment: whoever compares it with a clock sees the delay of the whole path.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from liveshop.demo.certificate_files import certificate_options
from liveshop.demo.scene import FRAMES_PER_S, HEIGHT_PX, WIDTH_PX, DemoProduct, moment_at
from liveshop.demo.scene_image import Stall
from liveshop.demo.sound import LOOP_S, SAMPLES_PER_S, loop_samples, stereo_bytes

logger = logging.getLogger(__name__)

VIDEO_BITS_PER_S = 1_000_000
AUDIO_BITS_PER_S = 64_000
AUDIO_FRAME_SAMPLES = 960
LATE_LIMIT_S = 0.5
BYTES_PER_SAMPLE = 4
"""Two channels of 16 bits."""

VIDEO_OPTIONS = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "baseline",
    "bf": "0",
    "g": str(FRAMES_PER_S),
    "maxrate": "1400000",
    "bufsize": "700000",
    "threads": "1",
}


class PublishError(Exception):
    """The server refused, could not be reached or went away; the message is FFmpeg's."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where to publish: the WHIP address of a show and its stream key."""

    url: str
    key: str


class DemoShow:
    """Picture and sound for any moment; made once, used for every connection."""

    def __init__(self, shop_name: str, products: tuple[DemoProduct, ...]) -> None:
        blank = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p")
        self._stall = Stall(shop_name, products, (blank.planes[0].line_size, blank.planes[1].line_size))
        loop = stereo_bytes(loop_samples())
        # The loop's beginning once more at its end: a packet never has to be put together from two pieces.
        self._sound = loop + loop[: AUDIO_FRAME_SAMPLES * BYTES_PER_SAMPLE]

    def video_frame(self, show_s: float) -> av.VideoFrame:
        """Draw the frame of a wall-clock time."""
        frame = av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p")
        for plane, content in zip(frame.planes, self._stall.planes(moment_at(show_s)), strict=True):
            plane.update(content)
        return frame

    def audio_frame(self, show_s: float) -> av.AudioFrame:
        """Cut 20 ms of sound that begin at a wall-clock time."""
        start = round(show_s % LOOP_S * SAMPLES_PER_S) % (LOOP_S * SAMPLES_PER_S) * BYTES_PER_SAMPLE
        frame = av.AudioFrame(format="s16", layout="stereo", samples=AUDIO_FRAME_SAMPLES)
        frame.planes[0].update(self._sound[start : start + AUDIO_FRAME_SAMPLES * BYTES_PER_SAMPLE])
        frame.sample_rate = SAMPLES_PER_S
        return frame


class _Track:
    """One stream of the connection: knows which frame is due when, encodes and sends it."""

    def __init__(
        self,
        container: OutputContainer,
        stream: VideoStream | AudioStream,
        step: Fraction,
        frame_at: Callable[[float], av.VideoFrame | av.AudioFrame],
    ) -> None:
        self._container = container
        self._stream = stream
        self._step = step
        self._frame_at = frame_at
        self._number = 0

    @property
    def due_s(self) -> float:
        """Seconds from the start of the connection at which the next frame goes out."""
        return float(self._number * self._step)

    def skip_to(self, at_s: float) -> None:
        """Leave out frames that would come too late; their time passes without them."""
        self._number = max(self._number, int(at_s / self._step))

    def send(self, started_at_s: float) -> None:
        """Encode the due frame and hand its packets to the muxer."""
        frame = self._frame_at(started_at_s + self.due_s)
        at = self._number * self._step
        rate = SAMPLES_PER_S if isinstance(frame, av.AudioFrame) else FRAMES_PER_S
        frame.pts = int(at * rate)
        frame.time_base = Fraction(1, rate)
        # PyAV types encode for each kind of stream apart; a track holds frames of its stream's kind only.
        self._container.mux(self._stream.encode(frame))  # type: ignore[arg-type]
        self._number += 1


def publish(show: DemoShow, door: Door, should_stop: Callable[[], bool]) -> None:
    """Send the show until `should_stop` says so.

    Blocks the calling thread. Raises PublishError when the connection ends or cannot begin. The session is
    deleted at the end, also after an error if the server still answers.
    """
    with certificate_options() as certificate:
        try:
            container = av.open(
                door.url, "w", format="whip", options={"authorization": door.key, **certificate}
            )
        except (av.error.FFmpegError, OSError) as error:
            raise PublishError(str(error)) from error
        try:
            _send_all(container, show, should_stop)
        except (av.error.FFmpegError, OSError) as error:
            raise PublishError(str(error)) from error
        finally:
            _close(container)


def _send_all(container: OutputContainer, show: DemoShow, should_stop: Callable[[], bool]) -> None:
    tracks = [_add_video(container, show), _add_audio(container, show)]
    container.start_encoding()  # opens the connection; the clock below must not run meanwhile
    # A show time on a whole frame puts later frames exactly on the seconds.
    started_at_s = int(time.time() * FRAMES_PER_S) / FRAMES_PER_S
    offset_s = time.monotonic() - (time.time() - started_at_s)
    while not should_stop():
        track = min(tracks, key=lambda each: each.due_s)
        early_s = track.due_s - (time.monotonic() - offset_s)
        if early_s > 0:
            time.sleep(early_s)
        elif early_s < -LATE_LIMIT_S:
            logger.warning("the demo show is %.1f s late and skips ahead", -early_s)
            for each in tracks:
                each.skip_to(track.due_s - early_s)
        track.send(started_at_s)


def _add_video(container: OutputContainer, show: DemoShow) -> _Track:
    stream = container.add_stream("libx264", rate=FRAMES_PER_S, options=VIDEO_OPTIONS)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    stream.bit_rate = VIDEO_BITS_PER_S
    return _Track(container, stream, Fraction(1, FRAMES_PER_S), show.video_frame)


def _add_audio(container: OutputContainer, show: DemoShow) -> _Track:
    stream = container.add_stream("libopus", rate=SAMPLES_PER_S, layout="stereo")
    assert isinstance(stream, AudioStream)
    stream.bit_rate = AUDIO_BITS_PER_S
    return _Track(container, stream, Fraction(AUDIO_FRAME_SAMPLES, SAMPLES_PER_S), show.audio_frame)


def _close(container: OutputContainer) -> None:
    """Delete the session; a server that is gone cannot answer, and that is no news."""
    try:
        container.close()
    except (av.error.FFmpegError, OSError) as error:
        logger.debug("closing the demo publisher's connection: %s", error)
