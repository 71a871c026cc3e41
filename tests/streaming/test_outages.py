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
    outages.failed()
    assert outages.spared_s(101.0) == pytest.approx(1 + 3)
    outages.answered(105.0)
    outages.answered(107.0)
    assert outages.spared_s(107.9) == pytest.approx(5 + 3)
    assert outages.spared_s(108.1) == 0


def test_a_call_from_before_its_end_that_fails_after_it_is_no_other_outage(outages: Outages) -> None:
    """Owners who have not renewed yet keep their time."""
    outages.failed()
    outages.answered(110.0)
    outages.failed()
    assert outages.spared_s(110.3) == pytest.approx(10 + 3)
    outages.answered(110.4)
    outages.answered(112.0)
    assert outages.spared_s(113.3) == pytest.approx(10 + 3)
    assert outages.spared_s(113.5) == 0


def test_one_that_nobody_saw_counts(outages: Outages) -> None:
    """A process that asked nothing for a while cannot know."""
    assert outages.spared_s(101.9) == 0
    assert outages.spared_s(102.1) == pytest.approx(2.1 + 3)
    outages.answered(104.0)
    outages.answered(105.5)
    assert outages.spared_s(106.9) == pytest.approx(4 + 3)
    assert outages.spared_s(107.1) == 0


def test_a_part_that_fails_all_the_time_keeps_no_dead_owner(outages: Outages) -> None:
    """Other parts answer in between: a lease that lapsed some seconds ago is nobody's."""
    for second in range(101, 160):
        outages.failed()
        outages.answered(second)
        assert 0 < outages.spared_s(second + 0.5) <= 1 + 3
