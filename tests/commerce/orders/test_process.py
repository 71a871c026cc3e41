"""The whole process of an order, walked through: every order of events, and every mixture of states.

`next_step` is asked what follows, and a small model of shop, providers and crashes answers each step in every
way it can be answered. So this shows what holds for all flows at once, not for the examples of a table.
"""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import replace

from commerce.orders import states as order_states
from commerce.orders.states import OrderState, Stock
from commerce.orders.steps import Attempt, Situation, Step, next_step
from commerce.payments.provider import Flow
from commerce.payments.states import MOVES, OPEN, PaymentState

Of, P = OrderState, PaymentState
HELD, SOLD, GONE = Stock.HELD, Stock.COMMITTED, Stock.GONE
RESTING = {Step.WAIT, Step.NOTHING}

TOLD = {
    Flow.AUTHORISE: {P.PENDING, P.AUTHORISED, P.DECLINED, P.TIMED_OUT, P.VOIDED},
    Flow.IMMEDIATE: {P.PENDING, P.CAPTURED, P.DECLINED, P.VOIDED},
    Flow.MANUAL: {P.PROMISED, P.VOIDED},
}
"""What a provider may say without being asked to do anything, by flow."""


def put(order: Situation, payment: str | None, state: PaymentState) -> Situation:
    """Move an attempt as `orders_sql.move_attempt` does: what is no move changes nothing."""
    made = tuple(
        Attempt(one.id, state) if one.id == payment and state in MOVES[one.state] else one
        for one in order.attempts
    )
    return replace(order, attempts=made)


def move(order: Situation, **changes: object) -> Situation:
    """Move an order; a move that its table does not know fails the test."""
    state = changes.get("state", order.state)
    assert state == order.state or order_states.may_move(order.state, OrderState(str(state))), (order, state)
    return replace(order, **changes)  # type: ignore[arg-type]  # fields by name


ANSWERS = {
    Step.CAPTURE: (P.CAPTURED, P.DECLINED, P.VOIDED),
    Step.VOID: (P.VOIDED, P.CAPTURED),  # captured: it was taken before we could let it go
    Step.REFUND: (P.REFUNDED,),
    Step.CLOSE: (P.VOIDED, P.AUTHORISED, P.CAPTURED, P.DECLINED),
}
"""What a provider may answer to the steps that ask it for something."""


def outcomes(order: Situation, step: Step, payment: str | None) -> Iterator[Situation]:
    """Yield every situation a step may leave, as settlement.py writes it."""
    for answer in ANSWERS.get(step, ()):
        yield put(order, payment, answer)
    if step is Step.CLAIM:
        state = Of.AUTHORISED if order.state is Of.PENDING else order.state
        yield move(order, winner=payment, state=state)
    elif step is Step.COMMIT:
        late = Of.AUTHORISED if order.state is Of.EXPIRED else order.state
        yield move(order, stock=SOLD, state=late)
        yield move(order, stock=GONE, state=Of.EXPIRED)
    elif step is Step.FAIL:
        yield move(order, state=Of.EXPIRED if order.stock is HELD else Of.CAPTURE_FAILED)
    elif step is Step.RELEASE:
        yield move(order, stock=GONE)
    elif step not in ANSWERS:
        yield move(order, state={Step.PLACE: Of.PLACED, Step.FINISH: Of.PAID}[step])


def events(order: Situation, flow: Flow) -> Iterator[Situation]:
    """Yield what may happen from outside: the provider tells, time runs out, people decide."""
    for one in order.attempts:
        for state in TOLD[flow]:
            told = put(order, one.id, state)
            if told != order:
                yield told
    if order.state is Of.PENDING:
        yield move(order, state=Of.EXPIRED)
        if not any(one.state in {P.AUTHORISED, P.CAPTURED} for one in order.attempts):
            yield move(order, state=Of.CANCELLED)
        if len(order.attempts) < 2 and all(one.state not in OPEN for one in order.attempts):
            yield replace(order, attempts=(*order.attempts, Attempt("pa_1", P.CREATED)))
    if order.state is Of.PLACED and order.winner is not None:
        yield put(order, order.winner, P.CAPTURED)
        gone = put(order, order.winner, P.VOIDED)
        if gone != order:
            yield move(gone, state=Of.CANCELLED, stock=GONE)


