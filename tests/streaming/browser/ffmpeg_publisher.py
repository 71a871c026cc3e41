"""A stranger's publisher: FFmpeg's WHIP muxer with libx264 and Opus as they come, in a process of its own.

    python -m tests.streaming.browser.ffmpeg_publisher URL KEY

It differs from the demo publisher in what it leaves at its default: profile High, no zerolatency, a
keyframe when the encoder likes. Prints "on air" after the first packets and ends when its standard input is
closed.
"""

import select
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from liveshop.demo.certificate_files import certificate_options

FRAMES_PER_S = 15
FRAME_S = Fraction(1, FRAMES_PER_S)
PACKET_S = Fraction(1, 50)
KEY_EVERY_FRAMES = "30"


def main(url: str, key: str) -> None:
    """Send FFmpeg's own test picture and a tone until the standard input is closed."""
    with certificate_options() as certificate:
        container = av.open(url, "w", format="whip", options={"authorization": key, **certificate})
        send = {FRAME_S: picture_sender(container), PACKET_S: tone_sender(container)}
        due_s = dict.fromkeys(send, Fraction(0))
        container.start_encoding()
        began_s = time.monotonic()
        while not select.select([sys.stdin], [], [], 0)[0]:
            step_s = min(due_s, key=lambda each: due_s[each])
            time.sleep(max(0.0, float(due_s[step_s]) + began_s - time.monotonic()))
            send[step_s]()
            due_s[step_s] += step_s
            if due_s[FRAME_S] == 1:
                print("on air", flush=True)  # noqa: T201 the protocol with the test
        container.close()


def picture_sender(container: OutputContainer) -> Callable[[], None]:
    """Add the video stream; each call sends one frame."""
    source = av.open(f"testsrc2=size=480x270:rate={FRAMES_PER_S}", format="lavfi").decode(video=0)
    # The muxer refuses B-frames; the distance of keyframes is the one thing every guide sets.
    stream = container.add_stream("libx264", rate=FRAMES_PER_S, options={"bf": "0", "g": KEY_EVERY_FRAMES})
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
    return lambda: container.mux(stream.encode(next(source)))


def tone_sender(container: OutputContainer) -> Callable[[], None]:
    """Add the audio stream; each call sends 20 ms."""
    tone = "sine=frequency=440:sample_rate=48000:samples_per_frame=960"
    source = av.open(tone, format="lavfi").decode(audio=0)
    stream = container.add_stream("libopus", rate=48_000, layout="stereo")
    assert isinstance(stream, AudioStream)
    return lambda: container.mux(stream.encode(next(source)))


if __name__ == "__main__":
    main(*sys.argv[1:])
