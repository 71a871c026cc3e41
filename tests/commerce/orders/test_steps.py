"""What follows in every situation of an order."""

import itertools

import pytest

from commerce.orders.states import MOVES, SETTLED, OrderState, Stock
from commerce.orders.steps import (
    Attempt,
    Situation,
    Step,
    look_again_at_ms,
    next_step,
    retry_at_ms,
)
from commerce.payments.states import PaymentState

Of, P = OrderState, PaymentState
HELD, SOLD, GONE = Stock.HELD, Stock.COMMITTED, Stock.GONE


def situation(
    state: OrderState, stock: Stock, *attempts: PaymentState, winner: int | None = None
) -> Situation:
    """Describe an order by its attempts' states; `winner` is the place of the one that pays."""
    made = tuple(Attempt(f"pa_{place}", one) for place, one in enumerate(attempts))
    return Situation(state, stock, None if winner is None else made[winner].id, made)


@pytest.mark.parametrize(
    ("order", "step", "attempt"),
    [
        (situation(Of.PENDING, HELD, P.CREATED), Step.WAIT, 0),
        (situation(Of.PENDING, HELD, P.PENDING), Step.WAIT, 0),
        (situation(Of.PENDING, HELD, P.DECLINED), Step.WAIT, None),
        (situation(Of.PENDING, HELD, P.DECLINED, P.PENDING), Step.WAIT, 1),
        (situation(Of.PENDING, HELD, P.PENDING, P.PENDING), Step.CLOSE, 0),
        (situation(Of.PENDING, HELD, P.AUTHORISED), Step.CLAIM, 0),
        (situation(Of.PENDING, HELD, P.TIMED_OUT, P.AUTHORISED), Step.CLAIM, 1),
        (situation(Of.AUTHORISED, HELD, P.AUTHORISED, winner=0), Step.COMMIT, 0),
        (situation(Of.AUTHORISED, SOLD, P.AUTHORISED, winner=0), Step.CAPTURE, 0),
        (situation(Of.AUTHORISED, SOLD, P.CAPTURED, winner=0), Step.FINISH, 0),
        (situation(Of.AUTHORISED, SOLD, P.DECLINED, winner=0), Step.FAIL, 0),
        (situation(Of.AUTHORISED, HELD, P.VOIDED, winner=0), Step.FAIL, 0),
        (situation(Of.CAPTURE_FAILED, SOLD, P.DECLINED, winner=0), Step.NOTHING, None),
        (situation(Of.PAID, SOLD, P.CAPTURED, winner=0), Step.NOTHING, None),
        (situation(Of.PAID, SOLD, P.CAPTURED, P.AUTHORISED, winner=0), Step.VOID, 1),
        (situation(Of.PAID, SOLD, P.CAPTURED, P.PENDING, winner=0), Step.CLOSE, 1),
        (situation(Of.EXPIRED, HELD, P.PENDING), Step.CLOSE, 0),
        (situation(Of.EXPIRED, HELD, P.AUTHORISED), Step.CLAIM, 0),
        (situation(Of.EXPIRED, HELD, P.AUTHORISED, winner=0), Step.COMMIT, 0),
        (situation(Of.EXPIRED, GONE, P.AUTHORISED, winner=0), Step.VOID, 0),
        (situation(Of.EXPIRED, GONE, P.AUTHORISED), Step.VOID, 0),
        (situation(Of.EXPIRED, HELD, P.TIMED_OUT), Step.RELEASE, None),
        (situation(Of.EXPIRED, GONE, P.VOIDED, winner=0), Step.NOTHING, None),
        (situation(Of.CANCELLED, HELD, P.PENDING), Step.RELEASE, None),
        (situation(Of.CANCELLED, GONE, P.PENDING), Step.CLOSE, 0),
        (situation(Of.CANCELLED, GONE, P.AUTHORISED), Step.VOID, 0),
        (situation(Of.CANCELLED, GONE, P.VOIDED), Step.NOTHING, None),
        # Money is taken at once:
        (situation(Of.PENDING, HELD, P.CAPTURED), Step.CLAIM, 0),
        (situation(Of.EXPIRED, HELD, P.CAPTURED), Step.CLAIM, 0),
        (situation(Of.AUTHORISED, HELD, P.CAPTURED, winner=0), Step.COMMIT, 0),
        (situation(Of.EXPIRED, GONE, P.CAPTURED, winner=0), Step.REFUND, 0),
        (situation(Of.CANCELLED, GONE, P.CAPTURED), Step.REFUND, 0),
        (situation(Of.PAID, SOLD, P.CAPTURED, P.CAPTURED, winner=1), Step.REFUND, 0),
        (situation(Of.EXPIRED, GONE, P.REFUNDED, winner=0), Step.NOTHING, None),
        (situation(Of.CAPTURE_FAILED, SOLD, P.CAPTURED, winner=0), Step.FINISH, 0),
        # The buyer pays by hand:
        (situation(Of.PENDING, HELD, P.PROMISED), Step.CLAIM, 0),
        (situation(Of.AUTHORISED, HELD, P.PROMISED, winner=0), Step.COMMIT, 0),
        (situation(Of.AUTHORISED, SOLD, P.PROMISED, winner=0), Step.PLACE, 0),
        (situation(Of.PLACED, SOLD, P.PROMISED, winner=0), Step.NOTHING, None),
        (situation(Of.PLACED, SOLD, P.CAPTURED, winner=0), Step.FINISH, 0),
        (situation(Of.EXPIRED, HELD, P.PROMISED), Step.VOID, 0),
        (situation(Of.EXPIRED, GONE, P.PROMISED, winner=0), Step.VOID, 0),
        (situation(Of.CANCELLED, GONE, P.VOIDED, winner=0), Step.NOTHING, None),
        # Who cancels a paid order refunds it themself:
        (situation(Of.CANCELLED, GONE, P.CAPTURED, winner=0), Step.NOTHING, None),
    ],
)
def test_each_situation_has_its_next_step(order: Situation, step: Step, attempt: int | None) -> None:
    """The table of the process, a row each."""
    assert next_step(order) == (step, None if attempt is None else f"pa_{attempt}")


