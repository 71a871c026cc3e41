"""The states of refunds and returns, and every move between them.

A refund:   pending ──> done
               └──────> refused   (the provider said no; its amount can be asked for again)

A return:   asked ──> received ──> closed   (by a refund, or by the host without one)
              │ └────────────────> closed
              └──> declined         (not a withdrawal: that is the buyer's right)
"""

from enum import StrEnum


class RefundState(StrEnum):
    """What has become of a refund."""

    PENDING = "pending"
    """Written down; the provider is asked until it answers."""
    DONE = "done"
    REFUSED = "refused"


class Cause(StrEnum):
    """Why money goes back."""

    HOST = "host"
    CANCELLATION = "cancellation"
    RETURN = "return"
    WITHDRAWAL = "withdrawal"


class ReturnKind(StrEnum):
    """What a buyer asks for."""

    RETURN = "return"
    """Goods come back by the shop's own rules."""
    WITHDRAWAL = "withdrawal"
    """The contract is withdrawn from, by the law."""
    CANCELLATION = "cancellation"
    """The order is called off before it is sent."""


class ReturnState(StrEnum):
    """How far a return has come."""

    ASKED = "asked"
    RECEIVED = "received"
    CLOSED = "closed"
    DECLINED = "declined"


COUNTED = frozenset({RefundState.PENDING, RefundState.DONE})
"""Refunds whose money and units are spoken for."""

OPEN_RETURNS = frozenset({ReturnState.ASKED, ReturnState.RECEIVED})

RETURN_MOVES: dict[ReturnState, frozenset[ReturnState]] = {
    ReturnState.ASKED: frozenset({ReturnState.RECEIVED, ReturnState.CLOSED, ReturnState.DECLINED}),
    ReturnState.RECEIVED: frozenset({ReturnState.CLOSED}),
    ReturnState.CLOSED: frozenset(),
    ReturnState.DECLINED: frozenset(),
}
