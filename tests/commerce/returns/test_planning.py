"""Refunds and parcels in any order: no unit and no minor unit is ever counted twice. Pure."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import CommerceError
from commerce.fulfilment.parcels_sql import Parcel
from commerce.orders.orders_sql import Record
from commerce.orders.units import LineUnits, checked_units
from commerce.payments.states import PaymentState
from commerce.returns.amounts import line_paid_minor, shipping_paid_minor
from commerce.returns.facts import Facts
from commerce.returns.planning import plan_refund
from commerce.returns.refunds_sql import Refund
from commerce.returns.states import RefundState
from commerce.returns.structs import RefundRequest


def an_order(lines: list[tuple[int, int, int, int]], *, on_top: bool, shipping: int) -> Facts:
    """Return a paid order of lines (quantity, price, discount, tax); `on_top`: tax was added to prices."""
    rows = tuple(
        SimpleNamespace(
            position=place, quantity=quantity, price_minor=price, discount_minor=discount, tax_minor=tax
        )
        for place, (quantity, price, discount, tax) in enumerate(lines)
    )
    items = sum(row.quantity * row.price_minor for row in rows)
    tax = sum(row.tax_minor for row in rows)
    total = items - sum(row.discount_minor for row in rows) + shipping + (tax if on_top else 0)
    order = SimpleNamespace(
        id="or_1", state="paid", winner="pa_1", items_minor=items, shipping_minor=shipping, tax_minor=tax,
        tax_inclusive=not on_top, total_minor=total,
    )  # fmt: skip
    paid = SimpleNamespace(id="pa_1", state=PaymentState.CAPTURED, amount_minor=total)
    return Facts(Record(order, rows, (paid,), ()), [], [], [])


def sent(facts: Facts, units: tuple[LineUnits, ...]) -> None:
    """Send a parcel."""
    row: Any = SimpleNamespace(sent_at_ms=1, delivered_at_ms=None)
    facts.parcels.append(Parcel(row, units))


def refunded(facts: Facts, ask: RefundRequest, *, sent_first: bool = False) -> None:
    """Plan a refund and take it for done."""
    plan = plan_refund(facts, ask, sent_first=sent_first)
    row: Any = SimpleNamespace(id="rf", state=RefundState.DONE, amount_minor=plan.amount_minor)
    facts.refunds.append(Refund(row, plan.units))


LINE = st.tuples(st.integers(1, 5), st.integers(10, 10_000), st.integers(0, 10), st.integers(0, 500))
STEP = st.tuples(
    st.sampled_from(["send", "refund", "return", "amount"]), st.integers(0, 3), st.integers(1, 3)
)


@given(
    lines=st.lists(LINE, min_size=1, max_size=4),
    steps=st.lists(STEP, max_size=12),
    on_top=st.booleans(),
    shipping=st.integers(0, 900),
)
def test_whatever_is_done_the_sums_hold(
    lines: list[tuple[int, int, int, int]], steps: list[tuple[str, int, int]], on_top: bool, shipping: int
) -> None:
    """Never more money than was paid, never more units than were bought; at the end all of it went back."""
    facts = an_order(lines, on_top=on_top, shipping=shipping)
    for what, position, count in steps:
        units = (LineUnits(position % len(lines), count),)
        try:
            if what == "send":
                sent(facts, checked_units(units, facts.progress, "to_send"))
            elif what == "amount":
                refunded(facts, RefundRequest(amount_minor=count))
            else:
                refunded(facts, RefundRequest(lines=units), sent_first=what == "return")
        except CommerceError:
            pass
        assert 0 <= facts.left_minor <= facts.captured_minor
        for line in facts.progress.values():
            assert min(line.to_send, line.refundable, line.dropped) >= 0
            assert line.packed + line.sent + line.dropped + line.to_send == line.quantity
            assert line.dropped <= line.returned
    if facts.left_minor:
        refunded(facts, RefundRequest(everything=True))
    assert (facts.left_minor, facts.refunded_minor) == (0, facts.captured_minor)
    # A free order owes nothing: it stays what it was.
    assert facts.state in ({"refunded"} if facts.captured_minor else {"paid", "fulfilled"})


@given(lines=st.lists(LINE, min_size=1, max_size=4), on_top=st.booleans(), shipping=st.integers(0, 900))
def test_lines_and_shipping_are_the_order(
    lines: list[tuple[int, int, int, int]], on_top: bool, shipping: int
) -> None:
    """Tax in the prices or on top: the parts of the order are the total, and unit by unit as well."""
    facts = an_order(lines, on_top=on_top, shipping=shipping)
    whole = sum(line_paid_minor(facts.record, place) for place in range(len(lines)))
    assert whole + shipping_paid_minor(facts.record) == facts.captured_minor
    for place, (quantity, *_) in enumerate(lines):
        for _ in range(quantity):
            if facts.left_minor:
                try:
                    refunded(facts, RefundRequest(lines=(LineUnits(place, 1),)))
                except CommerceError:
                    return  # a unit that cost nothing is no refund
    assert facts.refunded_minor == whole


def test_units_that_came_back_are_no_units_to_send() -> None:
    """A return takes what was sent; any other refund takes what was not."""
    for sent_first, to_send in ((True, 1), (False, 0)):
        facts = an_order([(2, 1000, 0, 0)], on_top=False, shipping=0)
        sent(facts, (LineUnits(0, 1),))
        refunded(facts, RefundRequest(lines=(LineUnits(0, 1),)), sent_first=sent_first)
        assert facts.progress[0].to_send == to_send


def test_an_order_whose_refund_is_pending_has_that_money_no_more() -> None:
    """It is spoken for until the provider has said no."""
    facts = an_order([(1, 1000, 0, 0)], on_top=False, shipping=0)
    refunded(facts, RefundRequest(amount_minor=1000))
    facts.refunds[0].row.state = RefundState.PENDING
    assert (facts.left_minor, facts.refunded_minor, facts.state) == (0, 0, "paid")
    facts.refunds[0].row.state = RefundState.REFUSED
    assert facts.left_minor == 1000
    with pytest.raises(CommerceError):
        plan_refund(facts, RefundRequest(amount_minor=1001))
