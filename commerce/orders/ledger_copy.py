"""Copies each shop's ledger from Redis to SQL, and lets it move the states of orders.

The position stands in SQL and moves in the transaction that copies, so every entry is copied exactly
once, however many copiers run or die. An entry moves an order that is there; it never makes one.
"""

import logging
from typing import Final

from commerce.database_sql import Database, Sql
from commerce.errors import NoSuchOrder
from commerce.events import Entry, Kind
from commerce.orders import ledger_sql, orders_sql
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.settlement import SOON_MS
from commerce.orders.states import OrderState, Stock
from commerce.orders.view import order_view
from commerce.ports import Clock
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine

log = logging.getLogger(__name__)

BATCH: Final = 200
KEEP_MS: Final = 3_600_000
"""The ledger in Redis is trimmed below the copied position and this age, whichever is lower."""


class LedgerCopier:
    """The worker's copier. It also tells people that a reservation of theirs has ended, and how."""

    def __init__(
        self, database: Database, engine: SaleEngine, door: BuyingDoor, people: PeopleChannel, now_ms: Clock
    ) -> None:
        self._database = database
        self._engine = engine
        self._door = door
        self._people = people
        self._now_ms = now_ms
        self.copied_total = 0

    async def copy(self, shop: str) -> int:
        """Copy what is new of one shop; returns how many entries."""
        copied = 0
        while True:
            batch = await self._copy_batch(shop)
            copied += batch
            if batch < BATCH:
                self.copied_total += copied
                return copied

    async def position(self, shop: str) -> str:
        """Return how far the copy has come."""
        async with self._database.read() as sql:
            return await ledger_sql.position(sql, shop)

    async def trim(self, shop: str) -> None:
        """Drop entries from Redis that are copied and older than an hour."""
        position = await self.position(shop)
        oldest_ms = self._now_ms() - KEEP_MS
        if int(position.partition("-")[0]) > oldest_ms:
            position = f"{oldest_ms}-0"
        if position != ledger_sql.START:
            await self._engine.ledger_trim(shop, below=position)

    async def _copy_batch(self, shop: str) -> int:
        position = await self.position(shop)
        rows = await self._engine.ledger_read_raw(shop, position, BATCH)
        if not rows:
            return 0
        entries = [entry for _, entry in rows if entry is not None]
        async with self._database.write() as sql:
            if not await ledger_sql.advance(sql, shop, position, rows[-1][0], self._now_ms()):
                return 0  # another copier was here; the next round starts from its position
            await ledger_sql.insert(sql, shop, entries)
            moved = [order for entry in entries if (order := await self._move(sql, entry)) is not None]
        for order in dict.fromkeys(moved):
            await self._tell_order(order)
        await self._tell_ended(shop, entries)
        return len(rows)

    async def _move(self, sql: Sql, entry: Entry) -> str | None:
        """Let one entry move its order; returns the order when its state has changed."""
        if entry.order is None or entry.kind not in {Kind.COMMIT, Kind.EXPIRE, Kind.RELEASE}:
            return None
        try:
            record = await orders_sql.load(sql, entry.order, lock=True)
        except NoSuchOrder:
            log.warning("the ledger of %s tells of order %s, which SQL has not", entry.id, entry.order)
            return None
        row, now_ms = record.order, self._now_ms()
        if entry.kind is Kind.COMMIT:
            if row.stock == Stock.HELD and row.winner is not None:
                late = row.state == OrderState.EXPIRED
                values = {"state": OrderState.AUTHORISED} if late else {}
                await orders_sql.change(
                    sql, row, now_ms, stock=Stock.COMMITTED, next_step_at_ms=now_ms + SOON_MS, **values
                )
            return None
        if row.state != OrderState.PENDING:
            return None
        await orders_sql.change(sql, row, now_ms, state=OrderState.EXPIRED, next_step_at_ms=now_ms)
        return entry.order

    async def _tell_order(self, order: str) -> None:
        async with self._database.read() as sql:
            record = await orders_sql.load(sql, order)
        await self._people.order(record.order.shop, order_view(record, private=False))

    async def _tell_ended(self, shop: str, entries: list[Entry]) -> None:
        over = dict.fromkeys(one.reservation for one in entries if one.ends and one.reservation)
        for reservation in over:
            ended = await self._engine.reservation(shop, reservation)
            if ended is not None:
                await self._people.reservation(shop, ended.person, await self._door.view(shop, ended))
