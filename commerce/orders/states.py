"""The states of an order, and every move between them.

pending -> authorised -> paid -> refunded
   |           |
   |           +-> capture_failed -> paid
   |           +-> placed   (paid by hand: the units are sold, the money comes later) -> paid, cancelled
   |           +-> expired  (the hold was lost and nothing was left: the payment is voided)
   +-> cancelled (by the buyer, before payment)
   +-> expired   (the hold ran out)
expired -> authorised     (a late success, when the units could be had after all)
"""

from enum import StrEnum


class OrderState(StrEnum):
    """How far an order has come; the values are those of the API."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    PLACED = "placed"
    """The units are sold to it, and the buyer pays by hand; the host says when the money has come."""
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    CAPTURE_FAILED = "capture_failed"
    REFUNDED = "refunded"


class Stock(StrEnum):
    """Where an order's units are."""

    HELD = "held"
    COMMITTED = "committed"
    """Sold to this order."""
    GONE = "gone"
    """Back on sale, or sold to others."""


_S = OrderState

MOVES: dict[OrderState, frozenset[OrderState]] = {
    _S.PENDING: frozenset({_S.AUTHORISED, _S.CANCELLED, _S.EXPIRED}),
    _S.AUTHORISED: frozenset({_S.PAID, _S.PLACED, _S.CAPTURE_FAILED, _S.EXPIRED}),
    _S.PLACED: frozenset({_S.PAID, _S.CANCELLED}),
    _S.EXPIRED: frozenset({_S.AUTHORISED}),
    _S.CAPTURE_FAILED: frozenset({_S.PAID}),
    _S.PAID: frozenset({_S.REFUNDED}),
    _S.CANCELLED: frozenset(),
    _S.REFUNDED: frozenset(),
}


def may_move(old: OrderState, new: OrderState) -> bool:
    """Tell whether `new` may follow `old`; staying is no move."""
    return new in MOVES[old]
