"""The publisher, as an encoder sends, and one viewer that is timed: one process, one clock.

30 frames a second of 4 packets of 1,112 B back to back, every 2 s a key frame of 40, and 50 packets a second
of sound of 132 B on a clock of their own: 188 packets and 1.2 Mb/s a second.

The timed viewer joined last, so that its copy is the last one handed to the kernel. A packet's delay is the
kernel's receive time of that copy less the moment before the source gave the packet to the kernel; on one
machine both are one clock. Each payload carries its running number.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.relay.peer import MediaPeer
from streaming.rtp.packet import RtpPacket, parse_rtp
from streaming.transport.srtp_native import Scratch

FRAME_S, SOUND_S = 1 / 30, 1 / 50
FRAME_PACKETS, KEY_FRAME_PACKETS, KEY_FRAME_EVERY = 4, 40, 60
VIDEO_BYTES, SOUND_BYTES = 1112 - 12, 132 - 12
PACKETS_PER_S = 30 * FRAME_PACKETS + (KEY_FRAME_PACKETS - FRAME_PACKETS) / 2 + 50
VP8_KEY, VP8_DELTA, VP8_REST = b"\x10\x00", b"\x10\x01", b"\x00\x00"
SO_TIMESTAMPNS = 35
HEADER = struct.Struct("!BBHII")
NUMBER = struct.Struct("!Q")
Send = Callable[[bytes], None]


@dataclass
class Delays:
    """What the timed viewer saw, in seconds; a frame is (packets, first one sent to last one copied)."""

    sound: list[float] = field(default_factory=list)
    video: list[float] = field(default_factory=list)
    frames: list[tuple[int, float]] = field(default_factory=list)
    sent_total: int = 0


class Source:
    """Sends until stopped. `sent` is when a packet left, by (is video, its running number)."""

    def __init__(self, sound: Send, video: Send, sound_type: int, video_type: int) -> None:
        self._sound, self._video = sound, video
        self._sound_type, self._video_type = sound_type, video_type
        self.sent: dict[tuple[bool, int], float] = {}
        self.frame_of: dict[int, tuple[int, int]] = {}
        self.sound_total = self.video_total = self.frames_total = 0

    async def run(self) -> None:
        """Keep both clocks; a late wake-up is not made up for by skipping."""
        sound_s = frame_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            if now_s >= sound_s:
                self._send_sound()
                sound_s += SOUND_S
            if now_s >= frame_s:
                self._send_frame()
                frame_s += FRAME_S
            await asyncio.sleep(max(0.0, min(sound_s, frame_s) - time.monotonic()))

    def _send_sound(self) -> None:
        number = self.sound_total
        header = HEADER.pack(0x80, self._sound_type, number & 0xFFFF, number * 960 & 0xFFFFFFFF, 1111)
        self.sent[False, number] = time.time()
        self._sound(header + NUMBER.pack(number) + bytes(SOUND_BYTES - NUMBER.size))
        self.sound_total += 1

    def _send_frame(self) -> None:
        is_key = self.frames_total % KEY_FRAME_EVERY == 0
        packets = KEY_FRAME_PACKETS if is_key else FRAME_PACKETS
        timestamp = self.frames_total * 3000 & 0xFFFFFFFF
        first = self.video_total
        for place in range(packets):
            number = first + place
            begin = (VP8_KEY if is_key else VP8_DELTA) if place == 0 else VP8_REST
            marker = 0x80 if place == packets - 1 else 0
            header = HEADER.pack(0x80, marker | self._video_type, number & 0xFFFF, timestamp, 2222)
            self.frame_of[number] = (first, packets)
            self.sent[True, number] = time.time()
            self._video(header + begin + NUMBER.pack(number) + bytes(VIDEO_BYTES - 2 - NUMBER.size))
        self.video_total += packets
        self.frames_total += 1


class TimedViewer:
    """Reads one viewer's packets with the kernel's time stamps and compares them with the source's."""

    def __init__(self, peer: MediaPeer, source: Source, sound_type: int) -> None:
        self._peer = peer
        self._source = source
        self._sound_type = sound_type
        self._scratch = Scratch()
        self._delays: Delays | None = None
        peer.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        asyncio.get_running_loop().add_reader(peer.socket, self._on_readable)

    def begin(self) -> None:
        """Forget what came before."""
        self._source.sent.clear()
        self._source.frame_of.clear()
        self._delays = Delays(sent_total=-self._source.sound_total - self._source.video_total)

    def end(self) -> Delays:
        """Return what was seen since `begin`."""
        assert self._delays is not None
        delays, self._delays = self._delays, None
        delays.sent_total += self._source.sound_total + self._source.video_total
        return delays

    def _on_readable(self) -> None:
        scratch, rx = self._scratch, self._peer.rx
        assert rx is not None
        while True:
            try:
                length, ancillary, _, _ = self._peer.socket.recvmsg_into([scratch.bytes], 64)
            except OSError:
                return
            if length < 12 or not 128 <= scratch.bytes[0] <= 191 or 192 <= scratch.bytes[1] <= 223:
                continue
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            plain = rx.unprotect(scratch, length)
            if plain:
                self._note(parse_rtp(scratch.view[:plain]), seconds + nanoseconds / 1e9)

    def _note(self, packet: RtpPacket, received_s: float) -> None:
        is_video = packet.payload_type != self._sound_type
        (number,) = NUMBER.unpack_from(packet.payload, 2 if is_video else 0)
        sent_s = self._source.sent.get((is_video, number))
        if self._delays is None or sent_s is None:
            return
        if not is_video:
            self._delays.sound.append(received_s - sent_s)
            return
        self._delays.video.append(received_s - sent_s)
        first, packets = self._source.frame_of[number]
        if number == first + packets - 1 and (True, first) in self._source.sent:
            self._delays.frames.append((packets, received_s - self._source.sent[True, first]))