def reachable(flow: Flow) -> set[Situation]:
    """Return every situation that steps and events lead to from a new order; a crash is any of them."""
    new = Situation(Of.PENDING, HELD, None, (Attempt("pa_0", P.CREATED),))
    found, waiting = {new}, [new]
    while waiting:
        order = waiting.pop()
        step, payment = next_step(order)
        following = [] if step in RESTING else list(outcomes(order, step, payment))
        for one in (*following, *events(order, flow)):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def test_at_rest_money_and_units_agree_in_every_flow() -> None:
    """No money without an order, no units without money but a promise, nothing left set aside."""
    for flow in Flow:
        everywhere = reachable(flow)
        assert len(everywhere) > 20, flow
        for order in everywhere:
            if next_step(order)[0] not in RESTING:
                continue
            states = {one.id: one.state for one in order.attempts}
            taken = [payment for payment, state in states.items() if state is P.CAPTURED]
            assert P.AUTHORISED not in states.values(), order
            assert taken in ([], [order.winner]), order
            assert bool(taken) == (order.state is Of.PAID), order
            if order.stock is SOLD:
                assert order.state in {Of.PAID, Of.PLACED, Of.CAPTURE_FAILED}, order
            else:
                assert order.state in {Of.PENDING, Of.EXPIRED, Of.CANCELLED}, order
            promised = [payment for payment, state in states.items() if state is P.PROMISED]
            assert (promised == [order.winner]) == (order.state is Of.PLACED) or not promised, order
            assert order.stock is not HELD or order.state is Of.PENDING, order


def test_each_flow_ends_as_it_should() -> None:
    """A lost race is a void, or a refund where money is taken at once; only a promise is placed."""
    ends = {
        flow: {
            (order.state, order.stock, one.state)
            for order in reachable(flow)
            if next_step(order)[0] in RESTING
            for one in order.attempts
            if one.id == order.winner
        }
        for flow in Flow
    }
    assert (Of.EXPIRED, GONE, P.VOIDED) in ends[Flow.AUTHORISE]
    assert (Of.CAPTURE_FAILED, SOLD, P.DECLINED) in ends[Flow.AUTHORISE]
    assert (Of.EXPIRED, GONE, P.REFUNDED) in ends[Flow.IMMEDIATE]
    assert (Of.PLACED, SOLD, P.PROMISED) in ends[Flow.MANUAL]
    assert (Of.CANCELLED, GONE, P.VOIDED) in ends[Flow.MANUAL]
    for flow in Flow:
        assert (Of.PAID, SOLD, P.CAPTURED) in ends[flow]
        assert any(state is Of.PLACED for state, _, _ in ends[flow]) == (flow is Flow.MANUAL)


def test_a_paid_order_has_one_payment_and_the_others_go_back() -> None:
    """Two attempts were paid: whichever wins, the other is void or given back."""
    for flow, other in ((Flow.AUTHORISE, {P.VOIDED, P.DECLINED, P.REFUNDED, P.TIMED_OUT}),
                        (Flow.IMMEDIATE, {P.VOIDED, P.DECLINED, P.REFUNDED})):  # fmt: skip
        paid = [
            order
            for order in reachable(flow)
            if order.state is Of.PAID and next_step(order)[0] in RESTING and len(order.attempts) == 2
        ]
        assert {
            next(one.state for one in order.attempts if one.id != order.winner) for order in paid
        } == other


def every_mixture() -> Iterator[Situation]:
    """Yield all combinations of order, stock, two attempts and winner, also those nothing leads to."""
    for state, stock, one, two in itertools.product(Of, Stock, P, P):
        for winner in (None, "pa_0", "pa_1"):
            yield Situation(state, stock, winner, (Attempt("pa_0", one), Attempt("pa_1", two)))


def test_every_mixture_of_states_comes_to_rest() -> None:
    """Whatever stands in the tables, the steps end: no step leads back to where it was asked."""
    steps_left: dict[Situation, int] = {}

    def depth(order: Situation, above: tuple[Situation, ...]) -> int:
        assert order not in above, (order, above)
        if order not in steps_left:
            step, payment = next_step(order)
            following = [] if step in RESTING else list(tolerant(order, step, payment))
            steps_left[order] = max((1 + depth(one, (*above, order)) for one in following), default=0)
        return steps_left[order]

    assert max(depth(order, ()) for order in every_mixture()) <= 10


def tolerant(order: Situation, step: Step, payment: str | None) -> Iterator[Situation]:
    """Yield the outcomes of a step; where the tables know no such move, the change is refused and it ends."""
    with contextlib.suppress(AssertionError):
        yield from outcomes(order, step, payment)
