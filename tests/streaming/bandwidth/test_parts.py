"""The estimator's parts alone: the trend, the rate, the loss, the queue, the probe."""

import pytest

from streaming.bandwidth.acknowledged import AcknowledgedRate
from streaming.bandwidth.delay_trend import DelayTrend, Reported, Usage
from streaming.bandwidth.loss_control import LossControl
from streaming.bandwidth.probe import ProbePlan, ProbePolicy, Prober
from streaming.bandwidth.queue_delay import QueueDelay
from streaming.bandwidth.rate_control import DECREASE, RateControl


def ramp(growth: float, groups: int, begin_s: float = 0.0) -> list[Reported]:
    """A packet each 20 ms whose delay grows by `growth` s a second."""
    return [(begin_s + n * 0.02, 1200, 500 + begin_s + n * 0.02 * (1 + growth)) for n in range(groups)]


@pytest.mark.parametrize(
    ("growth", "usage"), [(0.0, Usage.NORMAL), (0.005, Usage.NORMAL), (0.1, Usage.OVER), (-0.1, Usage.UNDER)]
)
def test_the_trend_tells_growing_from_emptying(growth: float, usage: Usage) -> None:
    """10% a second is a queue, half a percent is a clock."""
    trend = DelayTrend()
    trend.update(ramp(0.0, 100))
    assert trend.update(ramp(growth, 40, 2.0)) is usage


def test_the_trend_is_the_same_after_hours() -> None:
    """Running sums keep their precision."""
    trend = DelayTrend()
    trend.update(ramp(0.0, 100_000))
    assert abs(trend._slope) < 1e-6
    trend.update(ramp(0.0, 100, 36_000.0))
    assert abs(trend._slope) < 1e-6
    assert trend.update(ramp(0.1, 40, 36_002.0)) is Usage.OVER


