"""The table of an order's states."""

import pytest

from commerce.orders.states import ENDS, MOVES, SETTLED, OrderState, after_refunds, may_move


def reachable(start: OrderState) -> set[OrderState]:
    """Follow every move from a state."""
    found, waiting = {start}, [start]
    while waiting:
        new = MOVES[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    """An order begins pending and can come to each of the others."""
    assert set(MOVES) == set(OrderState)
    assert reachable(OrderState.PENDING) == set(OrderState)


@pytest.mark.parametrize("state", OrderState)
def test_from_everywhere_there_is_a_way_to_an_end(state: OrderState) -> None:
    """No order is stuck, and where no move leads on, that is meant to be an end."""
    assert reachable(state) & ENDS
    if not MOVES[state]:
        assert state in ENDS


@pytest.mark.parametrize("state", SETTLED)
def test_money_that_was_taken_is_never_forgotten(state: OrderState) -> None:
    """Nothing leads from a paid order back to one that is not; only a refund gives the money back."""
    assert reachable(state) <= SETTLED
    assert not may_move(state, state)
    assert OrderState.REFUNDED in reachable(state)


@pytest.mark.parametrize(
    ("captured", "refunded", "state"),
    [(1200, 1, "partly_refunded"), (1200, 1199, "partly_refunded"), (1200, 1200, "refunded")],
)
def test_refunds_make_the_state(captured: int, refunded: int, state: str) -> None:
    """A minor unit less than all of it is a part."""
    assert after_refunds(captured, refunded) == state
