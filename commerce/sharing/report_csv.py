"""What a show's links brought, as CSV; pure.

Money stands twice: with the currency's places, and in minor units.
"""

from typing import Final

from commerce.csv_rows import BOM, csv_row
from commerce.money import plain
from commerce.sharing.structs import SharedLink

COLUMNS: Final = (
    "code", "url", "shared_by", "name", "visits", "entries", "orders", "currency", "amount", "amount_minor",
)  # fmt: skip


def header() -> bytes:
    """Return the mark and the names of the columns."""
    return BOM + csv_row(COLUMNS)


def row(link: SharedLink, currency: str) -> bytes:
    """Return the row of one link; who may not see money gets empty cells."""
    amount = None if link.amount_minor is None else plain(link.amount_minor, currency).partition(" ")[0]
    by, came = "shop" if link.own else "person", (link.visits, link.entries, link.orders)
    return csv_row((link.code, link.url, by, link.name, *came, currency, amount, link.amount_minor))
