"""The ledger's copy in SQL: each entry once, whoever copies, and orders only moved."""

import asyncio

import pytest
import sqlalchemy as sa

from commerce.events import EFFECTS
from commerce.orders import ledger_copy as ledger_copy_module
from commerce.orders import ledger_sql
from commerce.orders.tables_sql import ledger_entries, orders
from tests.commerce.orders.a_market import Market


async def copied_ids(market: Market) -> list[str]:
    """Return the ids of copied entries."""
    async with market.services.database.read() as sql:
        return list((await sql.execute(sa.select(ledger_entries.c.id))).scalars())


async def test_each_entry_is_copied_once_however_many_copy(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five copiers at once, small batches; the copy is the ledger."""
    monkeypatch.setattr(ledger_copy_module, "BATCH", 3)
    for _ in range(4):
        await market.buyer().orders_one()
    copier = market.services.jobs.copier
    await asyncio.gather(*(copier.copy(market.shop) for _ in range(5)))
    await copier.copy(market.shop)
    written = [one.id for one in await market.services.engine.ledger_read(market.shop, count=1000)]
    assert sorted(await copied_ids(market)) == sorted(written)
    assert await copier.position(market.shop) == written[-1]


async def test_the_copy_alone_explains_the_counters(market: Market) -> None:
    """Adding up the entries gives what Redis has."""
    buyer = market.buyer()
    held = await buyer.holds(3)
    await buyer.call("DELETE", f"/shops/{market.shop}/reservations/{held['id']}")
    await market.buyer().holds(2)
    await market.services.jobs.sweep.copy_ledgers()
    sums = [0, 0, 0, 0, 0]
    async with market.services.database.read() as sql:
        for row in await sql.execute(sa.select(ledger_entries)):
            if row.pool == f"po_{market.mug}":
                effect = EFFECTS.get(row.kind, (0,) * 5)
                sums = [have + row.quantity * one for have, one in zip(sums, effect, strict=True)]
    stock = await market.stock()
    assert sums == [stock.available, stock.held, stock.sold, stock.withdrawn, stock.total]


async def test_an_order_that_sql_never_heard_of_is_not_invented(market: Market) -> None:
    """The process died between Redis and SQL; the hold runs out, and no order appears."""
    buyer = market.buyer()
    held = await buyer.holds()
    engine = market.services.engine
    await engine.pay_begin(
        market.shop, person=buyer.person, key="key-00000001", order="or_lost", reservations=[held["id"]],
        announce=True,
    )  # fmt: skip
    await engine.release(market.shop, reservation=held["id"], while_paying=True)
    await market.work()
    assert await market.count_rows(orders) == 0
    assert await market.counts() == (5, 0, 0)


async def test_copied_entries_are_trimmed_after_an_hour(market: Market) -> None:
    """Never above the position, never younger than an hour."""
    engine, copier = market.services.engine, market.services.jobs.copier
    await market.buyer().orders_one()
    await copier.copy(market.shop)
    before = len(await engine.ledger_read(market.shop, count=1000))
    await copier.trim(market.shop)
    assert len(await engine.ledger_read(market.shop, count=1000)) == before
    copier._now_ms = lambda: market.services.now_ms() + 2 * ledger_copy_module.KEEP_MS
    await market.buyer().orders_one()
    await copier.trim(market.shop)
    kept = await engine.ledger_read(market.shop, count=1000)
    position = await copier.position(market.shop)
    assert kept[0].id == position  # the last copied one stays, and everything after it
    assert len(kept) < before + 3
    await market.services.jobs.sweep.purge_due()


async def test_the_comparison_finds_a_sale_that_sql_lost(market: Market) -> None:
    """The books agree, then a commit is taken out of SQL, and a sentence names the pool."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await market.quiet()
    assert (await buyer.order(made["order"]["id"]))["state"] == "paid"
    sweep = market.services.jobs.sweep
    await sweep.copy_ledgers()
    assert await sweep.faults(market.shop) == []
    commit = sa.and_(ledger_entries.c.kind == "commit")
    async with market.services.database.write() as sql:
        kept = (await sql.execute(sa.select(ledger_entries).where(commit))).mappings().all()
        await sql.execute(sa.delete(ledger_entries).where(commit))
    assert await sweep.faults(market.shop) == [
        f"po_{market.mug}: Redis has 0 held, 1 sold; SQL has 1 held, 0 sold"
    ]
    await sweep.compare()
    assert sweep.unsound_pools == {market.shop: 1}
    async with market.services.database.write() as sql:
        await sql.execute(sa.insert(ledger_entries), [dict(row) for row in kept])
        assert await ledger_sql.sold_by_pool(sql, market.shop) == {f"po_{market.mug}": 1}
