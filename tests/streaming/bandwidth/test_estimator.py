"""The estimator on simulated links: how soon, how close, how much queue. Figures: see its design comment."""

from dataclasses import replace

import pytest

from streaming.bandwidth.estimator import START_BITS_PER_S, Estimator
from streaming.bandwidth.rate_control import LIMIT_EXTRA_BITS_PER_S, LIMIT_FACTOR
from tests.lossy_link import LinkConditions
from tests.streaming.bandwidth.elastic_sender import ElasticSender

WIRE = LinkConditions(delay_s=0.020)


def link(rate: float, **conditions: float) -> LinkConditions:
    """A link of so many bits/s."""
    return replace(WIRE, rate_bits_per_s=rate, **conditions)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [400e3, 1e6, 3e6])
def test_it_finds_a_fixed_rate_and_holds_no_queue(rate: float) -> None:
    """Probes take it to 80% within 1.5 s; then 85% to 100% of the link is used, the queue comes and goes."""
    sender = ElasticSender(link(rate))
    sender.clock.run(60)
    assert sender.reached_s(0.8 * rate) < 1.5
    assert 0.85 < sender.link.rate(10, 60) / rate <= 1.0
    assert 0.80 * rate < min(sender.estimates(10, 60))
    assert max(sender.estimates(10, 60)) < 1.1 * rate
    assert sender.link.queue_s(0.5, 10, 60) < 0.080
    assert sender.link.queue_s(0.95, 10, 60) < 0.160


@pytest.mark.parametrize(("rate", "within_s"), [(400e3, 0.1), (1e6, 6.0), (3e6, 22.0)])
def test_without_probes_it_gets_there_by_growing(rate: float, within_s: float) -> None:
    """8% a second, with less queue: that is why probes are worth theirs."""
    sender = ElasticSender(link(rate), probes=False)
    sender.clock.run(60)
    assert sender.reached_s(0.8 * rate) <= within_s
    assert 0.85 < sender.link.rate(25, 60) / rate <= 1.0
    assert sender.link.queue_s(0.95, 25, 60) < 0.080


@pytest.mark.parametrize(
    ("conditions", "drift"),
    [
        (link(1e6, jitter_s=0.020), 0.0),
        (link(1e6, delay_s=0.100), 0.0),
        (link(1e6, reorder=0.05), 0.0),
        (link(1e6), 0.000_5),
        (link(1e6), -0.000_5),
        (link(1e6, loss=0.03), 0.0),
        (link(3e6, loss=0.03), 0.0),
    ],
    ids=["jitter", "far", "reordered", "fast clock", "slow clock", "loss 1M", "loss 3M"],
)
def test_weather_does_not_collapse_it(conditions: LinkConditions, drift: float) -> None:
    """Jitter, distance, reordering, a drifting clock, 3% lost at random: 85% is used all the same."""
    rate = conditions.rate_bits_per_s
    assert rate
    for seed in range(2):
        sender = ElasticSender(conditions, drift=drift, seed=seed)
        sender.clock.run(40)
        assert sender.link.rate(10, 40) / rate > 0.85
        assert min(sender.estimates(10, 40)) > 0.7 * rate
        assert sender.link.queue_s(0.95, 10, 40) < 0.160


def test_a_drop_is_seen_within_a_second() -> None:
    """From 2.5 Mb/s to 400 kb/s: half a second later the estimate is below half, after 2 s near the link."""
    sender = ElasticSender(link(2.5e6), probes=False)
    sender.clock.run(30)
    sender.link.change(link(400e3))
    sender.clock.run(60)
    assert sender.fell_s(1.25e6, 30) - 30 < 0.6
    assert sender.fell_s(500e3, 30) - 30 < 2.0
    assert 0.80 < sender.link.rate(40, 60) / 400e3 <= 1.0
    assert sender.link.queue_s(0.95, 45, 60) < 0.160


def test_what_is_not_sent_is_not_believed() -> None:
    """A sender with 300 kb/s on a wide link: at most 1.5 x that, however long, unless a probe proves more."""
    sender = ElasticSender(link(20e6), most=300e3, probes=False)
    sender.estimator._rate.bits_per_s = 300e3
    sender.clock.run(120)
    cap = LIMIT_FACTOR * 1.15 * 300e3 + LIMIT_EXTRA_BITS_PER_S
    assert 300e3 < sender.estimator.bits_per_s < cap


