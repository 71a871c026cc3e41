"""All that stands on an invoice or a credit note, made once and kept as it was; pure.

An invoice takes everything from the order as it was stamped: seller, buyer, lines, tax. A credit note names
its invoice and what of it is taken back. Amounts are as they were charged: with tax in the prices, or on top.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from commerce.orders.messages import Seller
from commerce.orders.order_taxes import order_taxes
from commerce.orders.orders_sql import Record
from commerce.returns.amounts import line_paid_minor, tax_on_top, units_minor
from commerce.returns.refunds_sql import Refund
from commerce.returns.tax_back import refund_taxes
from commerce.terms.structs import TaxSum


class Kind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Item(msgspec.Struct, frozen=True):
    """A line. `price_minor` is of one unit, `total_minor` of all, less `discount_minor`."""

    title: str
    quantity: int
    price_minor: int
    discount_minor: int
    total_minor: int


class TaxRow(msgspec.Struct, frozen=True):
    """A row of the tax table. `name` "" is tax of no name, with a `rate_ppm` of 0; 190000 is 19%."""

    name: str
    rate_ppm: int
    net_minor: int
    tax_minor: int


class Content(msgspec.Struct, frozen=True):
    """A document. `seller` and `buyer` are lines; `of_invoice` is the number a credit note corrects."""

    kind: Kind
    number: str
    issued_at_ms: int
    order_number: str
    ordered_at_ms: int
    language: str
    currency: str
    seller: list[str]
    buyer: list[str]
    items: list[Item]
    shipping_minor: int
    other_minor: int
    """Of a credit note: what goes back beside the units."""
    total_minor: int
    tax_on_top: bool
    taxes: list[TaxRow]
    of_invoice: str = ""
    reason: str = ""


def invoice_content(record: Record, number: str, issued_at_ms: int) -> Content:
    """Return the invoice of a paid order."""
    row = record.order
    items = [
        Item(
            title=_title(line),
            quantity=line.quantity,
            price_minor=line.price_minor,
            discount_minor=line.discount_minor,
            total_minor=line.quantity * line.price_minor - line.discount_minor,
        )
        for line in record.lines
    ]
    return Content(
        **_common(record, Kind.INVOICE, number, issued_at_ms),
        items=items,
        shipping_minor=row.shipping_minor,
        other_minor=0,
        total_minor=row.total_minor,
        taxes=_rows(order_taxes(record)),
    )


def credit_note_content(
    record: Record, refunds: Sequence[Refund], refund: Refund, number: str, invoice: str, issued_at_ms: int
) -> Content:
    """Return the credit note of a refund that is done; `refunds` are all of the order's, oldest first."""
    earlier = [one for one in refunds[: refunds.index(refund)] if one.counted]
    items = [_credited(record, earlier, units.position, units.quantity) for units in refund.units]
    amount_minor = int(refund.row.amount_minor)
    return Content(
        **_common(record, Kind.CREDIT_NOTE, number, issued_at_ms),
        items=items,
        shipping_minor=0,
        other_minor=amount_minor - sum(item.total_minor for item in items),
        total_minor=amount_minor,
        taxes=_rows(refund_taxes(record, earlier, refund)),
        of_invoice=invoice,
        reason=refund.row.reason,
    )


def _credited(record: Record, earlier: Sequence[Refund], position: int, quantity: int) -> Item:
    line = next(one for one in record.lines if one.position == position)
    before = sum(units.quantity for one in earlier for units in one.units if units.position == position)
    total_minor = units_minor(line_paid_minor(record, position), line.quantity, before, quantity)
    return Item(_title(line), quantity, line.price_minor, 0, total_minor)


def _common(record: Record, kind: Kind, number: str, issued_at_ms: int) -> dict[str, Any]:
    row = record.order
    seller = msgspec.json.decode(row.seller, type=Seller)
    sold_by = [seller.legal_name or seller.name, *seller.legal_address.splitlines(), seller.contact_email]
    city = " ".join(part for part in (row.address_postcode, row.address_city) if part)
    bought_by = [
        row.contact_name,
        row.address_line1,
        row.address_line2,
        city,
        row.address_region,
        row.address_country,
    ]
    return {
        "kind": kind,
        "number": number,
        "issued_at_ms": issued_at_ms,
        "order_number": row.number,
        "ordered_at_ms": row.created_at_ms,
        "language": row.language,
        "currency": row.currency,
        "seller": [part for part in sold_by if part],
        "buyer": [part for part in bought_by if part],
        "tax_on_top": tax_on_top(record),
    }


def _rows(taxes: Sequence[TaxSum]) -> list[TaxRow]:
    return [TaxRow(tax.name, tax.rate_ppm, tax.net_minor, tax.tax_minor) for tax in taxes]


def _title(line: Any) -> str:
    return f"{line.title} · {line.variant_title}" if line.variant_title else str(line.title)
