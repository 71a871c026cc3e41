"""What was uploaded for conversations, in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.conversations.structs import Side
from commerce.conversations.tables_sql import attachments

Row = Any


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write down an upload that waits for its message."""
    await sql.execute(sa.insert(attachments).values(values))


async def waiting_total(sql: AsyncConnection, order: str, side: Side) -> int:
    """Count what a side has uploaded and not sent."""
    query = sa.select(sa.func.count()).where(
        attachments.c.order == order, attachments.c.side == side, attachments.c.message.is_(None)
    )
    return int((await sql.execute(query)).scalar_one())


async def waiting(sql: AsyncConnection, order: str, side: Side, ids: Sequence[str]) -> list[Row]:
    """Return those of a side's uploads that wait for a message."""
    query = sa.select(attachments).where(
        attachments.c.id.in_(ids),
        attachments.c.order == order,
        attachments.c.side == side,
        attachments.c.message.is_(None),
    )
    return list(await sql.execute(query))


async def send(sql: AsyncConnection, message: int, ids: Sequence[str]) -> None:
    """Send uploads with a message, in this order."""
    for position, one in enumerate(ids):
        change = sa.update(attachments).where(attachments.c.id == one)
        await sql.execute(change.values(message=message, position=position))


async def of_messages(sql: AsyncConnection, order: str, numbers: Sequence[int]) -> dict[int, list[Row]]:
    """Return what was sent with messages of an order, in order."""
    if not numbers:
        return {}
    query = (
        sa.select(attachments)
        .where(attachments.c.order == order, attachments.c.message.in_(numbers))
        .order_by(attachments.c.message, attachments.c.position)
    )
    found: dict[int, list[Row]] = {}
    for row in await sql.execute(query):
        found.setdefault(row.message, []).append(row)
    return found


async def kind_of(sql: AsyncConnection, attachment: str) -> str | None:
    """Return what an attachment is, None when there is none."""
    query = sa.select(attachments.c.kind).where(attachments.c.id == attachment)
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return found


async def take_unsent(sql: AsyncConnection, before_ms: int, limit: int) -> list[Row]:
    """Remove and return uploads of before a moment that were never sent."""
    where = (attachments.c.message.is_(None), attachments.c.created_at_ms < before_ms)
    old = sa.select(attachments.c.id).where(*where).order_by(attachments.c.created_at_ms).limit(limit)
    # Judged once more as it is removed: it may have been sent since.
    gone = sa.delete(attachments).where(attachments.c.id.in_(old), attachments.c.message.is_(None))
    return list(await sql.execute(gone.returning(attachments.c.id, attachments.c.kind)))


async def take_of_buyers(sql: AsyncConnection, orders: Sequence[str]) -> list[Row]:
    """Remove and return what buyers have uploaded for these orders."""
    theirs = sa.delete(attachments).where(attachments.c.order.in_(orders), attachments.c.side == "buyer")
    return list(await sql.execute(theirs.returning(attachments.c.id, attachments.c.kind)))
