"""What a rebuild reads and writes in SQL; every function works in the caller's transaction."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.events import EFFECTS, Entry
from commerce.orders.rebuild_tables_sql import stock_rebuilds
from commerce.orders.states import OrderState, Stock
from commerce.orders.tables_sql import ledger_entries, order_lines, orders
from commerce.outbox_tables_sql import outbox
from commerce.sale.books import COUNTERS
from commerce.sale.rebuild import KnownOrder, OrderLine, Report

_entry = msgspec.json.Decoder(Entry)
_STREAM_MS_CHARS = 13
"""Digits of the milliseconds in a stream id, from 2001 to 2286."""


async def begin(sql: AsyncConnection, rebuild: str, shop: str, reason: str, now_ms: int) -> None:
    """Write down that a shop is frozen; one that is so already keeps its first record."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    row = {"id": rebuild, "shop": shop, "open_for": shop, "reason": reason, "found_at_ms": now_ms}
    await sql.execute(dialect.insert(stock_rebuilds).values(row).on_conflict_do_nothing())


async def standing(sql: AsyncConnection, shop: str) -> str | None:
    """Answer the record of a shop that is frozen, None when it is not."""
    query = sa.select(stock_rebuilds.c.id).where(stock_rebuilds.c.open_for == shop)
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return found


async def note_report(sql: AsyncConnection, rebuild: str, report: Report) -> None:
    """Write down what was found, before the shop sells again; a repair begun anew adds to it."""
    change = sa.update(stock_rebuilds).where(stock_rebuilds.c.id == rebuild)
    earlier = (
        await sql.execute(sa.select(stock_rebuilds.c.report).where(stock_rebuilds.c.id == rebuild))
    ).scalar_one_or_none()
    if earlier is not None:
        report = merged(msgspec.json.decode(earlier, type=Report), report)
    await sql.execute(change.values(report=msgspec.json.encode(report).decode()))


def merged(first: Report, again: Report) -> Report:
    """Answer both findings as one: what was corrected before is not found again."""
    lists = ("sold_again", "held_again", "restocked", "oversold", "dropped")
    both = {name: tuple(dict.fromkeys(getattr(first, name) + getattr(again, name))) for name in lists}
    return msgspec.structs.replace(again, **both)


async def finish(sql: AsyncConnection, rebuild: str, now_ms: int) -> None:
    """Write down that the shop sells again."""
    change = sa.update(stock_rebuilds).where(stock_rebuilds.c.id == rebuild)
    await sql.execute(change.values(open_for=None, repaired_at_ms=now_ms))


async def finish_told(sql: AsyncConnection, rebuild: str, now_ms: int) -> None:
    """Like `finish`, if it was written down what the repair found."""
    change = sa.update(stock_rebuilds).where(
        stock_rebuilds.c.id == rebuild, stock_rebuilds.c.report.is_not(None)
    )
    await sql.execute(change.values(open_for=None, repaired_at_ms=now_ms))


async def of_shop(sql: AsyncConnection, shop: str, limit: int = 20) -> Sequence[Any]:
    """Answer a shop's records, newest first."""
    query = sa.select(stock_rebuilds).where(stock_rebuilds.c.shop == shop)
    newest = query.order_by(stock_rebuilds.c.found_at_ms.desc(), stock_rebuilds.c.id).limit(limit)
    return (await sql.execute(newest)).all()


async def mark_seen(sql: AsyncConnection, shop: str, rebuild: str, now_ms: int) -> bool:
    """Write that the host has read a record of a repair; False when there is none of that id."""
    change = sa.update(stock_rebuilds).where(
        stock_rebuilds.c.id == rebuild,
        stock_rebuilds.c.shop == shop,
        stock_rebuilds.c.repaired_at_ms.is_not(None),
    )
    seen = sa.func.coalesce(stock_rebuilds.c.seen_at_ms, now_ms)
    return (await sql.execute(change.values(seen_at_ms=seen))).rowcount == 1


async def ids_there(sql: AsyncConnection, shop: str, ids: Collection[str]) -> set[str]:
    """Answer which of these ledger entries SQL has."""
    query = sa.select(ledger_entries.c.id).where(ledger_entries.c.shop == shop, ledger_entries.c.id.in_(ids))
    return set((await sql.execute(query)).scalars())


async def entry(sql: AsyncConnection, shop: str, entry_id: str) -> Entry | None:
    """Answer one copied ledger entry, None when SQL has none of that id."""
    query = sa.select(ledger_entries.c.fields).where(
        ledger_entries.c.shop == shop, ledger_entries.c.id == entry_id
    )
    fields = (await sql.execute(query)).scalar_one_or_none()
    return None if fields is None else _entry.decode(fields)


