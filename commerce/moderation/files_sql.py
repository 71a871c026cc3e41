"""Notes about people, ready answers and rules in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.moderation.tables_sql import moderation_notes, room_policies, saved_replies


async def add_note(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write one note."""
    await sql.execute(sa.insert(moderation_notes).values(values))


async def remove_note(sql: AsyncConnection, shop: str, note: str) -> bool:
    """Remove a note; False when the shop has none of this id."""
    gone = sa.delete(moderation_notes).where(moderation_notes.c.id == note, moderation_notes.c.shop == shop)
    return (await sql.execute(gone)).rowcount == 1


async def notes_about(sql: AsyncConnection, shop: str, people: Sequence[str], limit: int) -> list[Any]:
    """Return the newest notes of a shop about any of these people."""
    query = sa.select(moderation_notes).where(
        moderation_notes.c.shop == shop, moderation_notes.c.person.in_(people)
    )
    newest = query.order_by(moderation_notes.c.at_ms.desc(), moderation_notes.c.id)
    return list(await sql.execute(newest.limit(limit)))


async def replies(sql: AsyncConnection, shop: str) -> list[Any]:
    """Return a shop's ready answers in their order."""
    query = sa.select(saved_replies).where(saved_replies.c.shop == shop)
    return list(await sql.execute(query.order_by(saved_replies.c.position)))


async def put_replies(sql: AsyncConnection, shop: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Replace a shop's ready answers by these (title, text)."""
    await sql.execute(sa.delete(saved_replies).where(saved_replies.c.shop == shop))
    rows = [
        {"shop": shop, "position": place, "title": title, "text": said}
        for place, (title, said) in enumerate(pairs)
    ]
    if rows:
        await sql.execute(sa.insert(saved_replies), rows)


async def policy_row(sql: AsyncConnection, shop: str) -> Any | None:
    """Return a shop's rules, or None when it has none of its own."""
    return (await sql.execute(sa.select(room_policies).where(room_policies.c.shop == shop))).one_or_none()


async def put_policy(sql: AsyncConnection, shop: str, values: dict[str, Any]) -> None:
    """Write a shop's rules; the caller has locked the shop."""
    change = sa.update(room_policies).where(room_policies.c.shop == shop).values(**values)
    if (await sql.execute(change)).rowcount == 0:
        await sql.execute(sa.insert(room_policies).values(shop=shop, **values))
