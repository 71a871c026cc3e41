"""The outbox: what must happen outside SQL because of a change in SQL, told in the same transaction.

A row is written with the change and sent right after the commit by the process that wrote it; what is
left (a crash, Redis away) the worker sends again. The row's id is the operation id of what it starts, so
sending twice changes nothing twice.

Rows of one **lane** go in the order in which they were written: a shop's facts share the lane of the shop,
so that "pinned A, pinned B" never arrives as "B, A", whichever process sends. A sender therefore never
skips a row of its lane that another process may be sending at the same time: it sends it too. A mail has a
lane of its own and is claimed first, because a mail sent twice is a nuisance.

Whoever carries rows of a kind out says so with `handle`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.database_sql import Database
from commerce.errors import Busy, CommerceError
from commerce.outbox_tables_sql import outbox
from commerce.ports import Clock, NewId

log = logging.getLogger(__name__)

SEND_AT_ONCE_S = 3.0
"""How long the committing process tries before it leaves the rows to the worker."""
FIRST_DELAY_MS = 1_000
MAX_DELAY_MS = 60_000
CLAIM_MS = 60_000
ROWS_PER_PASS = 100


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One row to send. `id` is the operation id of what it starts."""

    id: str
    lane: str
    kind: str
    shop: str | None
    payload: dict[str, Any]
    created_at_ms: int
    due_at_ms: int
    attempts: int


Handler = Callable[[OutboxRow], Awaitable[None]]


def retry_delay_ms(attempts: int) -> int:
    """Answer the pause before the next try: doubled each time, a minute at most."""
    return min(MAX_DELAY_MS, FIRST_DELAY_MS << min(attempts, 10))


class Unit:
    """One transaction that may leave outbox rows; `sql` is its connection."""

    def __init__(self, sql: AsyncConnection, box: "Outbox") -> None:
        self.sql = sql
        self.lanes: dict[str, None] = {}
        self._box = box

    async def add(
        self, kind: str, payload: dict[str, Any], *, shop: str | None = None, delay_ms: int = 0
    ) -> str:
        """Write a row with the change; answers its id. With `shop` it goes in that shop's order.

        With `delay_ms` the worker sends it later, outside any order.
        """
        row_id, lane = await self._box.add(self.sql, kind, payload, shop=shop, delay_ms=delay_ms)
        if not delay_ms:
            self.lanes[lane] = None
        return row_id

    def new_id(self, prefix: str) -> str:
        """Answer a fresh id, for a row of another table that is written beside the outbox's."""
        return self._box.new_id(prefix)

    def now_ms(self) -> int:
        """Answer the present time by the outbox's clock."""
        return self._box.now_ms()


