"""One viewer that is timed, in the source's process: one clock.

The timed viewer joined last, so that its copy is the last one handed to the kernel. A packet's delay is the
kernel's receive time of that copy less the moment before the source gave the packet to the kernel; on one
machine both are one clock.
"""

import asyncio
import socket
from dataclasses import dataclass, field

from benchmarks.relay.descriptions import Features
from benchmarks.relay.peer import MediaPeer
from benchmarks.relay.reports import (
    ANCILLARY_BYTES,
    FEEDBACK_S,
    HEAD_BYTES,
    SO_TIMESTAMPNS,
    Reports,
    arrival_s,
)
from benchmarks.relay.source import NUMBER, Source
from streaming.rtp.packet import RtpPacket, parse_rtp
from streaming.transport.srtp_native import Scratch


@dataclass
class Delays:
    """What the timed viewer saw, in seconds; a frame is (packets, first one sent to last one copied)."""

    sound: list[float] = field(default_factory=list)
    video: list[float] = field(default_factory=list)
    frames: list[tuple[int, float]] = field(default_factory=list)
    sent_total: int = 0


class TimedViewer:
    """Reads one viewer's packets with the kernel's time stamps and compares them with the source's."""

    def __init__(self, peer: MediaPeer, source: Source, sound_type: int, features: Features) -> None:
        self._peer = peer
        self._reports = Reports(peer) if features is Features.ALL else None
        self._source = source
        self._sound_type = sound_type
        self._scratch = Scratch()
        self._delays: Delays | None = None
        peer.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        asyncio.get_running_loop().add_reader(peer.socket, self._on_readable)

    async def report(self) -> None:
        """Report like the others, as long as this runs."""
        while self._reports is not None:
            self._reports.send()
            await asyncio.sleep(FEEDBACK_S)

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
                length, ancillary, _, _ = self._peer.socket.recvmsg_into([scratch.bytes], ANCILLARY_BYTES)
            except OSError:
                return
            if length < 12 or not 128 <= scratch.bytes[0] <= 191 or 192 <= scratch.bytes[1] <= 223:
                continue
            arrived_s = arrival_s(ancillary)
            if self._reports is not None:
                self._reports.note(scratch.view[:HEAD_BYTES], arrived_s)
            plain = rx.unprotect(scratch, length)
            if plain:
                self._note(parse_rtp(scratch.view[:plain]), arrived_s)

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
