"""When a delivery is tried again."""

from commerce.webhooks.schedule import DISABLE_AFTER_MS, OffReason, next_try_at_ms, off_reason

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def test_waits_are_those_of_the_specification() -> None:
    """Ten tries; after the last one there is no other."""
    waits = [next_try_at_ms(tries, 0, 0.0) for tries in range(1, 11)]
    hours = [2, 5, 10, 14, 20, 24]
    assert waits == [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, *(one * HOUR_MS for one in hours), None]


def test_jitter_makes_a_wait_longer_by_a_tenth_at_most() -> None:
    """Receivers that come back are not met by everything at once."""
    assert next_try_at_ms(2, 1_000, 1.0) == 1_000 + 330_000
    assert next_try_at_ms(2, 1_000, 0.5) == 1_000 + 315_000


def test_gone_is_final_and_five_days_are_enough() -> None:
    """Otherwise an endpoint stays on."""
    assert off_reason(410, 0, 0) is OffReason.GONE
    assert off_reason(500, 0, DISABLE_AFTER_MS - 1) is None
    assert off_reason(None, 0, DISABLE_AFTER_MS) is OffReason.FAILING
