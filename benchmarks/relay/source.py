"""The publisher, as an encoder sends.

30 frames a second of 4 packets of 1,112 B back to back, every 2 s a key frame of 40, and 50 packets a second
of sound of 132 B on a clock of their own: 188 packets and 1.2 Mb/s a second. With all features these are the
highest of three layers, and the two below it are sent before each frame (0.1 and 0.4 Mb/s).

Each payload carries its running number.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.relay.descriptions import LAYERS, MID_ID, RID_ID, TRANSPORT_ID, Features
from streaming.rtp.packet import RtpPacket, build_rtp

FRAME_S, SOUND_S = 1 / 30, 1 / 50
FRAME_PACKETS, KEY_FRAME_PACKETS, KEY_FRAME_EVERY = 4, 40, 60
VIDEO_BYTES, SOUND_BYTES = 1112 - 12, 132 - 12
PACKETS_PER_S = 30 * FRAME_PACKETS + (KEY_FRAME_PACKETS - FRAME_PACKETS) / 2 + 50
VP8_KEY, VP8_DELTA, VP8_REST = b"\x10\x00", b"\x10\x01", b"\x00\x00"
NUMBER = struct.Struct("!Q")
NOT_TIMED = 1 << 63
Send = Callable[[bytes], None]
# Sound's and the picture's.
Sends = tuple[Send, Send]


@dataclass(frozen=True)
class Shape:
    """How a layer's frames are cut into packets."""

    frame_packets: int
    key_frame_packets: int
    packet_bytes: int


LOWER_LAYERS = (Shape(1, 4, 400), Shape(2, 12, 800))


class Source:
    """Sends until stopped. `sent` is when a packet left, by (is video, its running number)."""

    def __init__(self, sends: Sends, types: tuple[int, int], features: Features) -> None:
        self._sound, self._video = sends
        self._sound_type, self._video_type = types
        self._below = LOWER_LAYERS if features is Features.ALL else ()
        self._features = features
        self.sent: dict[tuple[bool, int], float] = {}
        self.frame_of: dict[int, tuple[int, int]] = {}
        self.sound_total = self.video_total = self.frames_total = 0
        self._lower_totals = [0] * len(self._below)
        self._transport = 0

    async def run(self) -> None:
        """Keep both clocks; a late wake-up is not made up for by skipping."""
        sound_s = frame_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            if now_s >= sound_s:
                self._send_sound()
                sound_s += SOUND_S
            if now_s >= frame_s:
                self._send_lower_layers()
                self._send_frame()
                frame_s += FRAME_S
            await asyncio.sleep(max(0.0, min(sound_s, frame_s) - time.monotonic()))

    @property
    def _is_key(self) -> bool:
        return self.frames_total % KEY_FRAME_EVERY == 0

    def _send_sound(self) -> None:
        number = self.sound_total
        payload = NUMBER.pack(number) + bytes(SOUND_BYTES - NUMBER.size)
        extensions = {MID_ID: b"0"} if self._features is Features.ALL else {}
        packet = RtpPacket(
            False, self._sound_type, number & 0xFFFF, number * 960 & 0xFFFFFFFF, 1111, payload, extensions
        )
        written = build_rtp(packet)
        self.sent[False, number] = time.time()
        self._sound(written)
        self.sound_total += 1

    def _send_frame(self) -> None:
        packets = KEY_FRAME_PACKETS if self._is_key else FRAME_PACKETS
        first = self.video_total
        for place in range(packets):
            number = first + place
            written = self._picture(len(self._below), number, place, packets, VIDEO_BYTES)
            self.frame_of[number] = (first, packets)
            self.sent[True, number] = time.time()
            self._video(written)
        self.video_total += packets
        self.frames_total += 1

    def _send_lower_layers(self) -> None:
        for layer, shape in enumerate(self._below):
            packets = shape.key_frame_packets if self._is_key else shape.frame_packets
            for place in range(packets):
                number = self._lower_totals[layer] + place
                self._video(self._picture(layer, number, place, packets, shape.packet_bytes))
            self._lower_totals[layer] += packets

    def _picture(self, layer: int, number: int, place: int, packets: int, size_bytes: int) -> bytes:
        """Write packet `place` of the present frame; the numbers of lower layers are nobody's to time."""
        begin = (VP8_KEY if self._is_key else VP8_DELTA) if place == 0 else VP8_REST
        told = number if layer == len(self._below) else NOT_TIMED
        payload = begin + NUMBER.pack(told) + bytes(size_bytes - 2 - NUMBER.size)
        timestamp = self.frames_total * 3000 & 0xFFFFFFFF
        return build_rtp(
            RtpPacket(
                place == packets - 1, self._video_type, number & 0xFFFF, timestamp, 2222 + layer, payload,
                self._extensions(layer),
            )
        )  # fmt: skip

    def _extensions(self, layer: int) -> dict[int, bytes]:
        if self._features is Features.LEAST:
            return {}
        self._transport = self._transport + 1 & 0xFFFF
        return {
            MID_ID: b"1",
            TRANSPORT_ID: self._transport.to_bytes(2, "big"),
            RID_ID: LAYERS[layer].encode(),
        }
