"""For how long a lease may have lapsed without its owner's being gone."""

import pytest

from streaming.outages import Outages


@pytest.fixture
def outages() -> Outages:
    """Of a process that began at second 100."""
    return Outages(100.0, lease_s=3.0, silence_s=2.0)


def test_while_redis_answers_no_time_is_given(outages: Outages) -> None:
    """Neither at the start nor later."""
    for at_s in (100.0, 101.0, 102.9, 104.0):
        assert outages.spared_s(at_s) == 0
        outages.answered(at_s)


def test_owners_have_the_length_of_a_lease_after_an_outage(outages: Outages) -> None:
    """It begins with the first answer, and later ones do not make it longer."""
    outages.failed(100.5)
    assert outages.spared_s(101.0) == pytest.approx(1 + 3)
    outages.answered(105.0)
    outages.answered(107.0)
    assert outages.spared_s(107.9) == pytest.approx(5 + 3)
    assert outages.spared_s(108.1) == 0


def test_a_call_from_before_its_end_that_fails_after_it_is_no_other_outage(outages: Outages) -> None:
    """Owners who have not renewed yet keep their time, and get no more."""
    outages.failed(101.0)
    outages.answered(110.0)
    outages.failed(109.9)
    assert outages.spared_s(110.3) == pytest.approx(10 + 3)
    outages.answered(110.4)
    outages.answered(112.0)
    assert outages.spared_s(112.9) == pytest.approx(10 + 3)
    assert outages.spared_s(113.1) == 0


def test_a_short_one_right_after_a_long_one_takes_no_time_away(outages: Outages) -> None:
    """Nor does it add any to that of the long one."""
    outages.failed(101.0)
    outages.answered(110.0)
    outages.failed(110.4)
    outages.answered(111.0)
    assert outages.spared_s(112.9) == pytest.approx(10 + 3)
    outages.answered(112.9)
    assert outages.spared_s(113.1) == pytest.approx(1 + 3)
    assert outages.spared_s(114.1) == 0


def test_one_that_nobody_saw_counts(outages: Outages) -> None:
    """A process that asked nothing for a while cannot know."""
    assert outages.spared_s(101.9) == 0
    assert outages.spared_s(102.1) == pytest.approx(2.1 + 3)
    outages.answered(104.0)
    outages.answered(105.5)
    assert outages.spared_s(106.9) == pytest.approx(4 + 3)
    assert outages.spared_s(107.1) == 0


@pytest.mark.parametrize("away_s", [0, 60])
def test_a_part_that_fails_all_the_time_keeps_no_dead_owner(outages: Outages, away_s: int) -> None:
    """Other parts answer in between: what lapsed some seconds ago is nobody's, after an outage, too."""
    began_s = 100 + away_s
    if away_s:
        outages.failed(101)
        outages.answered(began_s)
    for second in range(began_s + 1, began_s + 60):
        outages.failed(second - 0.1)
        outages.answered(second)
        limit_s = away_s if second + 0.5 < began_s + 3 else 1
        assert 0 < outages.spared_s(second + 0.5) <= max(limit_s, 1) + 3
