"""Real encoders' output for the tests of depacketizers, and packetizers to take it apart.

VP8 and H.264 are packetized by aiortc, VP9 and AV1 by what stands here: neither aiortc nor anything else at
hand does those.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from streaming.frames.av1 import TEMPORAL_DELIMITER, read_leb128
from streaming.rtp.ring import StoredPacket

FRAMES_PER_S = 15
KEY_EVERY = 10
MAX_PAYLOAD_BYTES = 1180
ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
    "VP9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
    "H264": ("libx264", {"tune": "zerolatency", "preset": "ultrafast", "bf": "0"}),
    "AV1": ("libsvtav1", {"preset": "11", "svtav1-params": f"rc=2:pred-struct=1:keyint={KEY_EVERY}:lp=1"}),
}


def picture(number: int, width: int, height: int) -> av.VideoFrame:
    """A picture with enough in it that key frames take several packets, different for each number."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        size = plane.buffer_size
        noise = bytes((x * x * 7 + number * 13 + (x >> 5) * 31) & 0xFF for x in range(4096))
        plane.update((noise * (size // 4096 + 1))[:size])
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
    return frame


@cache
def video(codec: str, frames: int = 24, width: int = 320, height: int = 180) -> tuple[bytes, ...]:
    """Frames of this codec as their encoder gives them, a key frame each `KEY_EVERY`."""
    name, options = ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FRAMES_PER_S), Fraction(FRAMES_PER_S)
    encoder.gop_size, encoder.options, encoder.bit_rate = KEY_EVERY, options, 1_500_000
    with scheduling_kept():
        packets = [packet for n in range(frames) for packet in encoder.encode(picture(n, width, height))]
        packets += encoder.encode(None)
    return tuple(bytes(packet) for packet in packets)


@contextlib.contextmanager
def scheduling_kept() -> Iterator[None]:
    """Undo what SVT-AV1 does for root: its caller, and what that starts later, goes before all others."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


@cache
def sound(packets: int = 50) -> tuple[bytes, ...]:
    """Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    encoded = []
    for number in range(packets):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        wave = bytes((n * 37 * (number + 1)) & 0x3F if n & 1 else n & 0xFF for n in range(3840))
        frame.planes[0].update(wave)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * number, Fraction(1, 48_000)
        encoded += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(encoded)


def nal_units(access_unit: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit."""
    return list(H264Encoder._split_bitstream(access_unit))


def obus(unit: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(type, header without size bit, body) of the OBUs of a temporal unit, all of which have sizes."""
    position = 0
    while position < len(unit):
        head = unit[position : position + (2 if unit[position] & 0x04 else 1)]
        size, begin = read_leb128(unit, position + len(head))
        yield head[0] >> 3 & 0x0F, bytes((head[0] & ~0x02,)) + head[1:], unit[begin : begin + size]
        position = begin + size


def _chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def vp8_payloads(frame: bytes) -> list[bytes]:
    """By aiortc, with 15-bit picture ids."""
    return Vp8Encoder._packetize(frame, 1000)


def h264_payloads(frame: bytes) -> list[bytes]:
    """By aiortc: STAP-A and FU-A."""
    return H264Encoder._packetize(nal_units(frame))


def vp9_payloads(frame: bytes) -> list[bytes]:
    """In non-flexible mode with a picture id and layer indices; key frames carry a structure."""
    is_key = not frame[0] & 0x0C
    chunks = _chunks(frame, MAX_PAYLOAD_BYTES)
    payloads = []
    for index, chunk in enumerate(chunks):
        begins, ends = index == 0, index == len(chunks) - 1
        structure = is_key and begins
        flags = 0xA0 | (not is_key) << 6 | begins << 3 | ends << 2 | structure << 1
        extra = b"\x18\x01\x40\x00\xb4\x01\x04\x01" if structure else b""
        payloads.append(bytes((flags,)) + b"\x83\xe8\x00\x07" + extra + chunk)
    return payloads


def av1_payloads(unit: bytes) -> list[bytes]:
    """Each packet with one OBU element, so that sizes are not needed (W = 1)."""
    elements = [head + body for kind, head, body in obus(unit) if kind != TEMPORAL_DELIMITER]
    is_new = any(element[0] >> 3 & 0x0F == 1 for element in elements)
    payloads: list[bytes] = []
    for element in elements:
        chunks = _chunks(element, MAX_PAYLOAD_BYTES)
        for index, chunk in enumerate(chunks):
            first = is_new and not payloads
            flags = (index > 0) << 7 | (index < len(chunks) - 1) << 6 | 1 << 4 | first << 3
            payloads.append(bytes((flags,)) + chunk)
    return payloads


PACKETIZE: dict[str, Callable[[bytes], list[bytes]]] = {
    "VP8": vp8_payloads,
    "VP9": vp9_payloads,
    "H264": h264_payloads,
    "AV1": av1_payloads,
}


def packets_of(
    codec: str, frames: tuple[bytes, ...], *, sequence: int = 1000, timestamp: int = 0, began_s: float = 0.0
) -> list[StoredPacket]:
    """The packets of a stream as a show stores them, in order, 15 frames a second."""
    packets: list[StoredPacket] = []
    for number, frame in enumerate(frames):
        payloads = PACKETIZE[codec](frame)
        at = timestamp + number * 90_000 // FRAMES_PER_S & 0xFFFFFFFF
        for payload in payloads:
            is_last = payload is payloads[-1]
            arrival_s = began_s + number / FRAMES_PER_S
            packets.append(
                StoredPacket(sequence + len(packets), at, is_last, codec, payload, False, arrival_s)
            )
    return packets


def sound_packets_of(
    frames: tuple[bytes, ...], *, sequence: int = 1000, timestamp: int = 0, began_s: float = 0.0
) -> list[StoredPacket]:
    """The packets of a sound as a show stores them."""
    return [
        StoredPacket(
            sequence + n, timestamp + 960 * n & 0xFFFFFFFF, False, "OPUS", frame, True, began_s + n / 50
        )
        for n, frame in enumerate(frames)
    ]
