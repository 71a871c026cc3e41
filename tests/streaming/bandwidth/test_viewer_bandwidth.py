"""One viewer of a show with three layers (150 kb/s, 500 kb/s, 2.5 Mb/s) behind simulated links."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from streaming.bandwidth.delay_trend import Reported
from streaming.bandwidth.estimator import Estimator
from streaming.bandwidth.layer_choice import Move
from streaming.bandwidth.layer_meter import Layer
from streaming.bandwidth.viewer_bandwidth import Feedback, ViewerBandwidth
from tests.lossy_link import LinkConditions
from tests.streaming.bandwidth.layered_sender import LayeredSender

WIDE = LinkConditions(delay_s=0.020, rate_bits_per_s=3.5e6, queue_packets=50)


def limited(sender: LayeredSender, rate: float, begin_s: float, end_s: float) -> None:
    """Run to `end_s`, with the link limited from `begin_s`."""
    before = sender.link.conditions
    sender.clock.run(begin_s)
    sender.link.change(replace(before, rate_bits_per_s=rate))
    sender.clock.run(end_s)
    sender.link.change(before)


@pytest.mark.parametrize(
    ("rate", "layer"), [(400e3, 0), (1e6, 1), (1.5e6, 1), (3.5e6, 2), (20e6, 2), (None, 2)]
)
def test_the_highest_layer_that_fits_is_found_and_kept(rate: float | None, layer: int) -> None:
    """Within 1.5 s of the first choice, and no other after."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=rate))
    sender.clock.run(40)
    assert sender.reached_s(layer, 3.0) < 1.5
    assert [sent for at, sent in sender.layers_s if at > 5] == []
    assert sender.link.queue_s(0.95, 6, 40) < 0.120
    assert sender.longest_freeze_s(6, 40) < 0.2


@pytest.mark.parametrize(
    ("rate", "queue_packets", "loss", "length_s"),
    [
        (3.5e6, 30, 0.0, 25.0),
        (3.5e6, 100, 0.0, 27.3),
        (3.5e6, 30, 0.03, 28.6),
        (3.5e6, 100, 0.03, 30.1),
        (20e6, 30, 0.03, 26.2),
        (20e6, 100, 0.0, 50.0),
    ],
)
def test_a_limit_is_followed_down_and_up(
    rate: float, queue_packets: int, loss: float, length_s: float
) -> None:
    """To 400 kb/s: seen within 0.6 s, and after its end the top layer is back within 10 s, nothing frozen."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=rate, queue_packets=queue_packets, loss=loss))
    end_s = 20 + length_s
    limited(sender, 400e3, 20, end_s)
    sender.clock.run(end_s + 20)
    assert sender.layer_at(19.9) == 2
    lowered_s, first = next((at, choice) for at, choice in sender.choices if at > 20)
    assert (first.layer, first.move, first.urgent) == (0, Move.DOWN, True)
    assert lowered_s - 20 < 0.6
    assert sender.layer_at(end_s - 0.1) == 0
    assert sender.link.queue_s(0.95, 27, end_s) < 0.150
    assert sender.longest_freeze_s(27, end_s) < 0.3
    assert sender.reached_s(2, end_s) < 10
    assert sender.longest_freeze_s(end_s, end_s + 20) < 0.5
    assert sender.layer_at(end_s + 19.9) == 2


def test_a_way_too_narrow_for_any_picture_keeps_the_sound() -> None:
    """At 100 kb/s the picture pauses after some seconds but for trials, the sound goes on, all comes back."""
    sender = LayeredSender(replace(WIDE, queue_packets=30))
    limited(sender, 100e3, 20, 110)
    sender.clock.run(150)
    assert any(choice.move is Move.PAUSE and 23 < at < 26 for at, choice in sender.choices)
    assert sender.link.rate(35, 110) > 55e3
    assert sender.link.queue_s(0.75, 35, 110) < 0.3
    assert sender.reached_s(2, 110) < 35


def test_a_picture_that_is_held_comes_back_by_trial() -> None:
    """Then nothing of it is reported but the sound, each 5 s; a trial on the narrow line is short."""
    sender = LayeredSender(replace(WIDE, queue_packets=30), only_pictures=True)

    def hear() -> None:
        if sender.layer is None:
            sender.bandwidth.on_loss(sender.clock.now_s, 0.0, 64e3)

    sender.clock.every(5.0, hear, 20)
    limited(sender, 60e3, 20, 100)
    sender.clock.run(130)
    during = [(at, layer) for at, layer in sender.layers_s if 20 < at < 100]
    held_s = sum(b - a for (a, layer), (b, _) in pairwise([*during, (100, 0)]) if layer is None)
    assert held_s > 55
    assert sender.reached_s(0, 100) < 30


def everything(sender: LayeredSender) -> list[tuple[float, int | None]]:
    """Layers sent after the start."""
    return [(at, layer) for at, layer in sender.layers_s if at > 9]


@pytest.mark.parametrize(
    "conditions",
    [
        replace(WIDE, jitter_s=0.030, loss=0.01),
        replace(WIDE, rate_bits_per_s=10e6, jitter_s=0.050),
        replace(WIDE, rate_bits_per_s=10e6, loss=0.05),
    ],
    ids=["trembling and lossy", "trembling", "lossy"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_bad_radio_with_room_enough_costs_no_layer(conditions: LinkConditions, seed: int) -> None:
    """For a minute."""
    sender = LayeredSender(conditions, seed=seed)
    sender.clock.run(60)
    assert sender.layer_at(9) == 2
    assert everything(sender) == []


def test_a_still_picture_is_no_reason_to_leave_when_it_moves_again() -> None:
    """The top layer swings between 0.3 and 2.5 Mb/s each 20 s."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=5e6))

    def swing() -> None:
        sender.rates[2] = 300e3 if int(sender.clock.now_s / 20) % 2 else 2.5e6

    sender.clock.every(1.0, swing)
    sender.clock.run(90)
    assert sender.layer_at(9) == 2
    assert everything(sender) == []


