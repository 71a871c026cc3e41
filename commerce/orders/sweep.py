"""What the worker does for each shop's stock: end what is due, forget what is over, compare the books."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from commerce.database_sql import Database
from commerce.orders import ledger_sql, rebuild_sql
from commerce.orders.ledger_copy import LedgerBroken, LedgerCopier
from commerce.orders.repair import StockRepair
from commerce.orders.sweep_metrics import UNSOUND
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.refusals import Frozen
from commerce.sale.types import PoolCounters
from commerce.shops.shops import Shops

log = logging.getLogger(__name__)

MAX_ROUNDS: Final = 50
"""Calls of one sweep of one shop; what is left waits for the next period."""


class Sweep:
    """Goes through the shops. `unsound_pools` is what the last comparison found, by shop."""

    def __init__(
        self,
        database: Database,
        engine: SaleEngine,
        shops: Shops,
        copier: LedgerCopier,
        repair: StockRepair,
    ) -> None:
        self._database = database
        self._engine = engine
        self._shops = shops
        self._copier = copier
        self._repair = repair
        self._frozen: set[str] = set()
        self.unsound_pools: dict[str, int] = {}

    async def expire_due(self) -> None:
        """End reservations past their deadline and drain sales that are over."""
        await self._in_each_shop(self._expire)

    async def copy_ledgers(self) -> None:
        """Copy every shop's ledger to SQL."""
        await self._in_each_shop(self.copy_ledger)

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
            except Frozen:
                await self._seen_frozen(shop)
            except Exception as error:  # noqa: BLE001 - whatever broke in one shop is that shop's trouble
                failed.append(error)
        if failed:
            raise ExceptionGroup(f"{len(failed)} shops failed", failed)

    async def copy_ledger(self, shop: str) -> None:
        """Copy one shop's ledger, or freeze the shop when Redis has lost what was copied before."""
        if shop in self._frozen and await self._repair.look(shop):
            return
        self._frozen.discard(shop)
        try:
            await self._copier.copy(shop)
        except LedgerBroken:
            await self._freeze(shop, "older_ledger")

    async def _freeze(self, shop: str, reason: str) -> None:
        self._frozen.add(shop)
        await self._repair.freeze(shop, reason)
        log.error("the stock of %s was lost (%s): nothing is sold until it is rebuilt", shop, reason)

    async def _seen_frozen(self, shop: str) -> None:
        """See to it that the host is told when a Function froze the shop."""
        if shop not in self._frozen:
            self._frozen.add(shop)
            await self._repair.look(shop)

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
        found = await self.faults(shop)
        for fault in found:
            log.error("the books of %s do not agree: %s", shop, fault)
        self.unsound_pools[shop] = len(found)
        if await self.lost_pools(shop) and not await self._repair.look(shop):
            await self._freeze(shop, "lost_pools")
        UNSOUND.labels(shop).set(self.unsound_pools[shop])

    async def faults(self, shop: str) -> list[str]:
        """Return what does not agree in one shop, a sentence each."""
        audit = await self._engine.audit(shop)
        found = [*audit.faults]
        found += [f"{pool.pool}: {fault}" for pool in audit.pools for fault in pool.faults]
        found += await self.lost_pools(shop)
        return found

    async def lost_pools(self, shop: str) -> list[str]:
        """Return the pools of Redis that are not what the ledger in SQL makes of them, a sentence each.

        Compared only when the copy was complete before and after, so that a sale under way is no fault.
        """
        before = await self._copier.position(shop)
        audit = await self._engine.audit(shop)
        async with self._database.read() as sql:
            expected = await rebuild_sql.expected_pools(sql, shop)
        complete = before == await self._engine.ledger_tail(shop) == await self._copier.position(shop)
        if not complete or before == ledger_sql.START:
            return []
        there = {one.pool: one.counters for one in audit.pools}
        return [
            sentence
            for pool, counters in expected.items()
            if (sentence := difference(pool, counters, there.get(pool))) is not None
        ]


def difference(pool: str, expected: dict[str, int], there: PoolCounters | None) -> str | None:
    """Return what is wrong with a pool, None when nothing is; one that is empty may have been removed."""
    if there is None:
        return (
            f"{pool}: Redis has lost it, SQL has {expected['total']} units"
            if any(expected.values())
            else None
        )
    differing = [name for name, units in expected.items() if getattr(there, name) != units]
    if not differing:
        return None
    redis = ", ".join(f"{getattr(there, name)} {name}" for name in differing)
    return f"{pool}: Redis has {redis}; SQL has {', '.join(f'{expected[name]} {name}' for name in differing)}"