async def entries(sql: AsyncConnection, shop: str) -> AsyncIterator[Entry]:
    """Yield a shop's whole ledger, in the order of its ids."""
    sequence = sa.cast(sa.func.substr(ledger_entries.c.id, _STREAM_MS_CHARS + 2), sa.BigInteger)
    query = (
        sa.select(ledger_entries.c.fields)
        .where(ledger_entries.c.shop == shop)
        .order_by(sa.func.substr(ledger_entries.c.id, 1, _STREAM_MS_CHARS), sequence)
    )
    async for fields in (await sql.stream(query)).scalars():
        yield _entry.decode(fields)


async def expected_pools(sql: AsyncConnection, shop: str) -> dict[str, dict[str, int]]:
    """Answer what each pool's counters must be, as the copied ledger tells."""
    sums = [
        sa.func.sum(
            sa.case(*((ledger_entries.c.kind == kind, by[place]) for kind, by in EFFECTS.items()), else_=0)
            * ledger_entries.c.quantity
        ).label(name)
        for place, name in enumerate(COUNTERS)
    ]
    query = (
        sa.select(ledger_entries.c.pool, *sums)
        .where(ledger_entries.c.shop == shop, ledger_entries.c.kind.in_(list(EFFECTS)))
        .group_by(ledger_entries.c.pool)
    )
    rows = (await sql.execute(query)).mappings()
    return {row["pool"]: {name: int(row[name]) for name in COUNTERS} for row in rows if row["pool"]}


async def unsettled_orders(sql: AsyncConnection, shop: str) -> list[KnownOrder]:
    """Answer the orders that units are held for, and the sold ones whose sale the ledger does not have."""
    told = sa.exists().where(ledger_entries.c.order == orders.c.id, ledger_entries.c.kind == "commit")
    told = told.where(ledger_entries.c.shop == shop)
    held = sa.and_(
        orders.c.stock == Stock.HELD, orders.c.state.in_((OrderState.PENDING, OrderState.AUTHORISED))
    )
    lost = sa.and_(orders.c.stock == Stock.COMMITTED, ~told)
    query = sa.select(orders).where(orders.c.shop == shop, sa.or_(held, lost))
    rows = (await sql.execute(query.order_by(orders.c.created_at_ms, orders.c.id))).all()
    return await _known(sql, rows)


async def sold_orders(sql: AsyncConnection, shop: str, pools: Iterable[str]) -> dict[str, list[KnownOrder]]:
    """Answer the orders sold from each of these pools, newest first."""
    found: dict[str, list[KnownOrder]] = {}
    for pool in pools:
        lines = sa.select(order_lines.c.order).where(order_lines.c.pool == pool)
        query = sa.select(orders).where(
            orders.c.shop == shop, orders.c.stock == Stock.COMMITTED, orders.c.id.in_(lines)
        )
        newest = query.order_by(orders.c.created_at_ms.desc(), orders.c.id.desc())
        found[pool] = await _known(sql, (await sql.execute(newest)).all())
    return found


async def waiting_rows(sql: AsyncConnection, shop: str) -> set[str]:
    """Answer the outbox rows of a shop that are not sent."""
    query = sa.select(outbox.c.id).where(outbox.c.shop == shop, outbox.c.refused.is_(None))
    return set((await sql.execute(query)).scalars())


async def drop_rows(sql: AsyncConnection, rows: Collection[str]) -> None:
    """Remove outbox rows whose work is done."""
    await sql.execute(sa.delete(outbox).where(outbox.c.id.in_(rows)))


async def _known(sql: AsyncConnection, rows: Sequence[Any]) -> list[KnownOrder]:
    lines: dict[str, list[OrderLine]] = {row.id: [] for row in rows}
    query = sa.select(order_lines).where(order_lines.c.order.in_(list(lines)))
    names = OrderLine.__struct_fields__
    for line in await sql.execute(query.order_by(order_lines.c.order, order_lines.c.position)):
        lines[line.order].append(OrderLine(**{name: getattr(line, name) for name in names}))
    return [
        KnownOrder(
            id=row.id,
            number=row.number,
            person=row.person,
            show=row.show,
            created_at_ms=row.created_at_ms,
            deadline_ms=row.deadline_ms,
            sold=row.stock == Stock.COMMITTED,
            paid_for=row.winner is not None,
            lines=tuple(lines[row.id]),
        )
        for row in rows
    ]
