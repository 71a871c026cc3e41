"""What the worker does for each shop's stock: end what is due, forget what is over, compare the books."""

import logging
from typing import Final

from commerce.database_sql import Database
from commerce.errors import CommerceError
from commerce.orders import ledger_sql
from commerce.orders.ledger_copy import LedgerCopier
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
        for shop in await self._shops.ids():
            for _ in range(MAX_ROUNDS):
                if not (await self._engine.expire_due(shop)).more:
                    break

    async def copy_ledgers(self) -> None:
        """Copy every shop's ledger to SQL."""
        for shop in await self._shops.ids():
            await self._copier.copy(shop)

    async def purge_due(self) -> None:
        """Forget what is over and copied, in Redis."""
        for shop in await self._shops.ids():
            copied_to = await self._copier.position(shop)
            for _ in range(MAX_ROUNDS):
                if not (await self._engine.purge_due(shop, copied_to=copied_to)).more:
                    break
            await self._copier.trim(shop)

    async def compare(self) -> None:
        """Compare counters, live holds and the copied ledger; what differs is logged and counted."""
        for shop in await self._shops.ids():
            try:
                self.unsound_pools[shop] = len(await self.faults(shop))
            except CommerceError as error:
                log.warning("the books of %s could not be compared: %s", shop, error)

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
