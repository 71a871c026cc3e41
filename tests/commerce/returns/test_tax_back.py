"""The tax that goes back with refunds: in whatever steps, each rate gets exactly its own back. Pure."""

from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import CommerceError
from commerce.money import exponent
from commerce.orders.order_taxes import order_taxes
from commerce.orders.orders_sql import Record
from commerce.orders.units import LineUnits
from commerce.payments.states import PaymentState
from commerce.returns.facts import Facts
from commerce.returns.planning import plan_refund
from commerce.returns.refunds_sql import Refund, RefundUnits
from commerce.returns.states import RefundState
from commerce.returns.structs import RefundRequest
from commerce.returns.tax_back import refund_taxes
from commerce.sums import Tax, order_sums
from commerce.terms.quote import tax_sums

NAMES = {0: "Tax", 70_000: "Tax", 190_000: "Tax", 72_500: "State"}


def an_order(
    lines: list[tuple[int, int, int]], *, inclusive: bool, shipping: int, discount: int, old: bool = False
) -> Facts:
    """Return a paid order of lines (quantity, price, rate); `old`: of a release with one rate an order."""
    each = [Tax(rate, inclusive, NAMES[rate]) for _, _, rate in lines]
    sums = order_sums(
        [quantity * price for quantity, price, _ in lines], each, discount_minor=discount,
        shipping_minor=shipping,
    )  # fmt: skip
    rows = tuple(
        SimpleNamespace(
            position=place, quantity=quantity, price_minor=price, discount_minor=line.discount_minor,
            tax_minor=line.tax_minor, tax_name=None if old else NAMES[rate],
            tax_rate_ppm=None if old else rate,
        )
        for place, ((quantity, price, rate), line) in enumerate(zip(lines, sums.lines, strict=True))
    )  # fmt: skip
    rows_of_shipping = tax_sums(((tax.name or "", tax.rate_ppm), part) for tax, part in sums.shipping_parts)
    shared = msgspec.json.encode(rows_of_shipping).decode()
    main = max(each, key=lambda tax: (sum(line.net_minor for line, one in zip(sums.lines, each, strict=True)
                                          if one == tax), tax.rate_ppm))  # fmt: skip
    order = SimpleNamespace(
        id="or_1", state="paid", winner="pa_1", items_minor=sums.items_minor, shipping_minor=shipping,
        shipping_tax_minor=sums.shipping.tax_minor, tax_minor=sums.tax_minor, tax_inclusive=inclusive,
        tax_name=NAMES[main.rate_ppm], tax_rate_ppm=main.rate_ppm, total_minor=sums.total_minor,
        shipping_taxes=None if old else shared,
    )  # fmt: skip
    paid = SimpleNamespace(id="pa_1", state=PaymentState.CAPTURED, amount_minor=sums.total_minor)
    return Facts(Record(order, rows, (paid,), ()), [], [], [])


def refunded(facts: Facts, ask: RefundRequest) -> dict[tuple[str, int], tuple[int, int]]:
    """Refund, and return (net, tax) of each rate that the credit note names."""
    plan = plan_refund(facts, ask)
    row: Any = SimpleNamespace(id="rf", state=RefundState.DONE, amount_minor=plan.amount_minor)
    refund = Refund(row, plan.units)
    rows = refund_taxes(facts.record, list(facts.refunds), refund)
    facts.refunds.append(refund)
    assert all(min(one.net_minor, one.tax_minor) >= 0 for one in rows)
    return {(one.name, one.rate_ppm): (one.net_minor, one.tax_minor) for one in rows}


STEP = st.tuples(
    st.sampled_from(["units", "less", "amount", "shipping"]), st.integers(0, 3), st.integers(1, 4)
)


