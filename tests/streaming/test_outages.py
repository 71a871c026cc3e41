"""When a lapsed lease says nothing about its owner."""

import pytest

from streaming.outages import Outages


@pytest.fixture
def outages() -> Outages:
    """Of a process that began at second 100."""
    return Outages(100.0, lease_s=3.0, silence_s=2.0)


def test_while_redis_answers_there_is_none(outages: Outages) -> None:
    """Neither at the start nor later."""
    for at_s in (100.0, 101.0, 102.9, 104.0):
        assert not outages.is_recent(at_s)
        outages.answered(at_s)


def test_owners_have_the_length_of_a_lease_after_one(outages: Outages) -> None:
    """It begins with the first answer, and later ones do not make it longer."""
    outages.failed()
    assert outages.is_recent(100.1)
    outages.answered(105.0)
    outages.answered(107.0)
    assert outages.is_recent(107.9)
    assert not outages.is_recent(108.1)


def test_one_that_nobody_saw_counts(outages: Outages) -> None:
    """A process that asked nothing for a while cannot know."""
    assert not outages.is_recent(101.9)
    assert outages.is_recent(102.1)
    outages.answered(104.0)
    outages.answered(105.5)
    assert outages.is_recent(106.9)
    assert not outages.is_recent(107.1)
