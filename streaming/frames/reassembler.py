"""Puts the packets of one stream in order and makes frames of them.

Packets come as they arrived: late, repeated, out of order. A hole is waited for, because the publisher is
asked for it again (`streaming.rtp.gaps` does so for one second), but not for ever: when what waits behind
it is too old, too many or too large, the hole is given up. A picture that misses something is worth nothing
until the next key frame, so everything up to there is left out; of sound only the missing packet is.
Everything given up has a counter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streaming.frames import av1, h264, opus, vp8, vp9
from streaming.frames.capture_clock import CaptureLine
from streaming.frames.frame import BrokenFrameError, EncodedFrame, MediaFrame
from streaming.rtp.ring import StoredPacket

ASSEMBLE: dict[str, Callable[[Sequence[bytes]], EncodedFrame]] = {
    "VP8": vp8.assemble,
    "VP9": vp9.assemble,
    "H264": h264.assemble,
    "AV1": av1.assemble,
    "OPUS": opus.assemble,
}
MAX_FRAME_BYTES = 4 << 20


@dataclass(slots=True, frozen=True)
class Patience:
    """How much may wait behind a hole, and for how long."""

    seconds: float
    packets: int
    octets: int


PATIENCE = {
    "video": Patience(1.2, 2048, 4 << 20),
    "audio": Patience(0.3, 128, 1 << 18),
}


class Reassembler:
    """One kind of one show. `count` hears the reason of each loss, and `tap_key_frame_wanted`."""

    def __init__(self, kind: str, line: CaptureLine, count: Callable[[str], None]) -> None:
        self._kind = kind
        self._line = line
        self._count = count
        self._patience = PATIENCE[kind]
        self._next: int | None = None
        self._waiting: dict[int, StoredPacket] = {}
        self._waiting_bytes = 0
        self._parts: list[StoredPacket] = []
        self._parts_bytes = 0
        self._codec = ""
        self._parameter_sets: tuple[bytes, ...] = ()
        self._awaiting_key_frame = True
        self._is_discontinuity = True

    def put(self, packet: StoredPacket) -> list[MediaFrame]:
        """Take a packet; return the frames it completes."""
        if self._next is None:
            self._next = packet.sequence
        if packet.sequence < self._next or packet.sequence in self._waiting:
            self._count("tap_late_packet")
            return []
        self._waiting[packet.sequence] = packet
        self._waiting_bytes += len(packet.payload)
        frames = self._advance()
        while len(self._waiting) > self._patience.packets or self._waiting_bytes > self._patience.octets:
            frames += self._give_up()
        return frames

    def expire(self, now_s: float) -> list[MediaFrame]:
        """Give up holes that have been waited for long enough; return the frames behind them."""
        frames: list[MediaFrame] = []
        while self._waiting:
            oldest_s = min(packet.arrival_s for packet in self._waiting.values())
            if now_s - oldest_s < self._patience.seconds:
                break
            frames += self._give_up()
        return frames

    def finish(self) -> list[MediaFrame]:
        """Wait for nothing more; return the frames that are whole."""
        frames: list[MediaFrame] = []
        while self._waiting:
            frames += self._give_up()
        return frames

    def restart(self, first: int) -> list[MediaFrame]:
        """Another source begins with this sequence number; return the frames left of the one before."""
        frames = self.finish()
        self._next = first
        self._parts, self._parts_bytes = [], 0
        self._parameter_sets = ()
        self._awaiting_key_frame = self._is_discontinuity = True
        return frames

    def _advance(self) -> list[MediaFrame]:
        assert self._next is not None
        frames: list[MediaFrame] = []
        while (packet := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            self._waiting_bytes -= len(packet.payload)
            frames += self._consume(packet)
        return frames

    def _give_up(self) -> list[MediaFrame]:
        self._next = min(self._waiting)
        self._count("tap_hole_given_up")
        self._lose_frame()
        return self._advance()

    def _lose_frame(self) -> None:
        self._parts, self._parts_bytes = [], 0
        if self._kind == "video":
            self._awaiting_key_frame = True
            self._count("tap_key_frame_wanted")

    def _consume(self, packet: StoredPacket) -> list[MediaFrame]:
        """Take the next packet in order. One without payload is a probe of the sender's bandwidth."""
        if not packet.payload:
            return []
        frames: list[MediaFrame] = []
        if self._parts and (packet.timestamp, packet.codec) != (
            self._parts[0].timestamp,
            self._parts[0].codec,
        ):
            frames += self._complete()
        self._parts.append(packet)
        self._parts_bytes += len(packet.payload)
        if packet.marker or self._kind == "audio":
            frames += self._complete()
        elif self._parts_bytes > MAX_FRAME_BYTES:
            self._count("tap_frame_too_large")
            self._lose_frame()
        return frames

    def _complete(self) -> list[MediaFrame]:
        packets, self._parts, self._parts_bytes = self._parts, [], 0
        self._follow_codec(packets[0].codec)
        try:
            encoded = ASSEMBLE[packets[0].codec.partition("/")[0]]([packet.payload for packet in packets])
        except BrokenFrameError:
            if not self._awaiting_key_frame or self._kind == "audio":
                self._count("tap_broken_frame")
                self._lose_frame()
            return []
        self._remember(encoded.parameter_sets)
        if self._kind == "video" and self._awaiting_key_frame and not self._can_begin(encoded):
            return []
        if not encoded.data:
            return []
        return [self._emit(packets[0], encoded)]

    def _follow_codec(self, codec: str) -> None:
        if codec != self._codec:
            self._codec = codec
            self._parameter_sets = ()
            self._awaiting_key_frame = self._is_discontinuity = True

    def _remember(self, sets: tuple[bytes, ...]) -> None:
        """Keep the sets in force: an SPS or sequence header begins anew, a PPS alone is added."""
        if not sets:
            return
        if self._codec.startswith("H264") and all(unit[0] & 0x1F == h264.PPS for unit in sets):
            known = tuple(unit for unit in self._parameter_sets if unit not in sets)
            sets = (*known, *sets)[-h264.MAX_SETS :]
        self._parameter_sets = sets

    def _can_begin(self, encoded: EncodedFrame) -> bool:
        """Whether a decoder can begin here: at a key frame, of H.264 one whose sets are known."""
        return encoded.is_key_frame and (bool(self._parameter_sets) or not self._codec.startswith("H264"))

    def _emit(self, packet: StoredPacket, encoded: EncodedFrame) -> MediaFrame:
        timestamp, capture_s = self._line.take(packet.timestamp, packet.arrival_s)
        is_discontinuity, self._is_discontinuity = self._is_discontinuity, False
        self._awaiting_key_frame = False
        return MediaFrame(
            self._kind, self._codec.partition("/")[0], timestamp, capture_s, encoded.is_key_frame,
            is_discontinuity, encoded.data, self._parameter_sets, encoded.duration_ticks,
        )  # fmt: skip
