"""Layers of a show's picture: who sits where, and how numbers and times go on from one to another."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from streaming.bandwidth.switch import ReportedTime
from streaming.bandwidth.viewer_bandwidth import BandwidthPolicy, ViewerBandwidth
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import TRANSPORT_CC, AgreedMedia
from streaming.picture import Picture
from streaming.replays import REPLAY_PACKETS
from streaming.rtp.packet import RtpPacket
from streaming.rtp.rtcp import Nack, TransportFeedback, parse_rtcp
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.sdp import Media
from streaming.seats import MAX_FEEDBACKS_WAITING, Seat
from streaming.source import Source
from streaming.transport.batch_native import Arena, Way
from streaming.transport.connection import Phase
from streaming.transport.media_udp import MediaSocket
from tests.streaming.key_frames import key_frame
from tests.streaming.test_forwarder import Player

VP8 = Codec(96, "VP8", 90_000)
FRAME_S = 1 / 15
SILENCE_S = 3.0
SAME_PICTURE_TICKS = 2
TOO_EARLY_S = 0.25
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


@pytest.fixture
def studio() -> Iterator[Studio]:
    """Three layers; the publisher lists the largest first."""
    made = Studio(1280, 640, 320)
    yield made
    made.close()


def test_packets_are_numbered_only_while_there_is_a_choice(studio: Studio) -> None:
    """One layer costs nothing; a second begins the numbers, its end ends them."""
    studio.play(0, seconds=0.5)
    assert not any(layer.fanout.is_numbered for layer in studio.picture.layers)
    studio.play(0, 1, seconds=0.5)
    assert all(layer.fanout.is_numbered for layer in studio.picture.layers)
    studio.play(0, seconds=SILENCE_S)
    assert not any(layer.fanout.is_numbered for layer in studio.picture.layers)


def test_the_smallest_picture_is_the_lowest_layer(studio: Studio) -> None:
    """Whatever order the publisher lists them in, and whatever their rates are at the beginning."""
    studio.play(0, 1, 2, seconds=0.5)
    assert studio.picture._order == [2, 1, 0]


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


def test_numbers_and_times_go_on_from_one_layer_to_another(studio: Studio) -> None:
    """The viewer gets every frame once, under numbers without a gap and times that only grow."""
    player = studio.seat()
    studio.play(0, 1, seconds=0.5)
    seat = studio.picture.seat(player.track)
    assert seat is not None
    first, second = (studio.picture.layers[place] for place in (0, 1))
    for target in (second, first, second):
        if seat.at is target:
            continue
        seat.going, seat.decide_due_s = target, studio.now_s + 99
        studio.frame(0, 1)
        assert seat.at is not target, "without a key frame it stays"
        studio.play(0, 1, seconds=0.5)
        assert seat.at is target
    packets = player.received()
    assert len(packets) > 20
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)} == {1}
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(packets)]
    assert all(0 < step < 90_000 * 4 * FRAME_S for step in steps)


@pytest.mark.parametrize("urgent", [False, True])
def test_times_stay_the_publishers_however_often_a_viewer_changes(studio: Studio, *, urgent: bool) -> None:
    """By the layers' reports, with a picture until the key frame or without; shifts do not add up."""
    player = studio.seat()
    studio.report()
    studio.play(0, 1, seconds=0.5)
    seat = studio.picture.seat(player.track)
    assert seat is not None
    shifts = []
    for n in range(6):
        target = studio.picture.layers[1 - n % 2]
        if urgent:
            studio.picture._sit(seat, None, studio.now_s, going=target)
        seat.going, seat.decide_due_s = target, studio.now_s + 99
        studio.frame(0, 1)
        studio.play(0, 1, seconds=0.5)
        assert seat.at is target
        sent = player.received()[-1].timestamp
        shifts.append((sent - round((studio.now_s - FRAME_S) * 90_000)) & 0xFFFFFFFF)
    assert max(shifts) - min(shifts) <= SAME_PICTURE_TICKS


