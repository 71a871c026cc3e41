"""What is written of a quote tells the same taxes: order, papers and export cannot differ. Pure."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce.money import exponent
from commerce.orders.export import COLUMNS, rows
from commerce.orders.order_columns import cost_columns, line_columns
from commerce.orders.order_taxes import order_taxes, shipping_parts, shipping_taxes
from commerce.orders.orders_sql import Record
from commerce.returns.facts import Facts
from commerce.sale.types import Hold, Reservation
from commerce.sums import sum_of
from commerce.terms.quote import Quote, quote
from commerce.terms.structs import ShippingMethod, ShippingTable, TaxRate, TaxTable, Terms
from tests.commerce.terms.test_quote import held

CURRENCIES = ("JPY", "USD", "KWD", "CNY")
RATES = (
    TaxRate("DE", "VAT", 190_000),
    TaxRate("DE", "VAT", 70_000, "reduced"),
    TaxRate("FR", "TVA", 55_000, "reduced"),
)
CLASSES = ("standard", "reduced", "zero")


@st.composite
def quotes(draw: st.DrawFn) -> tuple[Quote, list[tuple[Reservation, Hold]]]:
    """Draw goods of some classes in one of the currencies, a way to send them, and a place."""
    currency = draw(st.sampled_from(CURRENCIES))
    unit = 10 ** exponent(currency)
    goods = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 300 * unit)), min_size=1, max_size=8))
    classes = {f"va_{place}": draw(st.sampled_from(CLASSES)) for place in range(len(goods))}
    post = ShippingMethod("Post", draw(st.integers(0, 20 * unit)), id="sm_post", taxed=draw(st.booleans()))
    terms = Terms(ShippingTable((post,)), TaxTable(RATES, inclusive=draw(st.booleans())))
    reservations = held(*goods)
    place = (draw(st.sampled_from(["DE", "FR", "NZ"])), None)
    found = quote(reservations, currency, terms, place, "sm_post", classes)
    return found, [(one, hold) for one in reservations for hold in one.holds]


def record_of(found: Quote, holds: list[tuple[Reservation, Hold]]) -> Record:
    """Write a quote down as an order's rows."""
    contact = dict.fromkeys(f"contact_{name}" for name in ("name", "email", "phone"))
    contact |= dict.fromkeys(
        f"address_{name}" for name in ("line1", "line2", "postcode", "city", "region", "country")
    )
    order: Any = SimpleNamespace(
        id="or_1", number="7K3M", state="paid", fulfilment="open", currency=found.currency, created_at_ms=0,
        method="sandbox", winner="pa_1", **contact, **cost_columns(found),
    )  # fmt: skip
    lines = tuple(
        SimpleNamespace(position=place, **line_columns(reservation, hold, cost, None))
        for place, ((reservation, hold), cost) in enumerate(zip(holds, found.lines, strict=True))
    )
    return Record(order, lines, (), ())


@given(quotes())
def test_an_order_tells_the_taxes_of_its_quote(drawn: tuple[Quote, list[tuple[Reservation, Hold]]]) -> None:
    """Row by row; shipping's parts are its price and its tax, to the minor unit."""
    found, holds = drawn
    record = record_of(found, holds)
    assert order_taxes(record) == found.taxes
    assert shipping_taxes(record.order) == found.shipping_taxes
    parts = [part for _, part in shipping_parts(record.order)]
    whole = sum_of(parts, inclusive=found.tax_inclusive)
    assert (whole.amount_minor, whole.tax_minor) == (found.shipping_minor, found.shipping_tax_minor)
    assert all(part.amount_minor > 0 for part in parts)


@given(quotes())
def test_the_export_adds_up(drawn: tuple[Quote, list[tuple[Reservation, Hold]]]) -> None:
    """The lines' tax and that of shipping's rates are the order's tax."""
    found, holds = drawn
    facts = Facts(record_of(found, holds), [], [], [])
    cells = [row.split(",") for row in rows([facts]).decode().splitlines()]
    lines_minor = sum(int(row[COLUMNS.index("line_tax_minor")]) for row in cells)
    shared = cells[0][COLUMNS.index("order_shipping_taxes")]
    taken = [part.rpartition(" + ")[2].replace(".", "") for part in shared.split("; ") if part]
    assert lines_minor + sum(map(int, taken)) == int(cells[0][COLUMNS.index("order_tax_minor")])
