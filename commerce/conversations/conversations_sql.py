"""Conversations and their messages in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.conversations.structs import Side
from commerce.conversations.tables_sql import conversations, messages
from commerce.orders.tables_sql import orders

Row = Any
OTHER: dict[Side, Side] = {"buyer": "shop", "shop": "buyer"}


async def row(sql: AsyncConnection, order: str, *, lock: bool = False) -> Row | None:
    """Return an order's conversation, None before its first message; locked until the transaction ends."""
    query = sa.select(conversations).where(conversations.c.order == order)
    return (await sql.execute(query.with_for_update() if lock else query)).first()


async def opened(sql: AsyncConnection, order: str, shop: str, now_ms: int) -> Row:
    """Return the conversation of an order that the caller has locked; made when there is none."""
    found = await row(sql, order, lock=True)
    if found is not None:
        return found
    values = {"order": order, "shop": shop, "version": 0, "last": 0, "updated_at_ms": now_ms}
    await sql.execute(sa.insert(conversations).values(values))
    return await row(sql, order)


async def change(sql: AsyncConnection, order: str, now_ms: int, **values: object) -> None:
    """Change a conversation, so that its readers see it."""
    counted = {"version": conversations.c.version + 1, "updated_at_ms": now_ms}
    await sql.execute(sa.update(conversations).where(conversations.c.order == order).values(counted | values))


async def note(sql: AsyncConnection, order: str, **values: object) -> None:
    """Change what no reader sees."""
    await sql.execute(sa.update(conversations).where(conversations.c.order == order).values(values))


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write a message."""
    await sql.execute(sa.insert(messages).values(values))


async def one(sql: AsyncConnection, order: str, number: int) -> Row:
    """Return a message that is there."""
    where = (messages.c.order == order, messages.c.number == number)
    return (await sql.execute(sa.select(messages).where(*where))).one()


async def page(sql: AsyncConnection, order: str, before: int | None, limit: int) -> list[Row]:
    """Return messages below a number, newest first; None is from the newest on."""
    query = sa.select(messages).where(messages.c.order == order)
    if before is not None:
        query = query.where(messages.c.number < before)
    return list(await sql.execute(query.order_by(messages.c.number.desc()).limit(limit)))


async def unread_after(sql: AsyncConnection, order: str, side: Side, number: int) -> int:
    """Count what the other side has said after a message."""
    query = sa.select(sa.func.count()).where(
        messages.c.order == order,
        messages.c.side == OTHER[side],
        messages.c.kind == "said",
        messages.c.number > number,
    )
    return int((await sql.execute(query)).scalar_one())


async def authors(sql: AsyncConnection, order: str) -> list[str]:
    """Return who of the staff has written, latest first."""
    query = (
        sa.select(messages.c.author)
        .where(messages.c.order == order, messages.c.author.is_not(None))
        .group_by(messages.c.author)
        .order_by(sa.func.max(messages.c.number).desc())
    )
    return list((await sql.execute(query)).scalars())


async def unread_of_shop(sql: AsyncConnection, shop: str) -> int:
    """Count a shop's orders with messages that nobody of it has read."""
    query = sa.select(sa.func.count()).where(conversations.c.shop == shop, conversations.c.shop_unread > 0)
    return int((await sql.execute(query)).scalar_one())


async def shop_language(sql: AsyncConnection, shop: str) -> str | None:
    """Return the language in which a shop's staff wrote last; None when they never did."""
    query = (
        sa.select(conversations.c.shop_language)
        .where(conversations.c.shop == shop, conversations.c.shop_language.is_not(None))
        .order_by(conversations.c.updated_at_ms.desc())
        .limit(1)
    )
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return found


async def unread(sql: AsyncConnection, side: Side, ids: Sequence[str]) -> dict[str, int]:
    """Return how many messages a side has not read, by order; orders without any are left out."""
    if not ids:
        return {}
    column = conversations.c[f"{side}_unread"]
    query = sa.select(conversations.c.order, column).where(conversations.c.order.in_(ids), column > 0)
    return {order: int(count) for order, count in await sql.execute(query)}


async def orders_of(sql: AsyncConnection, person: str) -> list[str]:
    """Return a person's orders that have a conversation or could have uploads."""
    return list((await sql.execute(sa.select(orders.c.id).where(orders.c.person == person))).scalars())


async def forget_words(sql: AsyncConnection, ids: Sequence[str]) -> None:
    """Remove what buyers wrote about these orders; that they wrote, and the shop's words, stay."""
    theirs = (messages.c.order.in_(ids), messages.c.side == "buyer")
    await sql.execute(sa.update(messages).where(*theirs).values(text=""))
    told = {"version": conversations.c.version + 1, "shop_told_ms": None, "buyer_told_ms": None}
    await sql.execute(sa.update(conversations).where(conversations.c.order.in_(ids)).values(told))