def test_money_is_never_left_set_aside_without_a_step() -> None:
    """Wherever an attempt is authorised, something follows: it is claimed, captured or let go."""
    for state, stock, other in itertools.product(Of, Stock, P):
        for winner in (None, 0, 1):
            order = situation(state, stock, P.AUTHORISED, other, winner=winner)
            captured_late = (
                state in SETTLED | {Of.PLACED, Of.CAPTURE_FAILED} and stock is SOLD and winner == 0
            )
            if state in {Of.EXPIRED, Of.PENDING, Of.CANCELLED} and stock is SOLD:
                continue  # an order is authorised in the transaction that notes its commit
            assert captured_late or next_step(order)[0] not in {Step.NOTHING, Step.WAIT}, order


def test_only_one_attempt_is_ever_captured() -> None:
    """Two authorised attempts: the one that is not the winner is let go."""
    order = situation(Of.AUTHORISED, SOLD, P.AUTHORISED, P.AUTHORISED, winner=1)
    assert next_step(order) == (Step.CAPTURE, "pa_1")  # first what the buyer waits for
    order = situation(Of.PAID, SOLD, P.AUTHORISED, P.CAPTURED, winner=1)
    assert next_step(order) == (Step.VOID, "pa_0")


def test_a_waiting_order_is_looked_at_just_before_its_hold_ends() -> None:
    """Steps grow, and the last one comes in time."""
    assert look_again_at_ms(0, 1_000, 600_000) == 6_000
    assert look_again_at_ms(9, 1_000, 600_000) == 31_000
    assert look_again_at_ms(9, 580_000, 600_000) == 596_000
    assert look_again_at_ms(9, 597_000, 600_000) == 627_000


def test_retries_grow_to_a_minute() -> None:
    """A provider that is away is not hammered."""
    assert [retry_at_ms(tries, 0) for tries in (0, 1, 3, 20)] == [1_000, 2_000, 8_000, 60_000]


def test_nothing_follows_a_cancelled_or_refunded_order() -> None:
    """Both are ends."""
    assert not MOVES[Of.CANCELLED]
    assert not MOVES[Of.REFUNDED]
