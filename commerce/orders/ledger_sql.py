"""The ledger's copy in SQL, and how far it has come."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.events import Entry
from commerce.orders.tables_sql import ledger_entries, ledger_positions

START = "0-0"


async def position(sql: AsyncConnection, shop: str) -> str:
    """Return the id of the last entry copied, `START` when none was."""
    query = sa.select(ledger_positions.c.position).where(ledger_positions.c.shop == shop)
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return START if found is None else found


async def advance(sql: AsyncConnection, shop: str, old: str, new: str, now_ms: int) -> bool:
    """Move the position, in the transaction that copies; False when another copier was here first."""
    if old == START:
        dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(ledger_positions).values(shop=shop, position=new, updated_at_ms=now_ms)
        return (await sql.execute(insert.on_conflict_do_nothing())).rowcount == 1
    moved = await sql.execute(
        sa.update(ledger_positions)
        .where(ledger_positions.c.shop == shop, ledger_positions.c.position == old)
        .values(position=new, updated_at_ms=now_ms)
    )
    return moved.rowcount == 1


async def start_from(sql: AsyncConnection, shop: str, position: str, now_ms: int) -> None:
    """Set the position, whatever it was: all entries up to it are copied."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    values = {"position": position, "updated_at_ms": now_ms}
    insert = dialect.insert(ledger_positions).values(shop=shop, **values)
    await sql.execute(insert.on_conflict_do_update(index_elements=["shop"], set_=values))


async def insert(sql: AsyncConnection, shop: str, entries: Sequence[Entry]) -> None:
    """Write entries down; the position sees to it that each comes once."""
    rows = [
        {
            "shop": shop,
            "id": entry.id,
            "kind": entry.kind,
            "person": entry.person,
            "show": entry.show,
            "reservation": entry.reservation,
            "order": entry.order,
            "pool": entry.pool,
            "variant": entry.variant,
            "quantity": entry.quantity,
            "fields": msgspec.json.encode(entry).decode(),
            "at_ms": entry.at_ms,
        }
        for entry in entries
    ]
    if rows:
        await sql.execute(sa.insert(ledger_entries), rows)


async def sold_by_pool(sql: AsyncConnection, shop: str) -> dict[str, int]:
    """Return the units sold of each pool as the copied ledger tells, returns taken off."""
    sign = sa.case((ledger_entries.c.kind.in_(("commit", "fold_in")), 1), else_=-1)
    query = (
        sa.select(ledger_entries.c.pool, sa.func.sum(sign * ledger_entries.c.quantity))
        .where(
            ledger_entries.c.shop == shop,
            ledger_entries.c.kind.in_(("commit", "return_sold", "fold_in", "fold_out")),
        )
        .group_by(ledger_entries.c.pool)
    )
    return {pool: int(units) for pool, units in await sql.execute(query) if pool is not None}