def test_a_cut_frame_leaves_a_gap_of_one_number(studio: Studio) -> None:
    """The viewer comes over in the middle of a frame; a whole one before leaves none."""
    player = studio.seat()
    studio.play(0, 1, seconds=0.5)
    for target, whole in ((1, False), (0, True), (1, True), (0, False)):
        seat = studio.wish(player, target)
        studio.packet(1 - target, DELTA)
        studio.packet(1 - target, DELTA, marker=whole)
        studio.frame(target, key=True)
        assert seat.at is studio.picture.layers[target]
        studio.frame(0, 1)
        packets = player.received()[-4:]
        assert [packet.marker for packet in packets] == [True, whole, True, True]
        steps = [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)]
        assert steps == [1, 1 if whole else 2, 1]


@pytest.mark.parametrize("whole", [False, True])
def test_an_urgent_switch_leaves_a_gap_too_that_no_repeat_fills(studio: Studio, *, whole: bool) -> None:
    """Else the player takes what it has of the frame for all of it, or gets the old layer's next packet."""
    player = studio.seat()
    studio.play(0, 1, seconds=0.5)
    player.received()
    seat = studio.wish(player, 1)
    studio.packet(0, DELTA, marker=whole)
    studio.picture._sit(seat, None, studio.now_s, going=studio.picture.layers[1])
    studio.packet(0, DELTA)
    studio.frame(0, 1)
    studio.frame(1, key=True)
    studio.frame(0, 1)
    packets = player.received()
    steps = [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)]
    assert [packet.payload for packet in packets] == [DELTA, key_frame(640), DELTA]
    assert steps == [1 if whole else 2, 1]
    left_out = (packets[0].sequence + 1) & 0xFFFF
    studio.picture.answer_nack(player.track, Nack(player.track.section.ssrc, (left_out,)), studio.now_s)
    assert studio.counters.drops["nack_unknown_packet"] == (not whole)
    assert studio.counters.totals["retransmissions"] == whole


def test_a_frame_cut_by_the_publishers_end_leaves_a_gap(studio: Studio) -> None:
    """It left in the middle of a frame; the next one begins with a key frame."""
    player = studio.seat()
    studio.play(0, seconds=0.2)
    studio.packet(0, DELTA, marker=False)
    studio.picture.flush()
    studio.picture.drop_source()
    studio.sources[0] = Source(_one_layer(), 99)
    studio.play(0, seconds=0.2)
    packets = player.received()
    steps = {(b.sequence - a.sequence) & 0xFFFF: a.marker for a, b in pairwise(packets)}
    assert steps == {1: True, 2: False}


def test_who_has_waited_for_another_publisher_sees_a_key_frame_that_begins_late(studio: Studio) -> None:
    """Its first packet was lost on the way to us and repeated: the picture begins with it all the same."""
    player = studio.seat()
    studio.play(0, seconds=0.2)
    studio.picture.drop_source()
    studio.sources[0] = Source(_one_layer(), 99)
    player.received()
    studio.packet(0, LATE, marker=False)
    number = studio.lose(0)
    studio.packet(0, DELTA)
    studio.packet(0, key_frame(1280), marker=False, number=number)
    studio.picture.step_replays(until_s=0.0)
    studio.frame(0)
    assert [packet.payload for packet in player.received()] == [key_frame(1280), DELTA, DELTA]