def test_cross_traffic_is_made_room_for() -> None:
    """2 Mb/s of others on 4 Mb/s for 15 s: the middle layer, little queue, and the top again."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=4e6))
    sender.link.cross_traffic(2e6, 20, 35)
    sender.clock.run(60)
    assert (sender.layer_at(19.9), sender.layer_at(34.9)) == (2, 1)
    assert sender.link.queue_s(0.95, 23, 35) < 0.150
    assert sender.reached_s(2, 35) < 10


def test_a_layer_that_ends_is_left_and_taken_again() -> None:
    """The publisher stops the top layer for a while: the next one, at once; back 2 s after it flows."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=20e6))
    sender.clock.run(20)
    sender.rates[2] = 0
    sender.clock.run(30)
    assert sender.layer_at(29.9) == 1
    assert sender.reached_s(1, 20) < 2.5
    sender.rates[2] = 2.5e6
    sender.clock.run(40)
    assert 2.0 <= sender.reached_s(2, 30) < 4.0


def test_feedback_silence_goes_down_and_comes_back() -> None:
    """5 s without feedback: the lowest layer or less; 10 s after it is back, the top."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=20e6))
    sender.clock.run(20)
    sender.link.feedback_cut = True
    sender.clock.run(25)
    assert sender.wanted in (0, None)
    sender.link.feedback_cut = False
    sender.clock.run(40)
    assert sender.reached_s(2, 25) < 10


@pytest.mark.parametrize("phase_s", [0.0, 0.15, 0.3, 0.45])
def test_silence_is_counted_from_the_last_word(phase_s: float) -> None:
    """However long it has waited to be read: a line that pauses for most of a second costs nothing."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=20e6))
    sender.clock.run(20 + phase_s)
    sender.link.feedback_cut = True
    sender.clock.run(20.9 + phase_s)
    assert not sender.bandwidth.estimator.silent
    assert sender.layers_s[-1][1] == 2
    sender.clock.run(23)
    assert sender.bandwidth.estimator.silent


