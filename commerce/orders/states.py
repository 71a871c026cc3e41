"""The states of an order, and every move between them.

    pending ──> authorised ──> paid ──> fulfilled
      │ │         │ ▲  │         │ │ │      │ │
      │ │         │ │  └> capture_failed ──>│ │ (the host gives up: cancelled, or is paid after all)
      │ │         ▼ │            │ │        │ │
      │ └──────> expired         │ └────────┼─┴──> partly_refunded ──> refunded
      └> cancelled               └──────────┴────────────────────────> refunded

`authorised -> placed` is an order paid by hand: its units are sold, the money comes later (`paid`) or not
(`cancelled`). `expired -> authorised` is a late success, when the units could be had after all;
`authorised -> expired` a lost race, whose payment is voided or refunded. What was sent is told by
`Fulfilment`, since an order that is refunded in part may still be sent: `fulfilled` means that every unit is
under way and none was refunded. Four states may be the last: cancelled, expired, fulfilled and refunded.
Paid, placed and partly refunded orders wait for the host, one whose capture failed for the host's decision.
"""

from enum import StrEnum


class OrderState(StrEnum):
    """How far an order has come; the values are those of the API."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    PLACED = "placed"
    """The units are sold to it, and the buyer pays by hand; the host says when the money has come."""
    PAID = "paid"
    FULFILLED = "fulfilled"
    """Every unit was sent."""
    CANCELLED = "cancelled"
    """Before anything was taken. A paid order that is called off is `refunded`."""
    EXPIRED = "expired"
    CAPTURE_FAILED = "capture_failed"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class Stock(StrEnum):
    """Where an order's units are."""

    HELD = "held"
    COMMITTED = "committed"
    """Sold to this order."""
    GONE = "gone"
    """Back on sale, or sold to others."""


class Fulfilment(StrEnum):
    """How much of an order was sent, whatever its state. Units refunded before they were sent are no part."""

    OPEN = "open"
    PARTLY = "partly"
    SENT = "sent"


_S = OrderState

MOVES: dict[OrderState, frozenset[OrderState]] = {
    _S.PENDING: frozenset({_S.AUTHORISED, _S.CANCELLED, _S.EXPIRED}),
    _S.AUTHORISED: frozenset({_S.PAID, _S.PLACED, _S.CAPTURE_FAILED, _S.EXPIRED}),
    _S.PLACED: frozenset({_S.PAID, _S.CANCELLED}),
    _S.EXPIRED: frozenset({_S.AUTHORISED}),
    _S.CAPTURE_FAILED: frozenset({_S.PAID, _S.CANCELLED}),
    _S.PAID: frozenset({_S.FULFILLED, _S.PARTLY_REFUNDED, _S.REFUNDED}),
    _S.FULFILLED: frozenset({_S.PARTLY_REFUNDED, _S.REFUNDED}),
    _S.PARTLY_REFUNDED: frozenset({_S.REFUNDED}),
    _S.CANCELLED: frozenset(),
    _S.REFUNDED: frozenset(),
}

ENDS = frozenset({_S.CANCELLED, _S.EXPIRED, _S.FULFILLED, _S.REFUNDED})
"""States in which nothing is left to be done by anybody."""

SETTLED = frozenset({_S.PAID, _S.FULFILLED, _S.PARTLY_REFUNDED, _S.REFUNDED})
"""States of an order whose money was taken, whatever came of it later."""

SENDABLE = frozenset({_S.PLACED, _S.PAID, _S.PARTLY_REFUNDED})
"""States of an order that has units to send; cash on delivery is paid after it was sent."""


def may_move(old: OrderState, new: OrderState) -> bool:
    """Tell whether `new` may follow `old`; staying is no move."""
    return new in MOVES[old]


def after_refunds(captured_minor: int, refunded_minor: int) -> OrderState:
    """Return the state of an order of whose money something went back."""
    return _S.REFUNDED if refunded_minor >= captured_minor else _S.PARTLY_REFUNDED
