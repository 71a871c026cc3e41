"""Layers of a show's picture: who sits where, and what is asked for."""

from itertools import pairwise

import pytest

from streaming.replays import REPLAY_PACKETS
from streaming.source import Source
from streaming.stream import WAIT_FOR_KEY_FRAME_S
from tests.streaming.key_frames import key_frame
from tests.streaming.studio import DELTA, FRAME_S, LATE, SILENCE_S, Studio, one_layer


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


def test_who_has_waited_for_another_publisher_sees_a_key_frame_that_begins_late(studio: Studio) -> None:
    """Its first packet was lost on the way to us and repeated: the picture begins with it all the same."""
    player = studio.seat()
    studio.play(0, seconds=0.2)
    studio.picture.drop_source()
    studio.sources[0] = Source(one_layer(), 99)
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


def test_a_layer_that_flows_no_more_is_asked_for_nothing() -> None:
    """Browsers answer with key frames of all the others, on a line that is short already."""
    studio = Studio(320, 1280)
    player = studio.seat()
    studio.play(0, 1, seconds=4)
    seat = studio.wish(player, 1)
    studio.frame(0, 1, key=True)
    assert seat.at is studio.picture.layers[1]
    for _ in range(5):
        studio.frame(0)
    studio.picture.viewer_lost_picture(player.track, studio.now_s)
    asked = []
    for _ in range(round(20 / FRAME_S)):
        due = studio.picture.key_frames_due(studio.now_s)
        asked += [source.layer for source in due]
        studio.frame(0, key=bool(due))
    # While it seems to flow, which is for 1.5 s, it may be asked for.
    assert 1 in asked
    assert asked.count(1) <= 2
    assert asked.count(0) <= 2
    assert seat.at is studio.picture.layers[0]
    # What was left unanswered says nothing of how the publisher answers when the layer is back.
    studio.frame(0, 1, key=True)
    assert not studio.picture.layers[1].requests.ignored(studio.now_s)
    studio.close()


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_left_out_here_is_no_gap_in_a_viewers_numbers(studio: Studio, *, whole: bool) -> None:
    """It would ask for what nobody has; after a frame that was cut one number stays free, as it must."""
    player = studio.seat()
    studio.play(0, seconds=1)
    studio.packet(0, DELTA, marker=whole)
    before = player.received()
    for number in range(50):
        studio.leave_out(0, DELTA if number < 49 else key_frame(1280))
    assert studio.picture.key_frames_due(studio.now_s) == [studio.sources[0]]
    # The rest of the key frame that was cut, and a repeat of its beginning.
    studio.packet(0, key_frame(1280))
    studio.packet(0, key_frame(1280), number=studio.sent[0] - 2)
    studio.now_s += FRAME_S
    studio.frame(0)
    assert player.received() == []
    assert studio.counters.drops["awaiting_key_frame"] == 3
    assert studio.counters.drops["own_fault"] == 0
    studio.frame(0, key=True)
    studio.frame(0)
    # What was left out comes again: it is older than what was begun with.
    studio.packet(0, DELTA, number=studio.sent[0] - 9)
    after = player.received()
    assert [packet.payload for packet in after] == [key_frame(1280), DELTA]
    numbers = [packet.sequence for packet in (*before, *after)]
    steps = [(b - a) & 0xFFFF for a, b in pairwise(numbers)]
    assert steps.count(1) == len(steps) - (not whole)
    assert steps[-2] == 1 + (not whole)
    assert studio.counters.drops["before_first_packet"] == 1


def test_a_room_stays_in_its_rows_while_pictures_are_left_out(studio: Studio) -> None:
    """To take hundreds out and put them back would hold up the sound of all shows."""
    for _ in range(4):
        studio.seat()
    studio.play(0, seconds=1)
    fanout = studio.picture.layers[0].fanout
    assert len(fanout) == 4
    studio.leave_out(0)
    assert len(fanout) == 4
    studio.frame(0, key=True)
    assert len(fanout) == 4


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
    studio.sources[0] = Source(one_layer(), 99)
    studio.sent[0] = 5000
    studio.play(0, seconds=0.5)
    for player in players:
        packets = player.received()
        assert packets[-1].payload == DELTA
        assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)} == {1}


@pytest.mark.parametrize("comes", ["in between", "behind"])
def test_a_frame_that_is_repaired_while_a_joiner_catches_up_has_its_time_between_the_others(
    studio: Studio, comes: str
) -> None:
    """With the time it had before it would jump back by as much as has passed since."""
    studio.seat()
    studio.play(0, seconds=1.5)
    lost_s, lost = studio.now_s, studio.lose(0)
    studio.now_s += FRAME_S
    studio.frame(0)
    studio.frame(0)
    joiner = studio.seat()
    joiner.track.started = False  # as one that has just come in
    studio.now_s += WAIT_FOR_KEY_FRAME_S + FRAME_S
    studio.picture.tick(studio.now_s)
    if comes == "in between":
        studio.packet(0, LATE, number=lost, age_s=studio.now_s - lost_s)
    slices = 0
    while studio.picture.replaying:
        studio.picture.step_replays(until_s=0.0)
        slices += 1
    assert slices
    if comes == "behind":
        studio.packet(0, LATE, number=lost, age_s=studio.now_s - lost_s)
    studio.frame(0)
    packets = sorted(joiner.received(), key=lambda packet: packet.sequence)
    assert [packet.payload for packet in packets].count(LATE) == 1
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(packets)]
    assert all(0 < step < 90_000 for step in steps)
    # And a repeat is the same packet, under the same nonce.
    place = next(at for at, packet in enumerate(packets) if packet.payload == LATE)
    own = joiner.track.extend(packets[place].sequence)
    found = joiner.track.history.find(own)
    assert found is not None
    assert found.timestamp == packets[place].timestamp


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