def test_probes_are_a_small_part_of_what_a_limited_viewer_gets() -> None:
    """A minute at 400 kb/s: padding stays below 5% of what is sent."""
    sender = LayeredSender(replace(WIDE, rate_bits_per_s=400e3))
    sender.clock.run(65)
    assert sender.link.rate(5, 65) < 1.05 * (150e3 + 64e3)


LAYERS = [
    Layer(150e3, 150e3, active=True),
    Layer(500e3, 500e3, active=True),
    Layer(2.5e6, 2.5e6, active=True),
]


def told(
    viewer: ViewerBandwidth, seconds: int, tell: Callable[[float, float], None], from_s: int = 0
) -> None:
    """Report once a second, decide ten times; `tell` is given the time and what is sent."""
    for step in range(10 * from_s, 10 * (from_s + seconds)):
        now_s = step / 10
        sent = 64e3 + (0.0 if viewer.layer is None else LAYERS[viewer.layer].bits_per_s)
        if step % 10 == 0:
            tell(now_s, sent)
        assert viewer.decide(now_s, now_s, LAYERS, 64e3).probe is None


def test_without_transport_feedback_reports_decide() -> None:
    """No loss: up by trial. 30% lost: down within 3 s."""
    viewer = ViewerBandwidth()
    told(viewer, 40, lambda now_s, sent: viewer.on_loss(now_s, 0.0, sent))
    assert viewer.layer == 2
    told(viewer, 5, lambda now_s, sent: viewer.on_loss(now_s, 0.3, sent), from_s=40)
    assert viewer.layer == 0


def test_who_has_no_layer_has_none_when_layers_are_counted_anew() -> None:
    """It is held. To leave the lowest layer a second time would begin the hold-off again."""
    viewer = ViewerBandwidth()
    told(viewer, 10, lambda now_s, sent: viewer.on_loss(now_s, 0.6, sent))
    assert viewer.layer is None
    viewer.renumber(0)
    assert viewer.layer is None
    told(viewer, 10, lambda now_s, sent: viewer.on_loss(now_s, 0.6, sent), from_s=10)
    assert viewer.layer is None
    told(viewer, 40, lambda now_s, sent: viewer.on_loss(now_s, 0.0, sent + LAYERS[0].bits_per_s), from_s=20)
    assert viewer.layer == 2


def test_a_receivers_estimate_limits_only_near_what_is_sent() -> None:
    """1.5 x what is sent says nothing; 300 kb/s under the middle layer means the lowest."""
    viewer = ViewerBandwidth()

    def content(now_s: float, sent: float) -> None:
        viewer.on_receiver_estimate(now_s, 1.5 * sent, sent)
        viewer.on_loss(now_s, 0.0, sent)

    told(viewer, 40, content)
    assert viewer.layer == 2
    told(viewer, 3, lambda now_s, sent: viewer.on_receiver_estimate(now_s, 300e3, sent), from_s=40)
    assert viewer.layer == 0


def test_one_bad_report_pauses_nobody() -> None:
    """It may tell of a moment, and the next one of nothing, for reports get lost as well."""
    viewer = ViewerBandwidth()
    told(viewer, 1, lambda now_s, sent: viewer.on_loss(now_s, 0.6, sent))
    told(viewer, 20, lambda _now_s, _sent: None, from_s=1)
    assert viewer.layer == 0
    told(viewer, 2, lambda now_s, sent: viewer.on_loss(now_s, 0.6, sent), from_s=21)
    told(viewer, 20, lambda _now_s, _sent: None, from_s=23)
    assert viewer.layer is None


