"""A short storm over a real server: nothing oversold, nobody charged twice, no promise lost."""

from collections.abc import Callable

import pytest

from benchmarks.chaos_sale.__main__ import faulty, run, summary
from benchmarks.chaos_sale.storm import Weather

pytestmark = pytest.mark.alone

SEED = 20
Record = Callable[[str, object], None]


@pytest.mark.timeout(400)
def test_the_books_agree_after_twenty_seconds_of_kills_and_power_cuts(record_property: Record) -> None:
    """Some seventy buyers repeat until they are answered; afterwards Redis, SQL and the provider agree."""
    outcome = run(Weather(seconds=20, buyers=70, every_step=False), seed=SEED)
    report = summary(outcome, SEED)
    record_property("report", report)
    assert outcome.down == ""
    assert faulty(report) == {}, (report, outcome.verdict.faults)
    assert report["kills"] >= 3
    assert report["power_cuts"] >= 1
    assert report["sold"] > 0
    assert report["attempts"] > 70
