"""Lost stock: found by comparing Redis with SQL, the shop frozen, rebuilt on the operator's word.

Found by three looks. A Function that is told of more writes than there are freezes the shop in that very
call (`lua/desk.lua`). The ledger's copier begins each read with the last entry it has: when Redis does not
have that one, or another one under its id, it came back older (`LedgerCopier`). And the worker's comparison
of all pools with the ledger finds keys that were deleted (`Sweep`). An entry's whole content stands for a tag
of its own: it has random ids in it.

The repair keeps everything that anybody was told: what Redis has and SQL lacks is copied first, also what was
sold after the loss from counters that were too high. It may die anywhere and be begun again.
"""

from typing import Final

from commerce.catalogue import products_sql
from commerce.database_sql import Database
from commerce.orders import rebuild_sql
from commerce.orders.ledger_copy import LedgerCopier
from commerce.orders.refusals import LedgerGap
from commerce.ports import Clock, NewId
from commerce.sale.books import Books
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.rebuild import Plan, Report, plan_rebuild
from commerce.shops.bans_sql import versions_of

BY_OPERATOR: Final = "operator"
"""Why a shop is frozen whose stock an operator wants rebuilt, though nothing was found."""


class StockRepair:
    """Freezes shops, and rebuilds them."""

    def __init__(
        self, database: Database, engine: SaleEngine, copier: LedgerCopier, now_ms: Clock, new_id: NewId
    ) -> None:
        self._database = database
        self._engine = engine
        self._copier = copier
        self._now_ms = now_ms
        self._new_id = new_id

    async def freeze(self, shop: str, reason: str) -> None:
        """Stop the sale of a shop whose stock is not what SQL knows; a repeat changes nothing."""
        standing = await self._engine.freeze(shop, reason=reason)
        async with self._database.write() as sql:
            await rebuild_sql.begin(sql, self._new_id("sr"), shop, standing, self._now_ms())

    async def look(self, shop: str) -> bool:
        """Tell whether a shop is frozen, and see to it that SQL says the same as Redis.

        One that SQL alone calls frozen sells again: a repair has reopened it and died before it said so, or
        is about to. If the mark was lost like other writes, the copier finds the loss anew.
        """
        reason = await self._engine.frozen(shop)
        async with self._database.read() as sql:
            rebuild = await rebuild_sql.standing(sql, shop)
        if reason is not None and rebuild is None:
            await self.freeze(shop, reason)
        if reason is None and rebuild is not None:
            async with self._database.write() as sql:
                await rebuild_sql.finish_told(sql, rebuild, self._now_ms())
        return reason is not None

    async def repair(self, shop: str) -> Report:
        """Rebuild a shop's stock from SQL and ledger, and let it sell again; answers what was found.

        A shop that is not frozen is frozen first. Raises Busy while Redis is away; then it may be repeated.
        Raises LedgerGap when SQL lacks entries that Redis has trimmed: then only a newer SQL backup helps.
        """
        if await self._gap(shop):
            raise LedgerGap(shop=shop)
        async with self._database.read() as sql:
            rebuild = await rebuild_sql.standing(sql, shop)
        if rebuild is None:
            await self.freeze(shop, await self._engine.frozen(shop) or BY_OPERATOR)
            return await self.repair(shop)
        await self._engine.freeze(shop, reason=BY_OPERATOR)
        await self._copier.copy_missing(shop)
        plan = await self._plan(shop, rebuild)
        async with self._database.write() as sql:
            await rebuild_sql.note_report(sql, rebuild, plan.report)
        await self._engine.write_books(shop, plan, after=await self._copier.position(shop))
        await self._copier.copy_missing(shop)
        await self._put_absolute(shop)
        async with self._database.write() as sql:
            await self._copier.start_from(sql, shop, await self._engine.ledger_tail(shop))
        await self._engine.reopen(shop)
        async with self._database.write() as sql:
            await rebuild_sql.finish(sql, rebuild, self._now_ms())
        return plan.report

    async def _gap(self, shop: str) -> bool:
        """Tell whether entries are in neither: an SQL backup older than what Redis had trimmed by then."""
        first, trimmed = await self._engine.ledger_first(shop)
        if first is None or not trimmed:
            return False
        async with self._database.read() as sql:
            return not await rebuild_sql.ids_there(sql, shop, [first])

    async def _plan(self, shop: str, rebuild: str) -> Plan:
        books = Books()
        async with self._database.read() as sql:
            async for entry in rebuild_sql.entries(sql, shop):
                books.take(entry)
            orders = await rebuild_sql.unsettled_orders(sql, shop)
            sold = await rebuild_sql.sold_orders(sql, shop, books.pools)
            waiting = await rebuild_sql.waiting_rows(sql, shop)
        done = waiting & books.operations
        if done:  # their records may be lost, and sent again they would count twice
            async with self._database.write() as sql:
                await rebuild_sql.drop_rows(sql, done)
        return plan_rebuild(books, orders, sold, self._now_ms(), rebuild)

    async def _put_absolute(self, shop: str) -> None:
        """Copy prices and bans anew: each names its version, so that a newer one stays."""
        async with self._database.read() as sql:
            prices = await products_sql.prices_of_shop(sql, shop)
            bans = await versions_of(sql, shop)
        for row in prices:
            await self._engine.price_put(
                shop,
                operation=self._new_id("ob"),
                variant=row.id,
                product=row.product,
                price_minor=row.price_minor,
                version=row.price_version,
            )
        for ban in bans:
            await self._engine.ban_put(
                shop,
                person=ban.person,
                banned=ban.banned,
                version=ban.version,
                expires_at_ms=ban.expires_at_ms,
            )
