"""A publisher of layers and its viewers, without a server: a picture on a clock that is handed in."""

from streaming.bandwidth.switch import ReportedTime
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import AgreedMedia
from streaming.picture import Picture
from streaming.rtp.packet import RtpPacket
from streaming.sdp import Media
from streaming.seats import Seat
from streaming.source import Source
from streaming.transport.batch_native import Arena, Way
from streaming.transport.media_udp import MediaSocket
from tests.streaming.fan_out_player import Player
from tests.streaming.key_frames import key_frame

VP8 = Codec(96, "VP8", 90_000)
FRAME_S = 1 / 15
# So long nothing of a layer, and it has ended.
SILENCE_S = 3.0
DELTA = b"\x10\x01" + bytes(200)
LATE = b"\x10\x01late"


class Studio:
    """A publisher of layers of these widths, and viewers; `now_s` is handed in everywhere."""

    def __init__(self, *widths: int, way: Way = Way.ONE) -> None:
        self.now_s = 100.0
        self.widths = widths
        self.counters = Counters()
        self.own = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], self.counters)
        self.picture = Picture(Arena(way), self.counters, lambda: 0.0)
        offer = Media(
            "video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid="1", rids=[str(n) for n in range(len(widths))]
        )
        section = AgreedMedia(offer, [VP8], {}, ())
        self.sources = [Source(section, 7 + place, place) for place in range(len(widths))]
        self.sent = [0] * len(widths)
        self.players: list[Player] = []

    def seat(self) -> Player:
        """Let a viewer in."""
        player = Player(len(self.players), self.own, self.counters, 0, "1")
        self.players.append(player)
        self.picture.add_viewer(player.track, self.now_s)
        return player

    def wish(self, player: Player, layer: int) -> Seat:
        """Let a viewer come over with a layer's next key frame, if it is not there yet, and stay."""
        seat, target = self.picture.seat(player.track), self.picture.layers[layer]
        assert seat is not None
        seat.going = None if seat.at is target else target
        seat.decide_due_s = self.now_s + 99
        return seat

    def packet(
        self,
        layer: int,
        payload: bytes,
        *,
        marker: bool = True,
        number: int | None = None,
        age_s: float = 0.0,
    ) -> None:
        """One packet of a layer, with an RTP clock of its own; the next one, or a late one of this number."""
        if number is None:
            number = self.sent[layer]
            self.sent[layer] += 1
        timestamp = (round((self.now_s - age_s) * 90_000) + 12_345 * layer) & 0xFFFFFFFF
        packet = RtpPacket(marker, 96, number & 0xFFFF, timestamp, 7 + layer, payload, {})
        self.picture.push(self.sources[layer], number, packet, VP8, self.now_s)

    def leave_out(self, layer: int, payload: bytes = DELTA) -> None:
        """Drop a layer's next packet, as what came too late."""
        timestamp = (round(self.now_s * 90_000) + 12_345 * layer) & 0xFFFFFFFF
        number = self.sent[layer]
        packet = RtpPacket(True, 96, number & 0xFFFF, timestamp, 7 + layer, payload, {})
        self.picture.leave_out(self.sources[layer], number, packet, VP8, self.now_s)
        self.sent[layer] += 1

    def lose(self, layer: int) -> int:
        """Let a layer's next packet be late; returns its number."""
        self.sent[layer] += 1
        return self.sent[layer] - 1

    def report(self) -> None:
        """Let all layers tell the same clock."""
        for layer, source in enumerate(self.sources):
            source.reported = ReportedTime(0, 12_345 * layer)

    def frame(self, *layers: int, key: bool = False, age_s: float = 0.0) -> None:
        """One frame of one packet of each of these layers."""
        for layer in layers:
            self.packet(layer, key_frame(self.widths[layer]) if key else DELTA, age_s=age_s)
        self.picture.flush()
        self.picture.tick(self.now_s)
        self.now_s += FRAME_S

    def play(self, *layers: int, seconds: float) -> None:
        """Frames of these layers, the first a key frame."""
        self.frame(*layers, key=True)
        for _ in range(round(seconds / FRAME_S)):
            self.frame(*layers)

    def close(self) -> None:
        """Give every port back."""
        self.own.close()
        for player in self.players:
            player.socket.close()


def one_layer() -> AgreedMedia:
    """Return the section of a publisher that sends one picture."""
    return AgreedMedia(Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid="1"), [VP8], {}, ())
