"""The page that shows a payment's code: for providers with a code for their app and no page for a computer.

Their `pay_url` is our page, with the code behind the `#`. What is drawn is read from the books, never from
the address: a link made by somebody else shows nobody's code but the payment's own.
"""

from typing import Final

import msgspec

from commerce.database_sql import Database
from commerce.errors import NoSuchOrder
from commerce.orders import orders_sql
from commerce.orders.orders_sql import Record, Row
from commerce.orders.states import OrderState
from commerce.payments.states import OPEN, PaymentState
from commerce.qr_pdf import qr_svg

PAGE: Final = "/pay/scan/"


class ScanPage(msgspec.Struct, frozen=True):
    """What the page says. `open`: the code can be paid until `deadline_ms`; then go on to `return_url`.

    It has nobody's name or address but the seller's: who knows the payment's unguessable id may read it.
    """

    payment: str
    method: str
    open: bool
    state: OrderState
    number: str
    seller_name: str
    amount_minor: int
    currency: str
    deadline_ms: int | None
    return_url: str


async def scan_page(database: Database, payment: str) -> ScanPage:
    """Return what the page of a payment says; raises NoSuchOrder where there is no such page."""
    record, attempt = await _found(database, payment)
    is_open = _is_open(record, attempt)
    return ScanPage(
        payment=attempt.id,
        method=attempt.method,
        open=is_open,
        state=OrderState(record.order.state),
        number=record.order.number,
        seller_name=msgspec.json.decode(record.order.seller)["name"],
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        deadline_ms=record.order.deadline_ms if is_open else None,
        return_url=record.order.return_url,
    )


async def scan_code(database: Database, payment: str) -> bytes:
    """Return the code as SVG; raises NoSuchOrder when it cannot be paid any more, or never was one."""
    record, attempt = await _found(database, payment)
    if not _is_open(record, attempt):
        raise NoSuchOrder
    return qr_svg(_code(attempt))


async def _found(database: Database, payment: str) -> tuple[Record, Row]:
    async with database.read() as sql:
        order = await orders_sql.order_of_payment(sql, payment)
        if order is None:
            raise NoSuchOrder
        record = await orders_sql.load(sql, order)
    attempt = record.attempt(payment)
    if not _code(attempt):
        raise NoSuchOrder
    return record, attempt


def _is_open(record: Record, attempt: Row) -> bool:
    return record.order.state == OrderState.PENDING and PaymentState(attempt.state) in OPEN


def _code(attempt: Row) -> str:
    """Return what is behind the `#` of a page of ours; "" for every other page."""
    page, _, code = (attempt.pay_url or "").partition("#")
    return str(code) if PAGE in page else ""
