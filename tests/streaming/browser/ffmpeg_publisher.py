"""A stranger's publisher: FFmpeg's WHIP muxer with libx264 and Opus as they come, in a process of its own.

    python -m tests.streaming.browser.ffmpeg_publisher URL KEY [GROUP_S | defaults]

It differs from the demo publisher in what it leaves at its default: profile High, no zerolatency. Prints
"on air" after the first packets and ends when its standard input is closed. There is a key frame every two
seconds, as every guide says; with `defaults` that is left to the encoder too (every 250 pictures, 10 s).
With `GROUP_S` there is one every so many seconds and none between; every picture then has its number in it
(`NUMBER_BITS` fields along the top, the highest bit first, white for 1), and at each full second a lantern in
`LANTERN_BOX` lights up and a beep sounds for an eighth of a second.
"""

import itertools
import select
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from liveshop.demo.certificate_files import certificate_options

FRAMES_PER_S = 15
DEFAULT_FRAMES_PER_S = 25
PACKET_S = Fraction(1, 50)
WIDTH, HEIGHT = 480, 270
KEY_EVERY_FRAMES = 30
NUMBER_BITS = 12
# Left, top, right, bottom, as shares of the picture.
LANTERN_BOX = (0.4, 0.4, 0.6, 0.6)
LIT_S = Fraction(1, 8)
SAMPLES = 960


def main(url: str, key: str, groups: str = "") -> None:
    """Send FFmpeg's own test picture and a tone, or counted pictures, until the standard input is closed."""
    defaults = groups == "defaults"
    frames_per_s = DEFAULT_FRAMES_PER_S if defaults else FRAMES_PER_S
    counted = groups.isdecimal()
    pictures = numbered_pictures() if counted else lavfi_pictures(frames_per_s)
    tone = beeps() if counted else lavfi_tone()
    key_every_frames = int(groups) * FRAMES_PER_S if counted else KEY_EVERY_FRAMES
    key_frames = {} if defaults else {"g": str(key_every_frames), "sc_threshold": "0"}
    frame_s = Fraction(1, frames_per_s)
    with certificate_options() as certificate:
        container = av.open(url, "w", format="whip", options={"authorization": key, **certificate})
        send = {
            frame_s: picture_sender(container, pictures, frames_per_s, key_frames),
            PACKET_S: tone_sender(container, tone),
        }
        due_s = dict.fromkeys(send, Fraction(0))
        container.start_encoding()
        began_s = time.monotonic()
        while not select.select([sys.stdin], [], [], 0)[0]:
            step_s = min(due_s, key=lambda each: due_s[each])
            time.sleep(max(0.0, float(due_s[step_s]) + began_s - time.monotonic()))
            send[step_s]()
            due_s[step_s] += step_s
            if due_s[frame_s] == 1:
                print("on air", flush=True)  # noqa: T201 the protocol with the test
        container.close()


def picture_sender(
    container: OutputContainer, pictures: Iterator[VideoFrame], frames_per_s: int, key_frames: dict[str, str]
) -> Callable[[], None]:
    """Add the video stream; each call sends one frame."""
    # `bf`: the muxer refuses libx264's B-frames itself, see test_ffmpegs_own_muxer_refuses_b_frames.
    stream = container.add_stream("libx264", rate=frames_per_s, options={"bf": "0"} | key_frames)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    return lambda: container.mux(stream.encode(next(pictures)))


def tone_sender(container: OutputContainer, tone: Iterator[AudioFrame]) -> Callable[[], None]:
    """Add the audio stream; each call sends 20 ms."""
    stream = container.add_stream("libopus", rate=48_000, layout="stereo")
    assert isinstance(stream, AudioStream)
    return lambda: container.mux(stream.encode(next(tone)))


def lavfi_pictures(frames_per_s: int) -> Iterator[VideoFrame]:
    """Yield FFmpeg's own test pictures."""
    return av.open(f"testsrc2=size={WIDTH}x{HEIGHT}:rate={frames_per_s}", format="lavfi").decode(video=0)


def lavfi_tone() -> Iterator[AudioFrame]:
    """Yield FFmpeg's own tone."""
    tone = f"sine=frequency=440:sample_rate=48000:samples_per_frame={SAMPLES}"
    return av.open(tone, format="lavfi").decode(audio=0)


def numbered_pictures() -> Iterator[VideoFrame]:
    """Yield pictures that carry their number, with a lantern that lights up at each full second."""
    field = WIDTH // NUMBER_BITS
    left, top, right, bottom = (round(s * n) for s, n in zip(LANTERN_BOX, (WIDTH, HEIGHT) * 2, strict=True))
    for number in itertools.count():
        picture = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
        picture[HEIGHT - 40 :, (number * 7) % WIDTH :, 0] = 180
        for bit in range(NUMBER_BITS):
            if number >> (NUMBER_BITS - 1 - bit) & 1:
                picture[:field, bit * field : (bit + 1) * field] = 255
        if Fraction(number, FRAMES_PER_S) % 1 < LIT_S:
            picture[top:bottom, left:right] = 255
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
        yield frame


def beeps() -> Iterator[AudioFrame]:
    """Yield 20 ms of sound a time: 1 kHz while the lantern is lit."""
    times = np.arange(SAMPLES) / 48_000
    for number in itertools.count():
        loud = (number * float(PACKET_S) + times) % 1 < float(LIT_S)
        wave = (np.sin(2 * np.pi * 1000 * times) * loud * 12_000).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * SAMPLES, Fraction(1, 48_000)
        yield frame


if __name__ == "__main__":
    main(*sys.argv[1:])
