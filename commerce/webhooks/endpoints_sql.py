"""Endpoints in SQL; every function works in the caller's transaction."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.webhooks.tables_sql import webhook_deliveries, webhook_endpoints


async def insert(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write a new endpoint."""
    await sql.execute(sa.insert(webhook_endpoints).values(values))


async def of_shop(sql: AsyncConnection, shop: str) -> list[Any]:
    """Return a shop's endpoints, oldest first."""
    query = sa.select(webhook_endpoints).where(webhook_endpoints.c.shop == shop)
    return list(await sql.execute(query.order_by(webhook_endpoints.c.created_at_ms, webhook_endpoints.c.id)))


async def row(sql: AsyncConnection, endpoint: str, *, lock: bool = False) -> Any | None:
    """Return one endpoint, or None; with `lock` it stays as it is until the transaction ends.

    Events may be written for a locked one meanwhile: what happens in the shop waits for no receiver's answer.
    """
    query = sa.select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint)
    return (await sql.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()


async def change(sql: AsyncConnection, endpoint: str, values: dict[str, Any]) -> None:
    """Change columns of one endpoint."""
    if values:
        await sql.execute(
            sa.update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint).values(values)
        )


async def remove(sql: AsyncConnection, endpoint: str) -> None:
    """Remove an endpoint with its deliveries, once no event is being written for it."""
    mine = sa.select(webhook_endpoints.c.id).where(webhook_endpoints.c.id == endpoint)
    await sql.execute(mine.with_for_update())
    await sql.execute(sa.delete(webhook_deliveries).where(webhook_deliveries.c.endpoint == endpoint))
    await sql.execute(sa.delete(webhook_endpoints).where(webhook_endpoints.c.id == endpoint))