def test_silence_lowers_and_feedback_restores() -> None:
    """3 s without a word from the viewer: nothing grows, it goes down; the first word ends that."""
    sender = ElasticSender(link(1e6))
    sender.clock.run(20)
    before = sender.estimator.bits_per_s
    sender.link.feedback_cut = True
    sender.clock.run(23)
    was_silent = sender.estimator.silent
    assert sender.estimator.congested(23)
    silent = sender.estimates(20.1, 23)
    assert silent == sorted(silent, reverse=True)
    assert 0.1 * before < sender.estimator.bits_per_s < 0.5 * before
    sender.link.feedback_cut = False
    sender.clock.run(23.5)
    assert (was_silent, sender.estimator.silent) == (True, False)
    sender.clock.run(30)
    assert sender.reached_s(0.8e6, 23) - 23 < 5


def test_nothing_sent_is_no_silence() -> None:
    """The host is away for a minute: the estimate waits."""
    estimator = Estimator()
    for step in range(600):
        estimator.on_time(10 + step / 10, 5.0)
    assert not estimator.silent
    assert estimator.bits_per_s == START_BITS_PER_S


def test_others_get_their_share_and_it_comes_back() -> None:
    """1 Mb/s of cross traffic on 2 Mb/s for 20 s: down to what is left, and up again within 10 s.

    Others that do not give way make a burst look better than it is: the queue comes and goes, up to 0.3 s.
    """
    sender = ElasticSender(link(2e6), most=4e6)
    sender.link.cross_traffic(1e6, 20, 40)
    sender.clock.run(70)
    assert sender.link.rate(10, 20) > 1.7e6
    assert 0.7e6 < sender.link.rate(25, 40) <= 1.02e6
    assert sender.link.queue_s(0.50, 25, 40) < 0.200
    assert sender.link.queue_s(0.95, 25, 40) < 0.300
    assert sender.reached_s(1.6e6, 40) - 40 < 10


def test_heavy_loss_lowers_it() -> None:
    """12% lost at random is more than the draft bears, however empty the queue."""
    sender = ElasticSender(link(1e6, loss=0.12), probes=False)
    sender.clock.run(60)
    assert max(sender.estimates(30, 60)) < 0.6 * 1e6
    assert sender.estimator.loss == pytest.approx(0.12, abs=0.08)


def test_a_radios_pause_is_no_congestion() -> None:
    """0.3 s of nothing, then all at once: one look at an empty queue says it is over."""
    sender = ElasticSender(link(3e6))
    sender.clock.run(20)
    before = sender.estimator.bits_per_s
    sender.link.change(link(3e6, delay_s=0.320))
    sender.clock.run(20.001)
    sender.link.change(link(3e6))
    sender.clock.run(22)
    assert sender.estimator.bits_per_s > 0.7 * before


def test_packets_that_come_after_all_are_no_loss() -> None:
    """Reported lost first, with their arrival later: half the packets so, and the loss is none."""
    estimator = Estimator()
    for step in range(400):
        now_s = step * 0.05
        late = [(now_s - 0.05 + index * 0.01 + 0.005, 500, now_s) for index in range(5)] if step else []
        fresh: list[tuple[float, int, float | None]] = []
        for index in range(5):
            fresh.append((now_s + index * 0.01, 500, now_s + index * 0.01))
            fresh.append((now_s + index * 0.01 + 0.005, 500, None))
        estimator.on_feedback(now_s + 0.06, [*late, *fresh])
    assert estimator.loss < 0.1


def test_a_trend_without_a_queue_is_no_alarm() -> None:
    """Delay that climbs by 15 ms over and over, as radios do: nothing is cut; by 60 ms it is."""
    for climb_s, cut in ((0.015, False), (0.060, True)):
        estimator = Estimator()
        for step in range(400):
            packets = []
            for index in range(5):
                sent_s = step * 0.05 + index * 0.01
                packets.append((sent_s, 1200, sent_s + climb_s * (step % 8) / 7))
            estimator.on_feedback(step * 0.05 + 0.06, packets)
        assert (estimator._congested_s > 0) is cut
