"""The states of one payment attempt, and every move between them.

    created -> pending -> authorised -> captured
                  |            |
                  |            +-> voided (a lost race), declined (the capture was refused)
                  +-> declined, timed_out (the buyer may try again), voided (closed by us)

`timed_out -> authorised` is a late success: the provider gave up and then heard from the bank.
"""

from enum import StrEnum


class PaymentState(StrEnum):
    """What has become of a payment attempt; the values are those of the API."""

    CREATED = "created"
    """Ours alone: written before the provider was asked."""
    PENDING = "pending"
    """The provider knows it and waits for the buyer."""
    AUTHORISED = "authorised"
    """The money is set aside; nothing is taken yet."""
    CAPTURED = "captured"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"


_S = PaymentState

MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    _S.CREATED: frozenset({_S.PENDING, _S.AUTHORISED, _S.CAPTURED, _S.DECLINED, _S.TIMED_OUT, _S.VOIDED}),
    _S.PENDING: frozenset({_S.AUTHORISED, _S.CAPTURED, _S.DECLINED, _S.TIMED_OUT, _S.VOIDED}),
    _S.AUTHORISED: frozenset({_S.CAPTURED, _S.VOIDED, _S.DECLINED}),
    _S.TIMED_OUT: frozenset({_S.AUTHORISED, _S.CAPTURED, _S.VOIDED}),
    _S.DECLINED: frozenset(),
    _S.CAPTURED: frozenset(),
    _S.VOIDED: frozenset(),
}

OPEN = frozenset({_S.CREATED, _S.PENDING})
"""States in which the buyer can still pay with this attempt."""

FINAL = frozenset(state for state, moves in MOVES.items() if not moves)


def may_move(old: PaymentState, new: PaymentState) -> bool:
    """Tell whether `new` may follow `old`; a repeat of the same state may not (it is no move)."""
    return new in MOVES[old]