def test_where_layers_end_what_feedback_said_of_them_says_nothing_any_more() -> None:
    """A host comes back with one layer of five times the rate: a viewer that reports little loss keeps it."""
    viewer = ViewerBandwidth()
    now_s = 0.0
    for turn in range(10):
        viewer.on_feedbacks(feedbacks(turn / 5, wait_s=0.02))
        now_s = turn / 5 + 1.2
        viewer.decide(now_s, now_s, [Layer(500e3, 500e3, active=True)], 64e3)
    viewer.end_feedback()
    one = [Layer(2.5e6, 2.5e6, active=True)]
    for step in range(600):
        at_s = now_s + step / 10
        if step % 10 == 0:
            viewer.on_loss(at_s, 0.12 if step == 0 else 0.0, 2.5e6)
        assert viewer.decide(at_s, at_s, one, 64e3).choice.layer == 0


def test_who_is_paused_when_layers_end_is_tried_again_without_any_report() -> None:
    """A camera without sound: nothing is sent, nothing is reported, and yet the picture comes back."""
    viewer = ViewerBandwidth()
    for turn in range(60):
        viewer.on_feedbacks(feedbacks(turn / 5, wait_s=0.02 if turn < 5 else turn / 5))
        viewer.decide(turn / 5 + 1.2, turn / 5 + 1.2, [Layer(2.5e6, 2.5e6, active=True)], 64e3)
    assert viewer.layer is None
    viewer.end_feedback()
    one, found = [Layer(500e3, 500e3, active=True)], None
    for step in range(1200):
        found = viewer.decide(14 + step / 10, float("-inf"), one, 64e3).choice.layer
    assert found == 0


class NotingEstimator(Estimator):
    """Notes what it is handed: when, and how many packets."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[tuple[float, int]] = []

    def on_feedback(self, now_s: float, packets: Sequence[Reported], unlisted: int = 0) -> None:
        """Note and take it."""
        self.handed.append((now_s, len(packets) + unlisted))
        super().on_feedback(now_s, packets, unlisted)


def noting_viewer() -> tuple[ViewerBandwidth, NotingEstimator]:
    """A viewer whose estimator notes."""
    viewer, estimator = ViewerBandwidth(), NotingEstimator()
    viewer.estimator = estimator
    return viewer, estimator


def feedbacks(begin_s: float, *, wait_s: float) -> list[Feedback]:
    """Four in a row from a second after `begin_s` on, each on five packets, which waited so long."""
    times_s = [begin_s + place / 100 for place in range(20)]
    packets: list[Reported] = [(sent_s, 1200, sent_s + wait_s) for sent_s in times_s]
    return [(begin_s + 1 + place / 20, packets[5 * place : 5 * place + 5], 0) for place in range(4)]


def test_while_nothing_is_the_matter_several_feedbacks_count_as_one() -> None:
    """Of the newest moment, with the packets of all."""
    viewer, estimator = noting_viewer()
    viewer.on_feedbacks(feedbacks(9, wait_s=0.02))
    assert estimator.handed == [(10.15, 20)]


def test_packets_that_were_reported_out_of_order_are_looked_at_one_feedback_after_another() -> None:
    """A packet that was reported lost and came after all is one loss less: the order says which is which."""
    viewer, estimator = noting_viewer()
    first, second, third, fourth = (packets for _, packets, _ in feedbacks(9, wait_s=0.02))
    viewer.on_feedbacks([(10.0, second, 0), (10.05, first, 0), (10.1, third, 0), (10.15, fourth, 0)])
    assert estimator.handed == [(10.0, 5), (10.05, 5), (10.1, 5), (10.15, 5)]


def test_behind_a_queue_every_feedback_is_looked_at_by_itself() -> None:
    """So that the second alarm comes as soon as it can."""
    viewer, estimator = noting_viewer()
    for turn, wait_s in enumerate((0.02, 0.4, 0.4)):
        viewer.on_feedbacks(feedbacks(9 + turn / 5, wait_s=wait_s))
    assert [packets for _, packets in estimator.handed] == [20, 20, 5, 5, 5, 5]
