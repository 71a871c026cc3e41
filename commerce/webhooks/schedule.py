"""When a delivery is tried again, and what becomes of it; pure.

Source: standard-webhooks/spec/standard-webhooks.md, "Deliverability and reliability": at once, then after
5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, with jitter so that receivers that come back are not
met by everything at the same moment; 410 says that nothing is wanted any more.
"""

from enum import StrEnum

_S, _MIN, _H = 1_000, 60_000, 3_600_000

RETRY_AFTER_MS = (5 * _S, 5 * _MIN, 30 * _MIN, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H)
"""Waits between the tries; ten tries within 75 hours and a half."""
JITTER = 0.1
"""A wait is up to this share longer."""
DISABLE_AFTER_MS = 5 * 24 * _H
"""An endpoint that has not taken anything for this long is switched off."""
KEEP_MS = 30 * 24 * _H
"""How long events and deliveries are kept."""
GONE = 410


class DeliveryState(StrEnum):
    """Where a delivery stands. `failed` is given up; the host can send it again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class OffReason(StrEnum):
    """Why an endpoint was switched off by itself."""

    GONE = "gone"
    FAILING = "failing"


def next_try_at_ms(tries: int, now_ms: int, chance: float) -> int | None:
    """Return when to try again after `tries` failures, None to give up; `chance` is from 0 to 1."""
    if tries > len(RETRY_AFTER_MS):
        return None
    wait_ms = RETRY_AFTER_MS[tries - 1]
    return now_ms + wait_ms + round(wait_ms * JITTER * chance)


def off_reason(status: int | None, failing_since_ms: int, now_ms: int) -> OffReason | None:
    """Return why an endpoint is switched off after a failure, None when it stays on."""
    if status == GONE:
        return OffReason.GONE
    return OffReason.FAILING if now_ms - failing_since_ms >= DISABLE_AFTER_MS else None
