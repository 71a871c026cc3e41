"""The states of one payment attempt, and every move between them.

    created -> pending -> authorised -> captured -> refunded (a lost race, where money is taken at once)
       |          |            |
       |          |            +-> voided (a lost race), declined (the capture was refused)
       |          +-> captured (a provider that takes money at once)
       |          +-> declined, timed_out (the buyer may try again), voided (closed by us)
       +-> promised -> captured (the host says that it came), voided (it is not waited for any more)

`timed_out -> authorised` is a late success: the provider gave up and then heard from the bank. Money that
was taken is believed whatever stood here before (`voided -> captured`): it is claimed or given back.
"""

from enum import StrEnum


class PaymentState(StrEnum):
    """What has become of a payment attempt; the values are those of the API."""

    CREATED = "created"
    """Ours alone: written before the provider was asked."""
    PENDING = "pending"
    """The provider knows it and waits for the buyer."""
    PROMISED = "promised"
    """The buyer pays by hand (a transfer, cash at the door); the host says when it has come."""
    AUTHORISED = "authorised"
    """The money is set aside; nothing is taken yet."""
    CAPTURED = "captured"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"
    REFUNDED = "refunded"
    """Taken, and given back because the order could not have it."""


_S = PaymentState

MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    _S.CREATED: frozenset(_S) - {_S.CREATED, _S.REFUNDED},
    _S.PENDING: frozenset({_S.AUTHORISED, _S.CAPTURED, _S.DECLINED, _S.TIMED_OUT, _S.VOIDED}),
    _S.PROMISED: frozenset({_S.CAPTURED, _S.VOIDED}),
    _S.AUTHORISED: frozenset({_S.CAPTURED, _S.VOIDED, _S.DECLINED}),
    _S.TIMED_OUT: frozenset({_S.AUTHORISED, _S.CAPTURED, _S.VOIDED}),
    _S.DECLINED: frozenset({_S.CAPTURED}),
    _S.VOIDED: frozenset({_S.CAPTURED}),
    _S.CAPTURED: frozenset({_S.REFUNDED}),
    _S.REFUNDED: frozenset(),
}

OPEN = frozenset({_S.CREATED, _S.PENDING})
"""States in which the buyer can still pay with this attempt."""

ENDED = frozenset({_S.DECLINED, _S.CAPTURED, _S.VOIDED, _S.REFUNDED})
"""States in which nothing is waited for any more."""

STANDING = frozenset({_S.PROMISED, _S.AUTHORISED, _S.CAPTURED})
"""States in which an attempt pays for an order, or would if it were needed."""


def may_move(old: PaymentState, new: PaymentState) -> bool:
    """Tell whether `new` may follow `old`; a repeat of the same state may not (it is no move)."""
    return new in MOVES[old]
