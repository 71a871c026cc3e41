"""docs/interoperability.md has a row for every client that a test shows to work, and no other."""

from tests.streaming.interop.matrix import declared, documented, documented_offers
from tests.streaming.interop.offers import RECORDED


def test_what_was_run_is_what_is_tested() -> None:
    """A row without a test would be a claim, a test without a row would be unknown."""
    assert declared() == set(documented())


def test_each_row_names_the_versions_that_were_met() -> None:
    """What worked is a client at a version."""
    assert [row for row, version in documented().items() if not version.strip()] == []


def test_what_is_recorded_is_what_is_put_to_the_answerer() -> None:
    """Each recorded offer has its row, apart from what was run."""
    assert documented_offers() == [one.client for one in RECORDED]
