"""From one layer to another: numbers and times go on, whenever the switch comes."""

from itertools import pairwise

import pytest

from streaming.rtp.rtcp import Nack
from streaming.source import Source
from tests.streaming.key_frames import key_frame
from tests.streaming.studio import DELTA, FRAME_S, LATE, Studio, one_layer

SAME_PICTURE_TICKS = 2
TOO_EARLY_S = 0.25


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
    studio.sources[0] = Source(one_layer(), 99)
    studio.play(0, seconds=0.2)
    packets = player.received()
    steps = {(b.sequence - a.sequence) & 0xFFFF: a.marker for a, b in pairwise(packets)}
    assert steps == {1: True, 2: False}


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
