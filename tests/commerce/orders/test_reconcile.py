"""The comparison of the books: silent while they agree, a sentence for each way in which they do not."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from commerce.orders import reconcile
from commerce.orders.tables_sql import orders, payments
from commerce.payments.sandbox.tables_sql import sandbox_payments
from commerce.returns.tables_sql import refunds
from tests.commerce.orders.a_market import Market
from tests.commerce.returns.a_desk import Desk


@pytest.fixture(autouse=True)
def _at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take nothing to be on its way."""
    monkeypatch.setattr(reconcile, "CALM_MS", 0)


async def faults(market: Market) -> list[str]:
    """Compare."""
    found: list[str] = await market.services.jobs.reconciler.findings(30, [market.shop])
    return found


async def test_books_that_agree_have_no_faults(market: Market) -> None:
    """After paying, sending, cancelling and refunding in several ways."""
    desk = Desk(market)
    _, sent = await desk.paid(2)
    await desk.does(sent, "parcels")
    await desk.does(sent, "refunds", {"lines": [{"position": 0, "quantity": 1}], "restock": True})
    _, cancelled = await desk.paid(1)
    await desk.does(cancelled, "cancel")
    _, scratched = await desk.paid(1)
    await desk.does(scratched, "refunds", {"amount_minor": 100})
    await market.buyer().orders_one()
    assert await faults(market) == []


CHANGES: dict[str, tuple[Callable[[], sa.Update], str]] = {
    "the provider has voided it": (
        lambda: sa.update(sandbox_payments).values(state="voided"),
        "is captured here and voided at sandbox",
    ),
    "the provider does not know it": (
        lambda: sa.update(sandbox_payments).values(reference="pa_other", id="sx_other"),
        "is captured here and unknown to sandbox",
    ),
    "another amount was captured": (
        lambda: sa.update(payments).values(amount_minor=1100),
        "costs 12.00 EUR, but 11.00 EUR was captured",
    ),
    "the order forgot its money": (
        lambda: sa.update(orders).values(state="expired"),
        "is expired, but payment",
    ),
    "the payment forgot its money": (
        lambda: sa.update(payments).values(state="declined"),
        "no payment of it was captured",
    ),
    "the order forgot its parcels": (
        lambda: sa.update(orders).values(fulfilment="sent"),
        "its parcels make it open",
    ),
    "the order forgot its units": (
        lambda: sa.update(orders).values(stock="gone"),
        "the ledger has sold it 1",
    ),
    "the way to pay is gone": (
        lambda: sa.update(payments).values(method="gone"),
        "its provider gone is switched off",
    ),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda name: name)
async def test_a_book_that_differs_is_named(market: Market, change: str) -> None:
    """One book is changed behind the back of the others, and put right again."""
    desk = Desk(market)
    _, order = await desk.paid(1)
    statement, sentence = CHANGES[change]
    assert await faults(market) == []
    kept = await _rows(market)
    async with market.services.database.write() as sql:
        await sql.execute(statement())
    found = await faults(market)
    assert [fault for fault in found if sentence in fault], found
    await _put_back(market, kept)
    assert (await faults(market), (await desk.see(order))["order"]["state"]) == ([], "paid")


async def test_a_refund_the_ledger_does_not_know_is_named(market: Market) -> None:
    """Units that were to be put back and were not."""
    desk = Desk(market)
    _, order = await desk.paid(1)
    await desk.does(order, "refunds", {"lines": [{"position": 0, "quantity": 1}]})
    assert await faults(market) == []
    async with market.services.database.write() as sql:
        await sql.execute(sa.update(refunds).values(restock=True))
    assert [
        "1 units were to be put back; the ledger has taken back 0" in one for one in await faults(market)
    ] == [True]


_TABLES = (orders, payments, sandbox_payments)


async def _rows(market: Market) -> dict[str, Any]:
    async with market.services.database.read() as sql:
        return {table.name: dict((await sql.execute(sa.select(table))).mappings().one()) for table in _TABLES}


async def _put_back(market: Market, kept: dict[str, Any]) -> None:
    async with market.services.database.write() as sql:
        for table in _TABLES:
            await sql.execute(sa.update(table).values(kept[table.name]))
