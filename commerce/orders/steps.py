"""What has to be done next for an order: the process as one pure function.

An order's way through stock, provider and SQL is made of steps that each can be the last before a crash.
So nobody remembers where they were: whoever looks reads order and attempts, asks `next_step`, does it,
and looks again. Every step is idempotent (the engine's commit, the provider's calls with the payment's
id as key, moves in SQL that only go forward), so two at once are waste and not harm.

    an attempt has money or a promise -> CLAIM: this attempt, the winner, pays the order -> COMMIT the stock
        committed, authorised -> CAPTURE -> FINISH: paid, confirmed by mail
                                         -> FAIL: the capture was refused, the host is told
        committed, captured   -> FINISH (a provider that takes money at once, or the host's word)
        committed, promised   -> PLACE: sold, the buyer is told how to pay, the host is waited for
        lost                  -> the order expires -> VOID what was set aside, REFUND what was taken
    an attempt that is not the winner has money -> VOID or REFUND
    an attempt is open although the order has ended or another pays it -> CLOSE
    the order ended unpaid and nothing can pay it any more -> RELEASE what is still held
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from commerce.orders.states import OrderState, Stock
from commerce.payments.states import OPEN, STANDING, PaymentState


class Step(StrEnum):
    """One thing to do."""

    NOTHING = "nothing"
    WAIT = "wait"
    """For the buyer; the provider is asked now and then, in case a webhook was lost."""
    CLAIM = "claim"
    COMMIT = "commit"
    CAPTURE = "capture"
    PLACE = "place"
    FINISH = "finish"
    FAIL = "fail"
    VOID = "void"
    REFUND = "refund"
    """Give back money that was taken for an order that cannot have it."""
    CLOSE = "close"
    """Ask the provider how it stands, and void it when it is still open."""
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment attempt, as far as steps depend on it."""

    id: str
    state: PaymentState


@dataclass(frozen=True, slots=True)
class Situation:
    """An order, as far as steps depend on it. `attempts` stand in the order they were made."""

    state: OrderState
    stock: Stock
    winner: str | None
    attempts: Sequence[Attempt]


_BACK = {
    PaymentState.PROMISED: Step.VOID,
    PaymentState.AUTHORISED: Step.VOID,
    PaymentState.CAPTURED: Step.REFUND,
}
"""How an attempt is ended that pays for nothing, by its state."""
_NOTHING = (Step.NOTHING, None)


def next_step(order: Situation) -> tuple[Step, str | None]:
    """Return the next step and the attempt it concerns, None when it concerns the order itself."""
    if order.state is OrderState.CANCELLED and order.stock is Stock.HELD:
        return Step.RELEASE, None  # before anything slow: others wait for the units
    # The winner goes first: a refund that a provider keeps refusing must not hold up a sale.
    for attempt in sorted(order.attempts, key=lambda one: one.id != order.winner):
        step = _with_money(order, attempt)
        if step is not Step.NOTHING:
            return step, attempt.id
    return _without_money(order)


def _with_money(order: Situation, attempt: Attempt) -> Step:
    """Return what follows for an attempt that is the winner, or has money and is not."""
    if attempt.id == order.winner:
        return _winning(order, attempt.state)
    if attempt.state not in STANDING:
        return Step.NOTHING
    may_pay = order.winner is None and order.stock is Stock.HELD
    if attempt.state is PaymentState.PROMISED:  # too late, a promise is no reason to sell
        may_pay = may_pay and order.state is OrderState.PENDING
    return Step.CLAIM if may_pay else _BACK[attempt.state]


def _winning(order: Situation, state: PaymentState) -> Step:
    if state not in STANDING:
        return Step.FAIL if order.state is OrderState.AUTHORISED else Step.NOTHING
    if order.stock is Stock.HELD:
        return Step.COMMIT
    if order.stock is Stock.COMMITTED:
        return _sold(order.state, state)
    # Who cancels a paid order gives its money back with a refund of their own; a lost race is ours.
    lost = state is not PaymentState.CAPTURED or order.state is OrderState.EXPIRED
    return _BACK[state] if lost else Step.NOTHING


def _sold(order: OrderState, state: PaymentState) -> Step:
    """Return what follows when the units are the order's and its winner stands."""
    if state is PaymentState.CAPTURED:
        unpaid = order in {OrderState.AUTHORISED, OrderState.PLACED, OrderState.CAPTURE_FAILED}
        return Step.FINISH if unpaid else Step.NOTHING
    if order is not OrderState.AUTHORISED:
        return Step.NOTHING
    return Step.CAPTURE if state is PaymentState.AUTHORISED else Step.PLACE


def _without_money(order: Situation) -> tuple[Step, str | None]:
    waiting = [one.id for one in order.attempts if one.state in OPEN]
    if order.state is OrderState.PENDING:
        # A second open attempt could only be paid twice; the newest is the one the buyer has before them.
        return (Step.CLOSE, waiting[0]) if len(waiting) > 1 else (Step.WAIT, next(iter(waiting), None))
    if waiting:
        return Step.CLOSE, waiting[0]
    lost = order.state is OrderState.EXPIRED and order.stock is Stock.HELD
    return (Step.RELEASE, None) if lost else _NOTHING


FIRST_LOOK_MS = 5_000
MAX_LOOK_MS = 30_000
BEFORE_DEADLINE_MS = 4_000
"""The provider is asked once more this long before a hold ends, so that a lost webhook loses no sale."""


def look_again_at_ms(tries: int, now_ms: int, deadline_ms: int) -> int:
    """Return when a worker shall look at a waiting order again: in growing steps, and just before its end."""
    at_ms = now_ms + min(MAX_LOOK_MS, FIRST_LOOK_MS << min(tries, 4))
    last_call_ms = deadline_ms - BEFORE_DEADLINE_MS
    return min(at_ms, last_call_ms) if now_ms < last_call_ms else at_ms


def retry_at_ms(tries: int, now_ms: int) -> int:
    """Return when to try a step again that got no answer: doubled from one second to a minute."""
    return now_ms + min(60_000, 1_000 << min(tries, 6))
