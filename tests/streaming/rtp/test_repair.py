"""Losses repaired in time: five minutes of a show in a second or two."""

import pytest

from tests.lossy_link import LinkConditions
from tests.streaming.rtp.bad_line import ONE_WAY_S, ROUND_TRIP_S, BeforeTheServer, BehindTheServer

SECONDS = 300.0
# What a player holds the picture back by on a bad line, see `static/lib/media/cushion.js`.
IN_TIME_S = 0.150


@pytest.mark.parametrize(("burst", "late_share"), [(1.0, 0.0025), (3.0, 0.01)])
def test_a_host_that_loses_a_tenth_is_repaired_before_it_is_seen(burst: float, late_share: float) -> None:
    """Requests are lost as well; hardly a packet comes too late, or twice."""
    weather = LinkConditions(loss=0.10, loss_burst_packets=burst, delay_s=ONE_WAY_S)
    fates = BeforeTheServer(weather, f"host {burst}").run(SECONDS)
    lost = 0.10 * len(fates.sent_s)
    assert fates.share_later_than(1.0) < 0.0005
    assert fates.share_later_than(IN_TIME_S) < late_share
    assert fates.asked < 4 * lost, "requests and their echoes"
    assert fates.copies < 1.03 * len(fates.came_s)


def test_what_comes_out_of_order_is_not_asked_for() -> None:
    """5 ms late is early enough: the first request waits 10."""
    weather = LinkConditions(reorder=0.05, reorder_s=0.005, delay_s=ONE_WAY_S)
    fates = BeforeTheServer(weather, "reordered").run(SECONDS)
    assert fates.asked == 0
    assert fates.share_later_than(ONE_WAY_S + 0.006) == 0.0


def test_disorder_on_a_line_that_loses_is_not_taken_for_loss() -> None:
    """A bad line is asked at once, but not one on which packets overtake each other."""
    orderly = LinkConditions(loss=0.05, delay_s=ONE_WAY_S)
    disorderly = LinkConditions(loss=0.05, delay_s=ONE_WAY_S, reorder=0.05, reorder_s=0.005)
    asked = [BeforeTheServer(weather, "both").run(SECONDS).asked for weather in (orderly, disorderly)]
    assert asked[1] < 1.2 * asked[0]


def test_a_viewer_that_loses_a_twentieth_is_repaired_before_it_is_seen() -> None:
    """The ring answers each request with two copies."""
    weather = LinkConditions(loss=0.05, delay_s=ONE_WAY_S)
    fates = BehindTheServer(weather, "viewer", ROUND_TRIP_S).run(SECONDS)
    assert fates.share_later_than(1.0) == 0.0
    assert fates.share_later_than(IN_TIME_S) < 0.0005
    assert fates.asked < 1.5 * 0.05 * len(fates.sent_s)


def test_a_player_that_knows_the_round_trip_is_repaired_much_sooner() -> None:
    """Without it libwebrtc asks again after 100 ms: what `Viewer.round_trip_answer` is for."""
    weather = LinkConditions(loss=0.05, delay_s=ONE_WAY_S)
    late = [
        BehindTheServer(weather, "viewer", after_s).run(SECONDS).share_later_than(IN_TIME_S)
        for after_s in (ROUND_TRIP_S, 0.1)
    ]
    assert late[1] > 0.001
    assert late[0] < late[1] / 4


def test_repeats_are_throttled_and_counted_out() -> None:
    """A viewer that asks far too often gets a packet three times at most."""
    weather = LinkConditions(loss=0.02, delay_s=ONE_WAY_S)
    fates = BehindTheServer(weather, "impatient", 0.0).run(SECONDS)
    assert fates.copies < 1.15 * len(fates.sent_s)
