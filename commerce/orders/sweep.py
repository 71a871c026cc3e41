"""What the worker does for each shop's stock: end what is due, forget what is over, compare the books."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from commerce.database_sql import Database
from commerce.orders import ledger_sql
from commerce.orders.ledger_copy import LedgerCopier
from commerce.orders.sweep_metrics import UNSOUND
from commerce.sale.engine_redis import SaleEngine
from commerce.shops.shops import Shops

log = logging.getLogger(__name__)

MAX_ROUNDS: Final = 50
"""Calls of one sweep of one shop; what is left waits for the next period."""


class Sweep:
    """Goes through the shops. `unsound_pools` is what the last comparison found, by shop."""

    def __init__(self, database: Database, engine: SaleEngine, shops: Shops, copier: LedgerCopier) -> None:
        self._database = database
        self._engine = engine
        self._shops = shops
        self._copier = copier
        self.unsound_pools: dict[str, int] = {}

    async def expire_due(self) -> None:
        """End reservations past their deadline and drain sales that are over."""
        await self._in_each_shop(self._expire)

    async def copy_ledgers(self) -> None:
        """Copy every shop's ledger to SQL."""
        await self._in_each_shop(self._copier.copy)

    async def purge_due(self) -> None:
        """Forget what is over and copied, in Redis."""
        await self._in_each_shop(self._purge)

    async def compare(self) -> None:
        """Compare counters, live holds and the copied ledger; what differs is logged and counted."""
        await self._in_each_shop(self._compare)

    async def _in_each_shop(self, work: Callable[[str], Awaitable[object]]) -> None:
        """Do `work` in every shop; one that fails does not hold up the others, and is raised at the end."""
        failed: list[Exception] = []
        for shop in await self._shops.ids():
            try:
                await work(shop)
            except Exception as error:  # noqa: BLE001 - whatever broke in one shop is that shop's trouble
                failed.append(error)
        if failed:
            raise ExceptionGroup(f"{len(failed)} shops failed", failed)

    async def _expire(self, shop: str) -> None:
        for _ in range(MAX_ROUNDS):
            if not (await self._engine.expire_due(shop)).more:
                return

    async def _purge(self, shop: str) -> None:
        copied_to = await self._copier.position(shop)
        for _ in range(MAX_ROUNDS):
            if not (await self._engine.purge_due(shop, copied_to=copied_to)).more:
                break
        await self._copier.trim(shop)

    async def _compare(self, shop: str) -> None:
        self.unsound_pools[shop] = len(await self.faults(shop))
        UNSOUND.labels(shop).set(self.unsound_pools[shop])

    async def faults(self, shop: str) -> list[str]:
        """Return what does not agree in one shop, a sentence each.

        The sold units of SQL are compared only when the copy was complete before and after the audit, so
        that a sale under way is no fault.
        """
        before = await self._copier.position(shop)
        audit = await self._engine.audit(shop)
        complete = before == await self._engine.ledger_tail(shop)
        found = [*audit.faults]
        found += [f"{pool.pool}: {fault}" for pool in audit.pools for fault in pool.faults]
        if complete and before != ledger_sql.START:
            async with self._database.read() as sql:
                sold = await ledger_sql.sold_by_pool(sql, shop)
            found += [
                f"{pool.pool}: Redis has {pool.counters.sold} sold, SQL has {sold.get(pool.pool, 0)}"
                for pool in audit.pools
                if pool.counters.sold != sold.get(pool.pool, 0)
            ]
        for fault in found:
            log.error("the books of %s do not agree: %s", shop, fault)
        return found
