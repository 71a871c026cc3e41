"""What each shop says about its ways to be paid, in SQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.payments.tables_sql import payment_methods


async def of_shop(sql: AsyncConnection, shop: str) -> dict[str, Any]:
    """Return the shop's rows by method; a method without one is as it comes."""
    query = sa.select(payment_methods).where(payment_methods.c.shop == shop)
    return {row.method: row for row in await sql.execute(query)}


async def instructions(sql: AsyncConnection, shop: str, method: str) -> str | None:
    """Return what the shop says about paying this way; None when nothing."""
    query = sa.select(payment_methods.c.instructions).where(
        payment_methods.c.shop == shop, payment_methods.c.method == method
    )
    return (await sql.execute(query)).scalar_one_or_none() or None


async def put(sql: AsyncConnection, shop: str, method: str, values: dict[str, Any]) -> None:
    """Write the shop's row for one method, whatever was there."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(payment_methods).values(shop=shop, method=method, **values)
    await sql.execute(insert.on_conflict_do_update(index_elements=["shop", "method"], set_=values))
