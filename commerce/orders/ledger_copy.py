"""Copies each shop's ledger from Redis to SQL, and lets it move the states of orders.

The position stands in SQL and moves in the transaction that copies, so every entry is copied exactly
once, however many copiers run or die. An entry moves an order that is there; it never makes one.

Each read begins with the entry at the position. When Redis does not have that one, it has lost writes: then
nothing is copied (`LedgerBroken`), or the loss could not be seen any more; see `commerce.orders.repair`.
"""

import logging
from typing import Final

from commerce.database_sql import Sql
from commerce.errors import NoSuchOrder
from commerce.events import Entry, Kind
from commerce.orders import ledger_sql, orders_sql, rebuild_sql
from commerce.orders.offers import Offers
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.settlement import SOON_MS
from commerce.orders.states import OrderState, Stock
from commerce.orders.view import order_view
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine
from commerce.shows import sales_sql
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType, StockData

log = logging.getLogger(__name__)

BATCH: Final = 1_000
"""Entries of one transaction. In a rush 200 cost the worker 25 µs each, 1,000 cost 18."""
KEEP_MS: Final = 3_600_000
"""The ledger in Redis is trimmed below the copied position and this age, whichever is lower."""


class LedgerBroken(Exception):  # noqa: N818 - named for what is so
    """Redis does not have the entry that was copied last."""


class LedgerCopier:
    """The worker's copier.

    It also tells people how a reservation of theirs has ended, and what the waitlist offers them.
    """

    def __init__(
        self,
        outbox: Outbox,
        engine: SaleEngine,
        door: BuyingDoor,
        people: PeopleChannel,
        offers: Offers,
        now_ms: Clock,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._door = door
        self._people = people
        self._offers = offers
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

    async def copy_missing(self, shop: str) -> int:
        """Copy whatever Redis has and SQL has not, the position unmoved; returns how many entries.

        Only for a shop that is frozen: between two reads nothing may be trimmed or come in out of order.
        """
        copied, place = 0, ledger_sql.START
        while rows := await self._engine.ledger_read_raw(shop, place, BATCH):
            place = rows[-1][0]
            async with self._database.write() as sql:
                there = await rebuild_sql.ids_there(sql, shop, [entry_id for entry_id, _ in rows])
                entries = [one for entry_id, one in rows if one is not None and entry_id not in there]
                moved = await self._take(sql, shop, entries)
            await self._tell(shop, entries, moved)
            copied += len(entries)
        return copied

    async def start_from(self, sql: Sql, shop: str, position: str) -> None:
        """Go on behind this entry: everything up to it is copied."""
        await ledger_sql.start_from(sql, shop, position, self._now_ms())

    async def _copy_batch(self, shop: str) -> int:
        async with self._database.read() as sql:
            position = await ledger_sql.position(sql, shop)
            last = await rebuild_sql.entry(sql, shop, position)
        rows = await self._engine.ledger_from(shop, position, BATCH + 1)
        if position != ledger_sql.START:
            first = rows.pop(0) if rows else ("", None)
            if first[0] != position or (last is not None and first[1] != last):
                raise LedgerBroken(shop)
        if not rows:
            return 0
        entries = [entry for _, entry in rows if entry is not None]
        async with self._outbox.write() as unit:
            if not await ledger_sql.advance(unit.sql, shop, position, rows[-1][0], self._now_ms()):
                return 0  # another copier was here; the next round starts from its position
            moved = await self._take(unit.sql, shop, entries)
            await self._offers.plan(unit.sql, shop, entries)
            for entry in entries:
                await _tell_sold_out(unit, shop, entry)
        await self._tell(shop, entries, moved)
        return len(rows)

    async def _take(self, sql: Sql, shop: str, entries: list[Entry]) -> list[str]:
        """Write entries down and let them move their orders; returns those that moved."""
        await ledger_sql.insert(sql, shop, entries)
        return [order for entry in entries if (order := await self._move(sql, entry)) is not None]

    async def _tell(self, shop: str, entries: list[Entry], moved: list[str]) -> None:
        for order in dict.fromkeys(moved):
            await self._tell_order(order)
        await self._tell_ended(shop, entries)
        await self._offers.tell(shop, entries)

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


async def _tell_sold_out(unit: Unit, shop: str, entry: Entry) -> None:
    """Tell the shop's webhooks of a pool's last unit; one that is held might have come back.

    A flash sale that is over has given its rest back to the ordinary stock: it is empty, and not sold out.
    """
    after = entry.counters
    if entry.kind is not Kind.COMMIT or after is None or after.available or after.held:
        return
    if entry.sale is not None:
        sale = await sales_sql.sale_row(unit.sql, entry.sale)
        if sale is None or after.sold < sale.quantity:
            return
    assert entry.variant is not None
    assert entry.pool is not None
    data = StockData(entry.product, entry.variant, entry.sale, entry.show, entry.pool, after.sold)
    await webhooks.emit(unit, shop, EventType.STOCK_SOLD_OUT, data)
