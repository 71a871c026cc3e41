"""What is in a recorded file: what ffprobe says of it, and where it flashes and beeps."""

import json
import subprocess
from array import array
from pathlib import Path
from typing import Any

import av

BRIGHT = 150
LOUD = 0.1
QUIET_S = 0.3


def probe(path: Path) -> dict[str, Any]:
    """Let ffprobe decode all of it; it must have nothing to complain about."""
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_streams", "-show_format", "-count_frames"]
    result = subprocess.run([*command, str(path)], capture_output=True, check=True, timeout=60)
    assert result.stderr == b"", result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def flashes_s(path: Path) -> list[float]:
    """When the middle of the picture lit up, in seconds of the file."""
    found_s = []
    lit = True
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            plane = frame.reformat(format="gray").planes[0]
            middle = frame.height // 2 * plane.line_size + frame.width // 2
            bright = bytes(plane)[middle] > BRIGHT
            if bright and not lit:
                assert frame.time is not None
                found_s.append(frame.time)
            lit = bright
    return found_s


def beeps_s(path: Path) -> list[float]:
    """When it became loud after some quiet, in seconds of the file."""
    found_s = []
    quiet_since_s = 0.0
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            samples = array("f", bytes(frame.planes[0]))[: frame.samples]
            loud = [n for n, sample in enumerate(samples) if abs(sample) > LOUD]
            if not loud:
                continue
            assert frame.time is not None
            begin_s, end_s = (frame.time + n / frame.sample_rate for n in (loud[0], loud[-1]))
            if begin_s - quiet_since_s > QUIET_S:
                found_s.append(begin_s)
            quiet_since_s = end_s
    return found_s
