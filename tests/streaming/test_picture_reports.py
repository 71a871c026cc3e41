"""What viewers report of a show's picture, over UDP and over streams, and when it is read."""

import pytest

from streaming.bandwidth.viewer_bandwidth import BandwidthPolicy, ViewerBandwidth
from streaming.negotiation import TRANSPORT_CC
from streaming.rtp.rtcp import TransportFeedback, parse_rtcp
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.seats import MAX_FEEDBACKS_WAITING, Seat
from streaming.transport.connection import Phase
from tests.streaming.fan_out_player import Player
from tests.streaming.studio import Studio


class Stream:
    """A way that loses nothing, and may be full."""

    is_stream = True
    descriptor = -1

    def __init__(self) -> None:
        self.is_full = False

    def send(self, data: bytes | memoryview, address: tuple[object, ...]) -> bool:
        """Take everything."""
        del data, address
        return True


def test_feedback_that_cannot_be_read_is_counted_when_it_is_looked_at(studio: Studio) -> None:
    """With the next decision; more than anybody sends until then is dropped."""
    player = studio.seat()
    studio.play(1, 2, seconds=2.5)
    seat = studio.picture.seat(player.track)
    assert seat is not None
    studio.picture.take_feedback(player.track, b"\0" * 8, studio.now_s)
    assert studio.counters.drops["malformed_rtcp"] == 0
    for _ in range(4):
        studio.frame(1, 2)
    assert studio.counters.drops["malformed_rtcp"] == 1
    for _ in range(2 * MAX_FEEDBACKS_WAITING + 1):
        studio.picture.take_feedback(player.track, b"\0" * 8, studio.now_s)
    assert len(seat.feedbacks) == MAX_FEEDBACKS_WAITING
    assert studio.counters.drops["too_much_feedback"] == MAX_FEEDBACKS_WAITING + 1
    for _ in range(4):
        studio.frame(1, 2)
    assert studio.counters.drops["malformed_rtcp"] == 1 + MAX_FEEDBACKS_WAITING
    studio.picture.take_feedback(player.track, b"\0" * 8, studio.now_s)
    studio.picture.drop_source()
    assert seat.feedbacks == []


def test_over_a_stream_reports_decide_and_no_feedback_is_waited_for(studio: Studio) -> None:
    """Nothing that goes over it is numbered: who moves there keeps its layer."""
    player = studio.seat()
    studio.play(1, 2, seconds=2.5)
    seat = studio.picture.seat(player.track)
    assert seat is not None
    seat.bandwidth.on_feedbacks([(studio.now_s, [(studio.now_s, 1000, studio.now_s)], 0)])
    studio.picture.take_feedback(player.track, b"\0" * 8, studio.now_s)
    before = seat.bandwidth.estimator.bits_per_s
    player.track.connection.socket = Stream()
    studio.picture.refresh(player.track)
    assert seat.feedbacks == []
    studio.play(1, 2, seconds=5)
    assert seat.bandwidth.budget(studio.now_s).bits_per_s >= before


def test_a_full_stream_that_loses_nothing_is_moved_to_a_lower_layer() -> None:
    """Who falls behind over TCP reports no loss: that it is full counts as some. It is not held for good."""
    studio = Studio(640, 320)
    slow, other = Stream(), Stream()
    players = []
    for way in (slow, other):
        player = Player(len(studio.players), studio.own, studio.counters, 0, "1")
        player.track.connection.socket = way
        players.append(player)
    studio.play(0, 1, seconds=3.0)
    for player in players:
        studio.picture.add_viewer(player.track, studio.now_s)
        player.track.connection.phase = Phase.CONNECTED
    studio.play(0, 1, seconds=3.0)
    seats = [studio.picture.seat(player.track) for player in players]
    highest, lowest = studio.picture.layers
    assert [seat and seat.at for seat in seats] == [highest, highest]
    slow.is_full = True
    for _ in range(3):
        studio.play(0, 1, seconds=1.0)
    assert [seat and (seat.going or seat.at) for seat in seats] == [lowest, highest]
    assert not players[0].track.is_narrow
    slow.is_full = False
    studio.play(0, 1, seconds=1.0)
    assert [seat and seat.at for seat in seats] == [lowest, highest]
    studio.close()
    for player in players:
        player.socket.close()


def reporting_seat(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> tuple[Player, Seat]:
    """Let in a viewer whose packets are numbered, on the studio's clock."""
    monkeypatch.setattr("streaming.forwarder.monotonic", lambda: studio.now_s)
    player = studio.seat()
    player.track.section.extensions[3] = TRANSPORT_CC
    player.track._agreed = tuple(player.track.section.extensions.items())
    seat = studio.picture.seat(player.track)
    assert seat is not None
    seat._bandwidth = ViewerBandwidth(BandwidthPolicy(start_bits_per_s=9e6))
    return player, seat


def test_what_waits_unread_is_the_viewers_last_word_all_the_same(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has all it can get is decided on less often; it counts as silent from its last report on."""
    player, seat = reporting_seat(studio, monkeypatch)
    log, told, left_total = ArrivalLog(), 0, 0
    estimator = seat.bandwidth.estimator
    turn = 0
    while turn < 15 * 9 or seat._left < 2:
        studio.frame(0, 1, 2, key=turn == 0)
        turn += 1
        newest = player.track.newest_own + player.track.number_shift
        for number in range(told + 1 if told else newest, newest + 1):
            log.arrived(number & 0xFFFF, studio.now_s)
        told = newest
        feedback = log.take_feedback(1, 2)
        if feedback is not None:
            (item,) = parse_rtcp(feedback)
            assert isinstance(item, TransportFeedback)
            studio.picture.take_feedback(player.track, item.body, studio.now_s)
        left_total += seat._left > 0
    assert left_total > 15
    last_s = studio.now_s
    while studio.now_s < last_s + 0.9:
        studio.frame(0, 1, 2)
        assert not estimator.silent
    while studio.now_s < last_s + 2.5:
        studio.frame(0, 1, 2)
    assert estimator.silent
    assert not seat.feedbacks
