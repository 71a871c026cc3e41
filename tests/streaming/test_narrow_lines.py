"""A show of one layer (about 1.2 Mb/s) and a viewer over UDP whose line gets narrow: sound first, then it."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from streaming.bandwidth.layer_choice import Choice
from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket
from streaming.rtp.rtcp import Nack
from tests.streaming.fan_out_player import Player
from tests.streaming.key_frames import key_frame
from tests.streaming.raw_peer import publisher, viewer
from tests.streaming.studio import Studio
from tests.streaming.test_media_tcp import pour, served
from tests.waiting import until

SOUND_BITS_PER_S = 64e3
FRAME_BYTES = 10_000
PACKET = b"\x10\x01" + bytes(998)
OVERHEAD_BYTES = 40
REPORT_S, SOUND_REPORT_S = 1.0, 5.0


class OneLayer(Studio):
    """The studio, with lines that lose what is over their rate, and players that report it as browsers do."""

    def __init__(self) -> None:
        super().__init__(640)
        self.picture._sound_bits_per_s = lambda: SOUND_BITS_PER_S
        self.rates: dict[Player, float | None] = {}
        self.loss: dict[Player, float] = {}
        self.seen: list[tuple[float, Player, float]] = []
        self.sound_lost: list[tuple[float, Player, float]] = []
        self.packets: dict[Player, list[RtpPacket]] = {}
        self.closed: list[tuple[Player, str]] = []
        self.has_sound = True

    def viewer(self, rate: float | None = None) -> Player:
        """Let one in whose line carries so many bits/s (None: all)."""
        player = self.seat()
        self.rates[player], self.loss[player], self.packets[player] = rate, 0.0, []

        def close(reason: str) -> None:
            self.closed.append((player, reason))
            self.picture.remove_viewer(player.track)

        player.track.connection.on_closed = close
        return player

    def run(self, seconds: float) -> None:
        """Pictures 15 times a second, a key frame whenever one is wanted; reports each second."""
        end_s = self.now_s + seconds
        report_s, sound_s = self.now_s + REPORT_S, self.now_s + SOUND_REPORT_S
        while self.now_s < end_s:
            wanted = self.picture.layers[0].requests.due(self.now_s)
            for _ in range(FRAME_BYTES // len(PACKET) - 1):
                self.packet(0, PACKET, marker=False) if not wanted else None
            self.frame(0, key=wanted)
            if self.now_s >= report_s:
                is_sound_due = self.now_s >= sound_s
                sound_s += SOUND_REPORT_S * is_sound_due
                report_s += REPORT_S
                self._report(is_sound_due)

    def _report(self, is_sound_due: bool) -> None:
        for player, rate in self.rates.items():
            if self.picture.seat(player.track) is None:
                continue
            came = player.received()
            self.packets[player] += came
            octets = sum(len(one.payload) + OVERHEAD_BYTES for one in came)
            sent = SOUND_BITS_PER_S + octets * 8 / REPORT_S
            lost = max(self.loss[player], 0.0 if rate is None else 1 - rate / sent)
            self.seen.append((self.now_s, player, octets * 8 / REPORT_S))
            self.sound_lost.append((self.now_s, player, lost))
            if octets:
                self.picture.take_loss(player.track, lost, self.now_s)
            if is_sound_due and self.has_sound:
                self.picture.take_sound_loss(player.track, lost, self.now_s)

    def share_seen(self, player: Player, seconds: float) -> float:
        """In how many of the last so many seconds the player was sent pictures."""
        rates = [rate for at, one, rate in self.seen if one is player and at > self.now_s - seconds]
        return sum(rate > SOUND_BITS_PER_S for rate in rates) / len(rates)


@pytest.fixture
def show() -> Iterator[OneLayer]:
    """On the air, with its first key frame sent."""
    made = OneLayer()
    made.frame(0, key=True)
    yield made
    made.close()


def test_nothing_is_repeated_to_who_is_held(show: OneLayer) -> None:
    """Its line is full, and its picture goes on with a key frame."""
    narrow = show.viewer(100e3)
    for repeated in (1, 0):
        show.run(0.2)
        narrow.received()
        before = show.counters.totals["retransmissions"]
        own = narrow.track.newest_own & 0xFFFF
        assert narrow.track.history.find(narrow.track.extend(own)) is not None
        show.picture.answer_nack(narrow.track, Nack(narrow.track.section.ssrc, (own,)), show.now_s)
        assert show.counters.totals["retransmissions"] == before + repeated
        if repeated:
            assert narrow.socket.recv(2048)[2:4] == own.to_bytes(2, "big")  # it does not open twice
            for _ in range(20):
                if not narrow.track.held:
                    show.run(1.1)
    assert show.counters.drops["nack_of_held"] == 1


def test_a_line_too_narrow_for_the_only_layer_keeps_the_sound(show: OneLayer) -> None:
    """100 kb/s under 1.2 Mb/s: within 7 s no video; no sound lost but in short trials; others see it."""
    narrow, wide = show.viewer(100e3), show.viewer()
    show.run(7)
    assert narrow.track.held
    assert show.counters.totals["udp_viewers_held"] == 1
    show.run(120)
    lost = [share for at, one, share in show.sound_lost if one is narrow and at > 110]
    assert sum(share > 0.05 for share in lost) / len(lost) < 0.2
    assert show.counters.drops["udp_video_held"] > 10_000
    assert show.share_seen(wide, 120) == 1
    assert show.counters.totals["udp_evicted"] == 0


def test_a_line_that_gets_wide_again_gets_the_picture_again(show: OneLayer) -> None:
    """Within a minute, from a key frame on, with the very next number; and it is no longer watched then."""
    player = show.viewer(100e3)
    show.run(8)
    assert player.track.held
    show.rates[player] = None
    before = show.packets[player].copy()
    show.run(60)
    assert (player.track.is_narrow, player.track.held) == (False, False)
    following = show.packets[player][len(before)]
    assert following.payload == key_frame(640)
    assert following.sequence == (before[-1].sequence + 1) & 0xFFFF
    numbers = [packet.sequence for packet in show.packets[player]]
    assert {(b - a) & 0xFFFF for a, b in pairwise(numbers)} == {1}
    assert show.share_seen(player, 5) == 1
    show.run(61)
    assert show.picture._narrow.watched() == []


@pytest.mark.parametrize("loss", [0.05, 0.15, 0.25])
def test_a_radio_that_loses_some_keeps_its_picture(show: OneLayer, loss: float) -> None:
    """Loss that repeats make good is no narrow line, however long."""
    player = show.viewer()
    show.loss[player] = loss
    show.run(60)
    assert show.counters.totals["udp_viewers_held"] == 0
    assert show.share_seen(player, 60) == 1


def test_who_loses_even_the_sound_is_sent_away(show: OneLayer) -> None:
    """20 kb/s: two thirds of the sound are lost without any video; ended after 15 s of that."""
    player, other = show.viewer(20e3), show.viewer()
    show.run(20)
    assert player.track.held
    assert show.closed == []
    show.run(20)
    assert show.closed == [(player, "line_too_narrow")]
    assert show.counters.totals["udp_evicted"] == 1
    assert show.picture.seat(player.track) is None
    assert show.share_seen(other, 40) == 1


def test_where_nothing_is_reported_the_picture_is_tried_again(show: OneLayer) -> None:
    """A show without sound: who is held is sent nothing, and has nothing to report on."""
    show.has_sound = False
    player = show.viewer(100e3)
    show.run(8)
    assert player.track.is_narrow
    show.rates[player] = None
    show.run(80)
    assert not player.track.held
    assert show.share_seen(player, 5) == 1


def test_one_bad_report_on_the_sound_sends_nobody_away(show: OneLayer) -> None:
    """Reports get lost, and a host may be gone: what was said once is no word on now."""
    player = show.viewer(100e3)
    show.run(8)
    assert player.track.held
    show.has_sound = False
    show.now_s += SOUND_REPORT_S + 1
    show.picture.take_sound_loss(player.track, 0.9, show.now_s)
    show.run(40)
    assert show.closed == []


def test_a_held_viewer_moves_nobody_elses_picture(show: OneLayer) -> None:
    """Its player asks for key frames all the time: the host does not hear of it, nothing is repeated."""
    player = show.viewer(100e3)
    show.run(8)
    assert player.track.held
    stream = show.picture.layers[0]
    stream.requests.arrived(show.now_s)
    show.picture.viewer_lost_picture(player.track, show.now_s)
    assert not stream.requests.wanted
    assert show.counters.drops["key_frame_not_for_held"] == 1
    beyond = player.track.next_own & 0xFFFF
    show.picture.answer_nack(player.track, Nack(player.track.section.ssrc, (beyond,)), show.now_s)
    assert show.counters.totals["retransmissions"] == 0


def test_who_loses_nothing_is_not_watched(show: OneLayer) -> None:
    """So that a show of one layer costs as little as before."""
    player = show.viewer()
    show.run(5)
    seat = show.picture.seat(player.track)
    assert seat is not None
    assert (show.picture._narrow.watched(), seat._bandwidth) == ([], None)


def test_the_lowest_of_several_layers_is_held_too() -> None:
    """And let go by the same choice."""
    studio = Studio(640, 320)
    player = studio.seat()
    studio.play(0, 1, seconds=3.0)
    seat = studio.wish(player, 1)
    studio.frame(0, 1, key=True)
    lowest = studio.picture.layers[1]
    assert seat.at is lowest
    studio.picture._follow(seat, Choice(None), studio.now_s)
    player.received()
    studio.frame(0, 1)
    assert (player.track.held, player.received()) == (True, [])
    studio.picture._follow(seat, Choice(0), studio.now_s)
    studio.frame(0, 1)
    assert lowest.requests.wanted
    assert player.received() == []
    studio.frame(0, 1, key=True)
    assert [one.payload for one in player.received()] == [key_frame(320)]
    studio.close()


async def test_what_players_report_of_picture_and_sound_reaches_who_watches_their_lines() -> None:
    """Over real sockets: heavy loss of the picture, and of the sound once the picture is held."""
    async with served() as (server, http), publisher(http) as host, viewer(http) as player:
        await pour(host, 1, 10, key=True)
        await player.next_rtp(96)
        show = server.inside.relay.show("s1")
        assert show is not None
        [watching] = show.viewers
        track, narrow = watching.tracks["video"], show.picture._narrow

        async def lose(kind: str) -> None:
            block = rtcp.ReportBlock(player.sent_ssrc(kind), 200, 0, 0, 0, 0, 0)
            await player.send_rtcp(rtcp.build_receiver_report(1, [block]))

        await lose("video")
        await until(lambda: track in narrow)
        narrow.hold(track, 0.0)
        await lose("audio")
        await until(lambda: narrow._lines[track].soundless_since_s is not None)