@st.composite
def a_sale(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an order's lines, discount and shipping, priced as one of four currencies is."""
    unit = 10 ** exponent(draw(st.sampled_from(["JPY", "USD", "KWD", "CNY"])))
    line = st.tuples(st.integers(1, 5), st.integers(1, 500 * unit), st.sampled_from(sorted(NAMES)))
    lines = draw(st.lists(line, min_size=1, max_size=4))
    whole = sum(quantity * price for quantity, price, _ in lines)
    return {
        "lines": lines,
        "inclusive": draw(st.booleans()),
        "shipping": draw(st.integers(0, 20 * unit)),
        "discount": draw(st.integers(0, whole // 2)),
    }


@given(a_sale(), st.lists(STEP, max_size=10))
def test_all_refunds_together_give_back_the_tax_of_each_rate(
    sale: dict[str, Any], steps: list[tuple[str, int, int]]
) -> None:
    """Units, less than they cost, amounts, shipping, and at last what is left: to the minor unit."""
    facts = an_order(**sale)
    back: dict[tuple[str, int], tuple[int, int]] = {}

    def refund(ask: RefundRequest) -> None:
        for rate, (net, tax) in refunded(facts, ask).items():
            before = back.get(rate, (0, 0))
            back[rate] = (before[0] + net, before[1] + tax)

    for what, position, count in steps:
        units = (LineUnits(position % len(sale["lines"]), count),)
        try:
            refund(
                {
                    "units": RefundRequest(lines=units),
                    "less": RefundRequest(lines=units, amount_minor=count),
                    "amount": RefundRequest(amount_minor=count * 7),
                    "shipping": RefundRequest(shipping=True),
                }[what]
            )
        except CommerceError:
            continue
    if facts.left_minor:
        refund(RefundRequest(amount_minor=facts.left_minor))
    assert facts.refunded_minor == facts.record.order.total_minor
    rows = {(one.name, one.rate_ppm): (one.net_minor, one.tax_minor) for one in order_taxes(facts.record)}
    assert {rate: parts for rate, parts in back.items() if any(parts)} == {
        rate: parts for rate, parts in rows.items() if any(parts)
    }


def test_a_unit_gives_back_the_tax_of_its_line() -> None:
    """The book's 7%, and nothing of the mug's 19%."""
    facts = an_order([(2, 1070, 70_000), (1, 1190, 190_000)], inclusive=True, shipping=500, discount=0)
    book = refunded(facts, RefundRequest(lines=(LineUnits(0, 1),)))
    assert {rate: parts for rate, parts in book.items() if any(parts)} == {("Tax", 70_000): (1000, 70)}
    mug = refunded(facts, RefundRequest(lines=(LineUnits(1, 1),), shipping=True))
    # Of the parcel's 5.00 the books, which are 21.40 of 33.30, have 3.21 and the mug 1.79.
    assert mug["Tax", 190_000] == (1000 + 150, 190 + 29)
    assert mug["Tax", 70_000] == (300, 21)


def test_an_order_of_an_older_release_bears_its_one_rate() -> None:
    """Its lines have no rate of their own."""
    facts = an_order([(1, 1190, 190_000)], inclusive=True, shipping=0, discount=0, old=True)
    assert refunded(facts, RefundRequest(everything=True)) == {("Tax", 190_000): (1000, 190)}


def test_a_refund_of_money_alone_is_laid_on_shipping_first() -> None:
    """Then on what is left of the lines; its tax is that of where it was laid."""
    facts = an_order([(1, 1070, 70_000), (1, 2380, 190_000)], inclusive=True, shipping=119, discount=0)
    first = refunded(facts, RefundRequest(amount_minor=119))
    assert first == {("Tax", 190_000): (69, 13), ("Tax", 70_000): (35, 2)}  # 0.82 and 0.37 of the parcel
    row: Any = SimpleNamespace(id="rf", state=RefundState.DONE, amount_minor=3450)
    rest = refund_taxes(facts.record, list(facts.refunds), Refund(row, (RefundUnits(0, 1, 1),)))
    assert [(one.rate_ppm, one.net_minor, one.tax_minor) for one in rest] == [
        (190_000, 2000, 380),
        (70_000, 1000, 70),
    ]
