"""One viewer that asks for everything again does not multiply what is sent."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from streaming.rtp.rtcp import Nack
from streaming.settings import Limits
from tests.streaming.fan_out_player import Player
from tests.streaming.studio import Studio

LIMITS = Limits(repeats_percent=100, repeats_burst_bytes=65_536)
DELTA = b"\x10\x01" + bytes(998)
PACKET_BYTES = 1040
FRAMES = 600


class Greedy(Studio):
    """A show of one layer whose viewers ask for repeats."""

    def __init__(self) -> None:
        super().__init__(640)
        self.picture.layers[0]._limits = LIMITS
        self.frame(0, key=True)

    def seat(self) -> Player:
        """Let one in who is live at once."""
        player = super().seat()
        section = player.track.section
        section.codecs[0] = replace(section.codecs[0], retransmission=97)
        section.retransmission_ssrc = 2000
        player.track.choose_codec(self.picture.live_codec)
        self.frame(0, key=True)
        return player

    def deltas(self, count: int) -> None:
        """So many frames of one packet each."""
        for _ in range(count):
            self.packet(0, DELTA)
            self.picture.flush()
            self.now_s += 1 / 30

    def ask(self, player: Player, back: int) -> int:
        """Let a player ask for its newest packets again; returns how many came."""
        track = player.track
        player.received()
        wanted = tuple((track.newest_own - place) & 0xFFFF for place in range(back))
        self.picture.answer_nack(track, Nack(track.section.ssrc, wanted), self.now_s)
        return len(player.received())


@pytest.fixture
def show() -> Iterator[Greedy]:
    """On the air."""
    made = Greedy()
    yield made
    made.close()


def test_who_asks_for_everything_again_gets_as_much_again_at_most(show: Greedy) -> None:
    """Three times each packet, twice each time: without a bound that would be six times the show."""
    player = show.seat()
    player.track.lost_share = 0.5
    repeated = 0
    for _ in range(FRAMES // 10):
        show.deltas(10)
        repeated += show.ask(player, 40)
    allowed = FRAMES + LIMITS.repeats_burst_bytes // PACKET_BYTES
    assert 0.9 * allowed < repeated <= allowed
    assert show.counters.drops["repeats_over_budget"] > FRAMES


def test_a_burst_is_repeated_at_once_and_one_viewers_budget_is_not_anothers(show: Greedy) -> None:
    """63 packets are 64 KiB; who has spent that gets one for each that comes."""
    greedy, other = show.seat(), show.seat()
    show.deltas(80)
    assert show.ask(greedy, 70) == 63
    assert show.counters.drops["repeats_over_budget"] == 7
    assert show.ask(other, 20) == 20
    show.deltas(10)
    show.now_s += 1
    assert show.ask(greedy, 70) == 9


def test_a_refused_repeat_is_no_answer(show: Greedy) -> None:
    """It may be asked for again when there is room: nothing is counted against the packet."""
    player = show.seat()
    show.deltas(80)
    show.ask(player, 63)
    show.ask(player, 64)
    before = player.track.repeats_total
    show.deltas(5)
    assert show.ask(player, 6) == 4
    assert player.track.repeats_total == before + 4