def test_packets_delivered_together_are_one_group() -> None:
    """An aggregating radio: 20 ms of packets each 20 ms, at once. No trend, few groups."""
    trend = DelayTrend()
    packets = [(n * 0.002, 1200, 0.02 * (n // 10 + 1) + (n % 10) * 0.0001) for n in range(1000)]
    assert trend.update(packets) is Usage.NORMAL
    assert trend._deltas < 120


def test_a_trend_over_nothing_new_is_no_news() -> None:
    """Lost and reordered packets are passed over."""
    trend = DelayTrend()
    trend.update(ramp(0.0, 50))
    before = trend._deltas
    trend.update([(0.1, 1200, 501.0), (1.5, 1200, None)])
    assert trend._deltas == before


def test_growth_stops_at_one_and_a_half_times_what_arrives() -> None:
    """And proven rates stay."""
    rate = RateControl(300e3)
    for step in range(2000):
        rate.update(step * 0.05, Usage.NORMAL, 300e3, None, None)
    assert rate.bits_per_s == pytest.approx(460e3)
    rate.prove(100.0, 2e6)
    rate.update(100.1, Usage.NORMAL, 300e3, None, None)
    assert rate.bits_per_s == 2e6
    rate.prove(100.2, 1e6)
    assert rate.bits_per_s == 2e6


def test_overuse_cuts_to_what_arrives_less_fifteen_percent() -> None:
    """Once a round trip."""
    rate = RateControl(1e6)
    rate.round_trip_s = 0.1
    assert rate.update(1.0, Usage.OVER, 700e3, 600e3, 1e6)
    assert rate.bits_per_s == pytest.approx(DECREASE * 600e3)
    assert not rate.update(1.05, Usage.OVER, 500e3, 500e3, 1e6)
    assert rate.update(1.11, Usage.OVER, 500e3, 500e3, 1e6)
    assert rate.bits_per_s == pytest.approx(DECREASE * 500e3)


def test_a_doubtful_alarm_costs_fifteen_percent_until_it_lasts() -> None:
    """200 kb/s are sent of 3 Mb/s allowed: 2.55 Mb/s; 0.3 s later still over: what arrives counts."""
    rate = RateControl(3e6)
    assert rate.update(1.0, Usage.OVER, 200e3, 200e3, 200e3)
    assert rate.bits_per_s == pytest.approx(2.55e6)
    assert not rate.update(1.2, Usage.OVER, 200e3, 200e3, 200e3)
    assert rate.update(1.31, Usage.OVER, 200e3, 200e3, 200e3)
    assert rate.bits_per_s == pytest.approx(170e3)


def test_loss_shrinks_holds_and_grows() -> None:
    """5% sets no cap; 30% does at once, 12% at the second time; below 2% it grows until it is none."""
    loss = LossControl()
    steps = iter(range(1000))

    def lose(share: float) -> bool:
        return loss.note(next(steps), 100, round(100 * share), 1e6, None)

    lose(0.0)
    assert not any(lose(0.05) for _ in range(10))
    assert loss.cap is None
    assert not lose(0.12)
    assert lose(0.12)
    assert loss.cap == pytest.approx(0.94e6)
    assert lose(0.30)
    cap = loss.cap
    assert not lose(0.05)
    assert loss.cap == cap
    for _ in range(20):
        lose(0.0)
    assert loss.cap is None


def test_the_queue_is_what_comes_on_top_of_the_least_delay() -> None:
    """Whatever the clocks' offset; a new route is the new least after half a minute."""
    queue = QueueDelay()
    for step in range(1200):
        now_s = step / 20
        queue.note(now_s, -400.0 + (0.0 if now_s < 10 else 0.1))
        if now_s == 12:
            assert queue.queue_s == pytest.approx(0.1)
            assert queue.standing
            assert queue.overused(now_s, 1e6, 1e6)
            assert not queue.overused(now_s, 1e6, 500e3)
    assert queue.queue_s == pytest.approx(0.0)
    assert queue.empty


def test_a_long_queue_counts_at_the_second_feedback() -> None:
    """Not at the first: a radio's pause ends in one."""
    queue = QueueDelay()
    queue.note(0.0, 5.0)
    queue.note(0.1, 5.4)
    assert not queue.overused(0.1, 9e6, 1e6)
    queue.note(0.2, 5.4)
    assert queue.overused(0.2, 9e6, 1e6)


def test_the_acknowledged_rate_is_bytes_over_time() -> None:
    """Of half a second, and of the last fifth for what just changed."""
    rate = AcknowledgedRate()
    assert rate.long_bits_per_s() is None
    for step in range(40):
        rate.add(step * 0.05, 6250 if step < 36 else 625)
    assert rate.short_bits_per_s() == pytest.approx(100e3, rel=0.1)
    assert rate.long_bits_per_s() == pytest.approx(640e3, rel=0.1)


def test_a_time_far_ahead_does_not_make_the_acknowledged_rate_grow_for_ever() -> None:
    """A viewer may say what it likes of when packets came."""
    rate = AcknowledgedRate()
    rate.add(1.0, 1000)
    rate.add(1e6, 1000)
    for step in range(10_000):
        rate.add(1.0 + step * 0.05, 1000)
    assert len(rate._entries) <= 3


def burst(plan: ProbePlan, begin_s: float, capacity: float, lost: int = 0) -> list[Reported]:
    """What a probe of 1000-byte packets meets on a link."""
    count = plan.size_bytes // 1000
    free_s = 0.0
    packets: list[Reported] = []
    for index in range(count):
        sent_s = begin_s + plan.duration_s * index / count
        free_s = max(sent_s, free_s) + 8000 / capacity
        packets.append((sent_s, 1000, None if index < lost else 77 + free_s))
    return packets


def test_a_probe_that_gets_through_proves_its_rate_and_the_next_follows() -> None:
    """Each step at most 2.5 x the last."""
    prober = Prober(ProbePolicy())
    plan = prober.plan(10.0, 400e3, 0.0, 3e6, -1.0)
    assert plan is not None
    assert plan.bits_per_s == 1e6
    assert plan.size_bytes == pytest.approx(1e6 * plan.duration_s / 8)
    assert prober.plan(10.1, 400e3, 0.0, 3e6, -1.0) is None
    others, end_s = prober.take([*burst(plan, 10.0, 50e6), (10.2, 500, 87.2)])
    assert (others, end_s) == ([(10.2, 500, 87.2)], 10.0 + plan.duration_s)
    assert prober.verdict(10.3) == pytest.approx(1e6, rel=0.1)
    assert prober.verdict(10.3) is None
    following = prober.plan(10.35, 1e6, 0.0, 3e6, -1.0)
    assert following is not None
    assert following.bits_per_s == 2.5e6


def test_a_probe_the_way_cannot_carry_proves_what_came_and_waits() -> None:
    """2, 3, 4.5, 5, 5 s, and the tries are smaller."""
    prober = Prober(ProbePolicy())
    now_s = 10.0
    waits, rates = [], []
    for _ in range(5):
        begin_s = now_s
        while (plan := prober.plan(now_s, 400e3, 0.0, 3e6, -1.0)) is None:
            now_s += 0.05
        waits.append(now_s - begin_s)
        rates.append(plan.bits_per_s)
        prober.take([*burst(plan, now_s, 420e3), (now_s + 0.5, 500, 99.0)])
        assert prober.verdict(now_s) == pytest.approx(0.95 * 420e3, rel=0.1)
    assert waits == pytest.approx([0, 2, 3, 4.5, 5], abs=0.1)
    assert rates == [1e6, 600e3, 600e3, 600e3, 600e3]
    assert prober.failed_total == 5


def test_a_probe_that_is_mostly_lost_proves_nothing() -> None:
    """Nor one whose feedback never comes: it is given up after a second."""
    prober = Prober(ProbePolicy())
    plan = prober.plan(10.0, 400e3, 0.0, 3e6, -1.0)
    assert plan is not None
    prober.take([*burst(plan, 10.0, 50e6, lost=4), (10.2, 500, 87.2)])
    assert prober.verdict(10.3) is None
    assert not prober.active
    assert prober.plan(12.4, 400e3, 0.0, 3e6, -1.0) is not None
    assert prober.plan(14.0, 400e3, 0.0, 3e6, -1.0) is None
    assert not prober.active
    assert prober.failed_total == 2


def test_no_probe_without_a_wish_or_after_an_alarm() -> None:
    """Nor above what is believed already."""
    prober = Prober(ProbePolicy())
    assert prober.plan(10.0, 400e3, 0.0, 0.0, -1.0) is None
    assert prober.plan(10.0, 400e3, 0.0, 399e3, -1.0) is None
    assert prober.plan(10.0, 400e3, 0.0, 3e6, 9.5) is None
    assert prober.sent_total == 0


def test_a_rate_begins_anew_after_a_long_time_without_a_word() -> None:
    """What comes then says nothing of the time between."""
    rate = AcknowledgedRate()
    for step in range(10):
        rate.add(step / 10, 10_000)
    rate.add(20.0, 10_000)
    assert rate.long_bits_per_s() is None
    for step in range(1, 6):
        rate.add(20 + step / 10, 10_000)
    assert rate.long_bits_per_s() == pytest.approx(800_000)
