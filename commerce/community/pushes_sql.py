"""Browsers that take pushes, in SQL; every function works in the caller's transaction."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.community.tables_sql import push_subscriptions

_c = push_subscriptions.c


async def put(sql: AsyncConnection, row: dict[str, Any], most: int) -> None:
    """Insert a browser in place of what is known of it; the person's oldest above `most` are forgotten."""
    await sql.execute(sa.delete(push_subscriptions).where(_c.id == row["id"]))
    await sql.execute(sa.insert(push_subscriptions).values(**row))
    newest_first = sa.select(_c.id).where(_c.person == row["person"]).order_by(_c.created_at_ms.desc(), _c.id)
    known = list((await sql.execute(newest_first)).scalars())
    if known[most:]:
        await sql.execute(sa.delete(push_subscriptions).where(_c.id.in_(known[most:])))


async def remove(sql: AsyncConnection, subscription: str, person: str | None = None) -> None:
    """Delete a browser, only of `person` when one is named."""
    gone = sa.delete(push_subscriptions).where(_c.id == subscription)
    await sql.execute(gone if person is None else gone.where(_c.person == person))


async def row(sql: AsyncConnection, subscription: str) -> Any | None:
    """Return one browser, or None."""
    query = sa.select(push_subscriptions).where(_c.id == subscription)
    return (await sql.execute(query)).one_or_none()


async def of_person(sql: AsyncConnection, person: str) -> list[str]:
    """Return the ids of a person's browsers."""
    return list((await sql.execute(sa.select(_c.id).where(_c.person == person))).scalars())
