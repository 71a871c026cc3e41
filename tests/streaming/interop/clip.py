"""A short show, encoded once, for clients that bring no encoder.

A clip is a JSON file that the Node programs read: two seconds of FFmpeg's moving test picture in one or more
sizes and of a tone, as encoded frames. It can be played in a circle: it begins with a key frame, and has
another in its middle, so that a viewer who comes late has a picture within a second although the player
cannot obey a request for a key frame (OBS does not either).
"""

import atexit
import base64
import functools
import json
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

FRAMES_PER_S = 15
FRAMES_TOTAL = 30
KEY_EVERY_FRAMES = 15
SOUNDS_TOTAL = 100
SOUND_SAMPLES = 960
SIZES = ((480, 270), (240, 136), (120, 68))
ENCODERS = {
    "H264": ("libx264", {"profile": "baseline", "preset": "ultrafast", "tune": "zerolatency", "bf": "0"}),
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
    "VP9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
}


@functools.cache
def clip_file(codec: str, layers: int = 1) -> Path:
    """Encode a clip of this codec, once, and return its file."""
    video = [[_text(frame) for frame in pictures(codec, *size)] for size in SIZES[:layers]]
    audio = [_text(packet) for packet in tone()][:SOUNDS_TOTAL]
    assert [len(layer) for layer in video] == [FRAMES_TOTAL] * layers
    assert len(audio) == SOUNDS_TOTAL
    folder = mkdtemp(prefix="clip-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / f"{codec}-{layers}.json"
    path.write_text(json.dumps({"frames_per_s": FRAMES_PER_S, "video": video, "audio": audio}))
    return path


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pictures(codec: str, width: int, height: int) -> Iterator[bytes]:
    """Encode the moving picture; H.264 has start codes, and parameter sets before each key frame."""
    encoder, options = ENCODERS[codec]
    with av.open("/dev/null", "w", format="rawvideo" if codec == "H264" else "ivf") as nowhere:
        stream = nowhere.add_stream(
            encoder, rate=FRAMES_PER_S, options=options | {"g": str(KEY_EVERY_FRAMES)}
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 2 * width * height
        source = av.open(f"testsrc2=size={width}x{height}:rate={FRAMES_PER_S}", format="lavfi")
        for number, frame in zip(range(FRAMES_TOTAL), source.decode(video=0), strict=False):
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
            yield from map(bytes, stream.encode(frame))
        yield from map(bytes, stream.encode(None))
        source.close()


def tone() -> Iterator[bytes]:
    """Encode a tone as Opus packets of 20 ms; a few more than the clip needs."""
    source = av.open(
        f"sine=frequency=440:sample_rate=48000:samples_per_frame={SOUND_SAMPLES}", format="lavfi"
    )
    with av.open("/dev/null", "w", format="ogg") as nowhere:
        stream = nowhere.add_stream("libopus", rate=48_000, layout="stereo")
        assert isinstance(stream, AudioStream)
        for _, frame in zip(range(SOUNDS_TOTAL + 5), source.decode(audio=0), strict=False):
            yield from map(bytes, stream.encode(frame))
    source.close()