class Outbox:
    """Writes, sends and resends rows. Handlers are set once at start, one for each kind."""

    def __init__(self, database: Database, now_ms: Clock, new_id: NewId) -> None:
        self.database = database
        self.now_ms = now_ms
        self.new_id = new_id
        self._handlers: dict[str, Handler] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.refused_total = 0

    def handle(self, kind: str, handler: Handler) -> None:
        """Say who carries out rows of `kind`; a CommerceError other than Busy refuses the row for good."""
        self._handlers[kind] = handler

    async def add(
        self,
        sql: AsyncConnection,
        kind: str,
        payload: dict[str, Any],
        *,
        shop: str | None = None,
        delay_ms: int = 0,
    ) -> tuple[str, str]:
        """Write a row in the caller's transaction; answers (id, lane) for `send` after the commit."""
        row_id, now_ms = self.new_id("ob"), self.now_ms()
        lane = f"shop:{shop}" if shop and not delay_ms else row_id
        await sql.execute(
            sa.insert(outbox).values(
                id=row_id,
                lane=lane,
                kind=kind,
                shop=shop,
                payload=msgspec.json.encode(payload).decode(),
                created_at_ms=now_ms,
                due_at_ms=now_ms + delay_ms,
            )
        )
        return row_id, lane

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """One atomic change whose rows are sent right after its commit, before the block is left."""
        async with self.database.write() as sql:
            unit = Unit(sql, self)
            yield unit
        await self.send(unit.lanes)

    async def send(self, lanes: Iterable[str]) -> None:
        """Send what waits in these lanes; what fails or takes too long is left to the worker."""
        for lane in lanes:
            try:
                async with asyncio.timeout(SEND_AT_ONCE_S):
                    await self._send_lane(lane)
            except TimeoutError:
                log.warning("outbox lane %s is slow; its rows are left to the worker", lane)

    async def send_due(self, limit: int = 200) -> int:
        """Send everything that is due (the worker's job); answers how many lanes were looked at."""
        due = (
            sa.select(outbox.c.lane)
            .where(outbox.c.due_at_ms <= self.now_ms(), outbox.c.refused.is_(None))
            .group_by(outbox.c.lane)
            .order_by(sa.func.min(outbox.c.seq))
            .limit(limit)
        )
        async with self.database.read() as sql:
            lanes = list((await sql.execute(due)).scalars())
        await self.send(lanes)
        return len(lanes)

    async def waiting(self) -> int:
        """Count the rows that are not sent yet, refused ones not counted."""
        query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.refused.is_(None))
        async with self.database.read() as sql:
            return int((await sql.execute(query)).scalar_one())

    async def _send_lane(self, lane: str) -> None:
        lock = self._locks.setdefault(lane, asyncio.Lock())
        async with lock:
            rows = await self._waiting_rows(lane)
            while rows:
                if not await self._send_rows(rows) or len(rows) < ROWS_PER_PASS:
                    return
                rows = await self._waiting_rows(lane)

    async def _send_rows(self, rows: list[OutboxRow]) -> bool:
        """Send in order until one must wait; answers whether all went."""
        sent: list[str] = []
        try:
            for row in rows:
                if not await self._send_row(row):
                    return False
                sent.append(row.id)
        finally:
            if sent:
                async with self.database.write() as sql:
                    await sql.execute(sa.delete(outbox).where(outbox.c.id.in_(sent)))
        return True

    async def _send_row(self, row: OutboxRow) -> bool:
        if row.lane == row.id and not await self._claim(row):
            return False
        try:
            await self._handlers[row.kind](row)
        except CommerceError as error:
            if isinstance(error, Busy):
                await self._postpone(row)
                return False
            await self._refuse(row, error)
        except Exception:
            # Whatever broke (Redis away, a mail server), the row must stay and come again later.
            log.warning("outbox row %s (%s) failed, it will be repeated", row.id, row.kind, exc_info=True)
            await self._postpone(row)
            return False
        return True

    async def _waiting_rows(self, lane: str) -> list[OutboxRow]:
        query = (
            sa.select(outbox)
            .where(outbox.c.lane == lane, outbox.c.refused.is_(None))
            .order_by(outbox.c.seq)
            .limit(ROWS_PER_PASS)
        )
        async with self.database.read() as sql:
            found = (await sql.execute(query)).mappings().all()
        fields = OutboxRow.__dataclass_fields__
        return [
            OutboxRow(
                **{name: row[name] for name in fields} | {"payload": msgspec.json.decode(row["payload"])}
            )
            for row in found
        ]

    async def _claim(self, row: OutboxRow) -> bool:
        now_ms = self.now_ms()
        if row.due_at_ms > now_ms:
            return False
        taken = (
            sa.update(outbox)
            .where(outbox.c.id == row.id, outbox.c.due_at_ms == row.due_at_ms)
            .values(due_at_ms=now_ms + CLAIM_MS)
        )
        async with self.database.write() as sql:
            return (await sql.execute(taken)).rowcount == 1

    async def _postpone(self, row: OutboxRow) -> None:
        later = self.now_ms() + retry_delay_ms(row.attempts)
        change = sa.update(outbox).where(outbox.c.id == row.id)
        async with self.database.write() as sql:
            await sql.execute(change.values(due_at_ms=later, attempts=row.attempts + 1))

    async def _refuse(self, row: OutboxRow, error: CommerceError) -> None:
        """Keep a row that can never succeed for people to see; its lane goes on."""
        self.refused_total += 1
        log.error("outbox row %s (%s) was refused: %s %s", row.id, row.kind, error.code, error)
        async with self.database.write() as sql:
            await sql.execute(sa.update(outbox).where(outbox.c.id == row.id).values(refused=error.code))