def test_a_lost_picture_is_settled_by_the_key_frame_already_asked_for(studio: Studio) -> None:
    """However many say so until it comes; who says so afterwards has lost that one, too."""
    players = [studio.seat() for _ in range(3)]
    studio.play(0, seconds=2)
    requests = studio.picture.layers[0].requests
    asked = []
    for player in players:
        studio.picture.viewer_lost_picture(player.track, studio.now_s)
        asked.append(requests.due(studio.now_s))
        studio.frame(0)
    studio.play(0, seconds=2)
    asked.append(requests.due(studio.now_s))
    studio.picture.viewer_lost_picture(players[0].track, studio.now_s)
    asked.append(requests.due(studio.now_s))
    assert asked == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("round_trip_s", "after_s", "is_known", "asks"),
    [(0.2, 0.19, True, False), (0.2, 0.21, True, True), (0.2, 0.19, False, True), (9.0, 0.51, True, True)],
)
def test_a_lost_picture_is_settled_by_a_key_frame_on_its_way_to_the_viewer(
    studio: Studio, round_trip_s: float, after_s: float, *, is_known: bool, asks: bool
) -> None:
    """What it says within a round trip was said before it came; one that is being shown says no more."""
    player = studio.seat()
    studio.play(0, seconds=2)
    player.track.round_trip_s, player.track.round_trip_is_known = round_trip_s, is_known
    began_s = studio.now_s
    studio.frame(0, key=True)
    studio.picture.viewer_lost_picture(player.track, began_s + after_s)
    requests = studio.picture.layers[0].requests
    assert (requests.wanted, requests.due(began_s + 2)) == (asks, asks)


def test_a_lost_picture_of_who_has_none_is_not_settled(studio: Studio) -> None:
    """A viewer between layers is sent no key frame but its new layer's."""
    player = studio.seat()
    studio.play(0, 1, seconds=2)
    player.track.round_trip_s, player.track.round_trip_is_known = 0.2, True
    studio.picture._sit(studio.wish(player, 1), None, studio.now_s)
    studio.packet(0, key_frame(1280))
    assert not studio.picture.layers[0].requests.wanted
    studio.picture.viewer_lost_picture(player.track, studio.now_s)
    assert studio.picture.layers[0].requests.wanted


def test_a_key_frame_much_too_early_is_asked_for_once_more_and_then_taken(studio: Studio) -> None:
    """It would be heard against the sound; the second one comes a tick after what was sent last."""
    player = studio.seat()
    studio.report()
    studio.play(0, 1, seconds=0.5)
    first, second = studio.picture.layers[:2]
    seat = studio.wish(player, 1)
    studio.frame(0)
    studio.frame(1, key=True, age_s=TOO_EARLY_S)
    assert (seat.at, seat.going, second.requests.wanted) == (first, second, True)
    studio.frame(0)
    before = player.received()[-1]
    studio.frame(1, key=True, age_s=TOO_EARLY_S)
    assert (seat.at, seat.going, second.requests.wanted) == (second, None, False)
    (after,) = player.received()
    assert after.payload == key_frame(640)
    assert ((after.sequence - before.sequence) & 0xFFFF, after.timestamp - before.timestamp) == (1, 1)


@pytest.mark.parametrize("late_layer", [0, 1])
def test_a_late_packet_from_before_a_switch_does_not_reach_who_has_switched(
    studio: Studio, late_layer: int
) -> None:
    """Neither of the layer it left nor of the one it came to; who has been in that layer gets it."""
    player, others = studio.seat(), [studio.seat(), studio.seat()]
    studio.play(0, 1, seconds=0.5)
    studio.wish(others[0], 0)
    studio.wish(others[1], 1)
    studio.play(0, 1, seconds=0.2)
    seat = studio.wish(player, 1)
    number = studio.lose(late_layer)
    studio.frame(0, 1)
    studio.play(0, 1, seconds=0.2)
    assert seat.at is studio.picture.layers[1]
    for one in (player, *others):
        one.received()
    studio.packet(late_layer, LATE, number=number, age_s=0.5)
    came = [[packet.payload for packet in one.received()] for one in (player, *others)]
    assert came == [[], [LATE] * (late_layer == 0), [LATE] * (late_layer == 1)]


