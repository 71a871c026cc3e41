"""Layer switches: times that only go forward, and stay in step with the sound."""

from hypothesis import given
from hypothesis import strategies as st

from streaming.bandwidth.switch import (
    Landing,
    ReportedTime,
    arrival_offset,
    land,
    reported_offset,
    signed_difference,
)
from streaming.rtp.reports import ntp_from_unix

RATE_HZ = 90_000
words = st.integers(0, 0xFFFFFFFF)
moments = st.floats(1_700_000_000, 1_700_000_600)


@given(words, words, moments, moments, st.floats(-5, 5))
def test_one_moment_has_one_time_on_the_line(
    low: int, high: int, low_report_s: float, high_report_s: float, later_s: float
) -> None:
    """Whatever the layers' own times and whenever their reports came, across the wrap."""

    def stamp(base: int, at_s: float) -> int:
        return (base + round((at_s - 1_700_000_000) * RATE_HZ)) & 0xFFFFFFFF

    reference = ReportedTime(ntp_from_unix(low_report_s), stamp(low, low_report_s))
    target = ReportedTime(ntp_from_unix(high_report_s), stamp(high, high_report_s))
    offset = reported_offset(reference, target, RATE_HZ)
    at_s = high_report_s + later_s
    assert abs(signed_difference(stamp(high, at_s) + offset, stamp(low, at_s))) <= 3


def test_without_reports_arrivals_serve() -> None:
    """A packet of the target 100 ms later is 9000 ticks later on the line."""
    offset = arrival_offset((10.0, 5000), (10.1, 0xFFFFFFF0), RATE_HZ)
    assert (0xFFFFFFF0 + offset) & 0xFFFFFFFF == 5000 + 9000


@given(words, words, st.integers(1, 1 << 30))
def test_a_later_key_frame_lands_where_it_belongs(stamp: int, offset: int, ahead: int) -> None:
    """Nothing is moved without need."""
    last = (stamp + offset - ahead) & 0xFFFFFFFF
    assert land(stamp, offset, last, RATE_HZ, asked_again=False) == Landing(offset, 0)


@given(words, words, st.integers(0, 180))
def test_the_picture_sent_last_comes_in_its_new_size_at_once(stamp: int, offset: int, late: int) -> None:
    """Layers of one encoder have their key frames at the same time; 2 ms are what reports are off by."""
    last = (stamp + offset + late) & 0xFFFFFFFF
    landing = land(stamp, offset, last, RATE_HZ, asked_again=False)
    assert landing is not None
    assert landing.shifted == late + 1
    assert signed_difference(stamp + landing.offset, last) == 1


@given(words, words, st.integers(181, 3780))
def test_a_little_early_is_moved_by_a_frame_more(stamp: int, offset: int, late: int) -> None:
    """Up to 75 ms in all: 42 ms late and 33 ms for the frame."""
    last = (stamp + offset + late) & 0xFFFFFFFF
    landing = land(stamp, offset, last, RATE_HZ, asked_again=False)
    assert landing is not None
    assert landing.shifted == late + 2970
    assert signed_difference(stamp + landing.offset, last) == 2970


@given(words, words, st.integers(3781, 1 << 30))
def test_much_too_early_asks_once_and_then_gives_up(stamp: int, offset: int, late: int) -> None:
    """Given up, it still comes after the last one."""
    last = (stamp + offset + late) & 0xFFFFFFFF
    assert land(stamp, offset, last, RATE_HZ, asked_again=False) is None
    landing = land(stamp, offset, last, RATE_HZ, asked_again=True)
    assert landing is not None
    assert signed_difference(stamp + landing.offset, last) == 1
