"""By which names files know our things; every function works in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.feeds.tables_sql import picture_sources, product_handles, variant_names


async def products_by_handle(sql: AsyncConnection, shop: str, handles: Iterable[str]) -> dict[str, str]:
    """Answer the product of each handle; unknown ones are left out."""
    table = product_handles
    where = (table.c.shop == shop, table.c.handle.in_(list(handles)))
    rows = await sql.execute(sa.select(table.c.handle, table.c.product).where(*where))
    return {row.handle: row.product for row in rows}


async def variants_by_name(sql: AsyncConnection, shop: str, names: Iterable[str]) -> dict[str, str]:
    """Answer the variant of each name; unknown ones are left out."""
    table = variant_names
    where = (table.c.shop == shop, table.c.name.in_(list(names)))
    rows = await sql.execute(sa.select(table.c.name, table.c.variant).where(*where))
    return {row.name: row.variant for row in rows}


async def handles_of(sql: AsyncConnection, shop: str, products: Sequence[str]) -> dict[str, str]:
    """Answer the handle of each product; those without one are left out."""
    table = product_handles
    where = (table.c.shop == shop, table.c.product.in_(list(products)))
    rows = await sql.execute(
        sa.select(table.c.handle, table.c.product).where(*where).order_by(table.c.handle)
    )
    return {row.product: row.handle for row in rows}


async def names_of(sql: AsyncConnection, shop: str, variants: Sequence[str]) -> dict[str, str]:
    """Answer the name of each variant; those without one are left out."""
    table = variant_names
    where = (table.c.shop == shop, table.c.variant.in_(list(variants)))
    rows = await sql.execute(sa.select(table.c.name, table.c.variant).where(*where).order_by(table.c.name))
    return {row.variant: row.name for row in rows}


async def sources_of(sql: AsyncConnection, products: Iterable[str]) -> dict[str, set[str]]:
    """Answer the hashes of the addresses from which each product has its pictures."""
    table = picture_sources
    rows = await sql.execute(sa.select(table).where(table.c.product.in_(list(products))))
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.product, set()).add(row.source)
    return found


async def put_handle(sql: AsyncConnection, shop: str, handle: str, product: str) -> None:
    """Let a handle mean this product from now on."""
    await _put(sql, product_handles, {"shop": shop, "handle": handle, "product": product})


async def put_name(sql: AsyncConnection, shop: str, name: str, variant: str) -> None:
    """Let a name mean this variant from now on."""
    await _put(sql, variant_names, {"shop": shop, "name": name, "variant": variant})


async def put_source(sql: AsyncConnection, product: str, source: str, now_ms: int) -> None:
    """Remember that a product has the picture of this address."""
    await _put(sql, picture_sources, {"product": product, "source": source, "at_ms": now_ms})


async def _put(sql: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> None:
    """Insert a row, or change what is not its key."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    insert = dialect.insert(table).values(**values)
    await sql.execute(insert.on_conflict_do_update(index_elements=keys, set_=rest))