def test_who_waits_between_layers_gets_the_one_that_is_left(studio: Studio) -> None:
    """It left the old layer at once, the new one ended before its key frame: a picture comes all the same."""
    player = studio.seat()
    studio.play(0, 1, seconds=0.5)
    seat = studio.picture.seat(player.track)
    assert seat is not None
    studio.picture._sit(seat, None, studio.now_s, going=studio.picture.layers[1])
    seat.decide_due_s = studio.now_s + 99
    studio.play(0, seconds=SILENCE_S)
    assert seat.at is studio.picture.layers[0]
    player.received()
    studio.play(0, seconds=0.5)
    assert player.received()


def test_who_comes_while_only_the_second_layer_flows_sees_it(studio: Studio) -> None:
    """A browser on a slow line sends its small layer alone."""
    studio.play(1, seconds=0.5)
    player = studio.seat()
    studio.play(1, seconds=0.2)
    assert player.received()


def test_another_publisher_with_one_layer_is_seen_by_all(studio: Studio) -> None:
    """Viewers of any layer go on with the first stream of the next one, their numbers too."""
    players = [studio.seat() for _ in range(2)]
    studio.play(0, 1, seconds=0.5)
    seat = studio.picture.seat(players[1].track)
    assert seat is not None
    seat.going, seat.decide_due_s = studio.picture.layers[1], studio.now_s + 99
    studio.play(0, 1, seconds=0.2)
    studio.picture.drop_source()
    studio.sources[0] = Source(_one_layer(), 99)
    studio.sent[0] = 5000
    studio.play(0, seconds=0.5)
    for player in players:
        packets = player.received()
        assert packets[-1].payload == DELTA
        assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)} == {1}


def _one_layer() -> AgreedMedia:
    return AgreedMedia(Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid="1"), [VP8], {}, ())


def test_who_still_catches_up_goes_on_with_the_next_group() -> None:
    """One has had a part of the old group, the others nothing; each is live from the key frame on."""
    studio = Studio(1280)
    studio.play(0, seconds=4)
    players = [studio.seat() for _ in range(30)]
    (stream,) = studio.picture.layers
    for player in players:
        player.track.started = False
    for _ in range(6):  # no key frame comes for them
        studio.frame(0)
    assert stream.replaying_total == 30
    stream.step_replays(until_s=0.0)
    parts = [player.received() for player in players]
    assert [len(part) for part in parts] == [REPLAY_PACKETS] + [0] * 29
    studio.play(0, seconds=1)
    assert stream.replaying_total == 0
    for player, part in zip(players, parts, strict=True):
        packets = player.received()
        assert packets[0].payload == key_frame(1280)
        assert [packet.payload for packet in packets[1:]] == [DELTA] * 15
        whole = [*part, *packets]
        assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(whole)} == {1}
        assert all(0 <= (b.timestamp - a.timestamp) & 0xFFFFFFFF < 1 << 31 for a, b in pairwise(whole))
    studio.close()


def test_who_began_with_a_replay_comes_over_when_it_has_caught_up(studio: Studio) -> None:
    """Not before: what is left of the replay would come under the other layer's times."""
    studio.report()
    studio.play(1, 2, seconds=2.5)
    studio.frame(1, 2, key=True)
    for _ in range(4):
        studio.frame(1, 2)
    player = studio.seat()
    player.track.started = False  # as one that has just come in
    seat = studio.wish(player, 1)
    assert seat.at is not None
    origin = seat.at
    origin._begin_replay(player.track, studio.now_s)
    assert player.track.replay is not None
    target = studio.picture.layers[1 if origin is studio.picture.layers[2] else 2]
    seat.going = target
    studio.packet(studio.picture.layers.index(target), key_frame(640))
    assert seat.at is origin
    origin.step_replays(until_s=studio.now_s + 1e9)
    assert player.track.live
    for _ in range(2):  # the first may be too early
        studio.frame(1, 2, key=True)
    assert seat.at is target


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
