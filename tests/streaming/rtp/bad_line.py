"""A bad line before the server or behind it, in simulated time: the real books and the real RTCP bytes.

The links are `tests.lossy_link.LinkModel`. A host repeats what it is asked for as libwebrtc does: at once,
but a packet no more than once a round trip. A viewer asks as libwebrtc does: at once at a gap, then once a
round trip, looked at every 20 ms. Sequence numbers begin just below their wrap.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import AgreedMedia
from streaming.rtp import rtcp
from streaming.rtp.gaps import GapTracker
from streaming.rtp.ring import PacketRing, StoredPacket
from streaming.rtp.sequence import SequenceUnwrapper
from streaming.sdp import Media
from streaming.transport.connection import Connection
from streaming.transport.srtp_native import Scratch
from streaming.viewer_track import ViewerTrack
from tests.lossy_link import LinkConditions, LinkModel
from tests.streaming.bandwidth.simulated_link import Clock
from tests.streaming.transport_ends import idle_end

FIRST_SEQUENCE = 65_000
FRAME_S, FRAME_PACKETS, PACKET_BYTES = 1 / 30, 4, 1_112
ONE_WAY_S = 0.02
ROUND_TRIP_S = 2 * ONE_WAY_S
TICK_S = SOUND_S = 0.02
CHROMIUM_TRIES = 10
RING_S = 2.0


@dataclass
class Fates:
    """When each packet was first sent and first came; `copies` is how many came in all."""

    sent_s: dict[int, float] = field(default_factory=dict)
    came_s: dict[int, float] = field(default_factory=dict)
    copies: int = 0
    asked: int = 0

    def share_later_than(self, limit_s: float) -> float:
        """The share that took longer than this, or never came; the last second is left out."""
        known = list(self.sent_s.items())[: -30 * FRAME_PACKETS]
        return sum(self.came_s.get(number, 1e9) - at_s > limit_s for number, at_s in known) / len(known)


class BadLine(ABC):
    """Packets go over `media`, requests over `requests`; both lose."""

    def __init__(self, weather: LinkConditions, seed: str) -> None:
        self.clock = Clock()
        self.fates = Fates()
        self._media = LinkModel(weather, f"{seed} media")
        self._requests = LinkModel(weather, f"{seed} requests")
        self._unwrapper = SequenceUnwrapper()

    def send_frames(self, publish: Callable[[int], None], seconds: float) -> None:
        """Send frames at their rate, four packets back to back."""

        def frame() -> None:
            for _ in range(FRAME_PACKETS):
                number = FIRST_SEQUENCE + len(self.fates.sent_s)
                self.fates.sent_s[number] = self.clock.now_s
                publish(number)

        self.clock.every(FRAME_S, frame)
        self.clock.run(seconds)

    def send(self, number: int) -> None:
        """Put a packet on the line."""
        arrives_s = self._media.offer(self.clock.now_s, PACKET_BYTES)
        if arrives_s is not None:
            self.clock.at(arrives_s, lambda: self._arrive(number))

    def ask(self, sequences: list[int]) -> None:
        """Put a request on the line, the other way."""
        self.fates.asked += len(sequences)
        data = rtcp.build_nack(1, 2, sequences)
        arrives_s = self._requests.offer(self.clock.now_s, len(data))
        if arrives_s is not None:
            self.clock.at(arrives_s, lambda: self._on_request(data))

    def _arrive(self, number: int) -> None:
        self.fates.copies += 1
        self.fates.came_s.setdefault(number, self.clock.now_s)
        extended = self._unwrapper.unwrap(number & 0xFFFF)
        assert extended is not None
        self.arrived(extended)

    def _on_request(self, data: bytes) -> None:
        [nack] = rtcp.parse_rtcp(data)
        assert isinstance(nack, rtcp.Nack)
        for sequence in nack.sequences:
            self.asked_for(sequence)

    @abstractmethod
    def arrived(self, extended: int) -> None:
        """Take a packet at the far end."""

    @abstractmethod
    def asked_for(self, sequence: int) -> None:
        """Take a request at the near end."""


class BeforeTheServer(BadLine):
    """A host behind the line: `GapTracker` asks."""

    def __init__(self, weather: LinkConditions, seed: str) -> None:
        super().__init__(weather, seed)
        self._gaps = GapTracker()
        self._last_sent_s: dict[int, float] = {}

    def run(self, seconds: float) -> Fates:
        """Publish for some seconds."""
        self.clock.every(TICK_S, self._ask)
        self.clock.every(SOUND_S, self._ask, first_s=SOUND_S / 2)
        self.send_frames(self._publish, seconds)
        assert self._gaps.missing_total < 30
        return self.fates

    def _publish(self, number: int) -> None:
        self._last_sent_s[number & 0xFFFF] = self.clock.now_s
        self.send(number)

    def asked_for(self, sequence: int) -> None:
        """Repeat it, unless that was done within a round trip."""
        if self.clock.now_s - self._last_sent_s[sequence] >= ROUND_TRIP_S:
            newest = FIRST_SEQUENCE + len(self.fates.sent_s) - 1
            self._publish(newest - ((newest - sequence) & 0xFFFF))

    def arrived(self, extended: int) -> None:
        """Note it in the books."""
        self._gaps.arrived(extended, self.clock.now_s)
        self._ask()

    def _ask(self) -> None:
        due = self._gaps.due(self.clock.now_s, ROUND_TRIP_S)
        if due:
            self.ask(due)


class _Line:
    """One layer's ring, as a viewer's track sees it."""

    def __init__(self) -> None:
        self.ring = PacketRing(2048)

    @property
    def highest(self) -> int:
        """The newest packet's number."""
        return self.ring.highest

    def stored(self, sequence: int) -> StoredPacket | None:
        """Return a packet that is still kept."""
        return self.ring.get(sequence)

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return several."""
        return self.ring.get_run(first, count)


@dataclass
class _Hole:
    asked_s: float
    tries: int = 0


class BehindTheServer(BadLine):
    """A viewer behind the line: the ring and `ViewerTrack` answer. It asks again after `repeat_after_s`."""

    def __init__(self, weather: LinkConditions, seed: str, repeat_after_s: float) -> None:
        super().__init__(weather, seed)
        self._line = _Line()
        self._track = self._make_track(weather.loss)
        self._repeat_after_s = repeat_after_s
        self._holes: dict[int, _Hole] = {}
        self._newest = 0x10000 + FIRST_SEQUENCE - 1

    def _make_track(self, lost_share: float) -> ViewerTrack:
        codecs = [Codec(96, "VP8", 90_000)]
        section = AgreedMedia(Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"]), codecs, {}, ())
        connection = Connection(idle_end(), Scratch(), Counters(), 0.0)
        track = ViewerTrack(connection, section, FIRST_SEQUENCE, 0)
        track.choose_codec("VP8")
        track.start_at(0, self._line)
        track.live, track.round_trip_s, track.lost_share = True, ROUND_TRIP_S, lost_share
        return track

    def run(self, seconds: float) -> Fates:
        """Watch for some seconds."""
        self.clock.every(TICK_S, self._look)
        self.send_frames(self._publish, seconds)
        return self.fates

    def _publish(self, number: int) -> None:
        ring, now_s = self._line.ring, self.clock.now_s
        ring.put(StoredPacket(number - FIRST_SEQUENCE, 0, False, "VP8", b"", False, now_s))
        ring.trim(now_s - RING_S, ring.highest + 1, 1 << 20)
        self.send(number)

    def asked_for(self, sequence: int) -> None:
        """Repeat it, as often as the track says."""
        sent = self._track.history.find(self._track.extend(sequence))
        if sent is not None and self._track.repeat_times.may_answer(
            sequence, self._track.round_trip_s, self.clock.now_s
        ):
            for _ in range(self._track._copies):
                self.send(sent.packet.sequence + FIRST_SEQUENCE)

    def arrived(self, extended: int) -> None:
        """Ask at once for what is missing before it."""
        self._holes.pop(extended, None)
        new = range(self._newest + 1, extended)
        self._newest = max(self._newest, extended)
        self._ask_for(list(new))

    def _look(self) -> None:
        now_s = self.clock.now_s
        self._holes = {n: hole for n, hole in self._holes.items() if hole.tries < CHROMIUM_TRIES}
        self._ask_for([n for n, hole in self._holes.items() if now_s - hole.asked_s >= self._repeat_after_s])

    def _ask_for(self, numbers: list[int]) -> None:
        for number in numbers:
            hole = self._holes.setdefault(number, _Hole(0.0))
            hole.asked_s, hole.tries = self.clock.now_s, hole.tries + 1
        if numbers:
            self.ask(numbers)
