"""A shop's orders as CSV (RFC 4180), one row for each line of an order; pure.

UTF-8 with a byte order mark, so that spreadsheets take it for what it is. A cell that a spreadsheet would
read as a formula begins with an apostrophe instead: cells come from buyers
(https://owasp.org/www-community/attacks/CSV_Injection). Money stands twice: as a decimal number with the
currency's places, and in minor units.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from commerce.money import plain
from commerce.returns.facts import Facts

BOM: Final = b"\xef\xbb\xbf"
COLUMNS: Final = (
    "order", "ordered_at", "state", "fulfilment", "currency", "name", "email", "phone", "address1",
    "address2", "postcode", "city", "region", "country", "method", "line", "title", "variant", "product_id",
    "variant_id", "quantity", "sent", "refunded", "price", "price_minor", "line_total", "line_total_minor",
    "order_items", "order_items_minor", "order_shipping", "order_shipping_minor", "order_tax",
    "order_tax_minor", "order_total", "order_total_minor", "order_refunded", "order_refunded_minor",
    "tracking",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def header() -> bytes:
    """Return the mark and the names of the columns."""
    return BOM + _row(COLUMNS)


def rows(orders: Iterable[Facts]) -> bytes:
    """Return the rows of some orders."""
    return b"".join(_row(cells) for facts in orders for cells in _order(facts))


def safe(cell: object) -> str:
    """Return a cell's text that no spreadsheet takes for a formula; numbers stay numbers."""
    text = "" if cell is None else str(cell)
    if isinstance(cell, str) and text.lstrip(" ").startswith(_FORMULA):
        return f"'{text}"
    return text


def _row(cells: Iterable[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return out.getvalue().encode()


def _order(facts: Facts) -> Iterable[list[object]]:
    row, progress = facts.record.order, facts.progress
    tracking = " ".join(parcel.row.tracking for parcel in facts.parcels if parcel.row.tracking)
    head = [
        row.number, _moment(row.created_at_ms), row.state, row.fulfilment, row.currency, row.contact_name,
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
    for line in facts.record.lines:
        where = progress[line.position]
        yield [
            *head, line.position + 1, line.title, line.variant_title, line.product, line.variant,
            line.quantity, where.sent, where.returned, *_money(row, line.price_minor),
            *_money(row, line.price_minor * line.quantity), *tail,
        ]  # fmt: skip


def _money(row: Any, amount_minor: int) -> tuple[object, int]:
    """Return an amount as a decimal number, and in minor units."""
    return _Number(plain(amount_minor, row.currency).partition(" ")[0]), int(amount_minor)


class _Number:
    """A number written out: its minus is a sign and not the start of a formula."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
