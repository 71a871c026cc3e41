"""A shop's orders as CSV, one row for each line of an order; pure.

Money stands twice: as a decimal number with the currency's places, and in minor units.
"""

from collections.abc import Iterable
from typing import Any, Final

from commerce.csv_rows import BOM, csv_row, moment
from commerce.money import percent, plain
from commerce.orders.order_taxes import line_rate, shipping_taxes
from commerce.returns.facts import Facts
from commerce.terms.structs import TaxSum

COLUMNS: Final = (
    "order", "ordered_at", "state", "fulfilment", "currency", "name", "email", "phone", "address1",
    "address2", "postcode", "city", "region", "country", "method", "line", "title", "variant", "product_id",
    "variant_id", "quantity", "sent", "refunded", "price", "price_minor", "line_total", "line_total_minor",
    "order_items", "order_items_minor", "order_shipping", "order_shipping_minor", "order_tax",
    "order_tax_minor", "order_total", "order_total_minor", "order_refunded", "order_refunded_minor",
    "tracking", "tax_class", "tax_name", "tax_rate", "line_discount", "line_discount_minor", "line_tax",
    "line_tax_minor", "order_shipping_taxes",
)  # fmt: skip


def header() -> bytes:
    """Return the mark and the names of the columns."""
    return BOM + csv_row(COLUMNS)


def rows(orders: Iterable[Facts]) -> bytes:
    """Return the rows of some orders."""
    return b"".join(csv_row(cells) for facts in orders for cells in _order(facts))


def _order(facts: Facts) -> Iterable[list[object]]:
    row, progress = facts.record.order, facts.progress
    tracking = " ".join(parcel.row.tracking for parcel in facts.parcels if parcel.row.tracking)
    head = [
        row.number, moment(row.created_at_ms), row.state, row.fulfilment, row.currency, row.contact_name,
        row.contact_email, row.contact_phone, row.address_line1, row.address_line2, row.address_postcode,
        row.address_city, row.address_region, row.address_country, row.method,
    ]  # fmt: skip
    tail = [
        *_money(row, row.items_minor),
        *_money(row, row.shipping_minor),
        *_money(row, row.tax_minor),
        *_money(row, row.total_minor),
        *_money(row, facts.refunded_minor),
        tracking,
    ]
    shared = "; ".join(_shared(row, tax) for tax in shipping_taxes(row))
    for line in facts.record.lines:
        where = progress[line.position]
        yield [
            *head, line.position + 1, line.title, line.variant_title, line.product, line.variant,
            line.quantity, where.sent, where.returned, *_money(row, line.price_minor),
            *_money(row, line.price_minor * line.quantity), *tail, *_tax(row, line), shared,
        ]  # fmt: skip


def _tax(row: Any, line: Any) -> list[object]:
    """Return what a line is to the tax and bears: class, name and rate, what went off, the tax itself."""
    name, rate_ppm = line_rate(row, line)
    rate = percent(rate_ppm) if name is not None else None
    return [line.tax_class, name, rate, *_money(row, line.discount_minor), *_money(row, line.tax_minor)]


def _shared(row: Any, tax: TaxSum) -> str:
    """Write what one rate takes of shipping: `VAT 20%: 2.04 + 0.41`, without the tax and the tax."""
    net, taken = (plain(amount, row.currency).partition(" ")[0] for amount in (tax.net_minor, tax.tax_minor))
    return f"{tax.name} {percent(tax.rate_ppm)}: {net} + {taken}"


def _money(row: Any, amount_minor: int) -> tuple[object, int]:
    """Return an amount as a decimal number, and in minor units."""
    return _Number(plain(amount_minor, row.currency).partition(" ")[0]), int(amount_minor)


class _Number:
    """A number written out: its minus is a sign and not the start of a formula."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text
