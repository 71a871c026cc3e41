"""Pictures in SQL; every function works in the caller's transaction."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.catalogue.structs import Picture
from commerce.catalogue.tables_sql import pictures


def picture_url(name: str, width: int) -> str:
    """Answer where a picture of this content hash is served."""
    return f"/media/pictures/{name}-{width}.webp"


def view(row: Any) -> Picture:
    """Answer a row as clients see it."""
    urls = (picture_url(row.hash, width) for width in (320, 640, 1280))
    return Picture(row.id, row.alt, row.width, row.height, *urls)


async def by_id(sql: AsyncConnection, ids: Iterable[str]) -> dict[str, Picture]:
    """Answer pictures by id; unknown ones are left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await sql.execute(sa.select(pictures).where(pictures.c.id.in_(wanted)))
    return {row.id: view(row) for row in rows}


async def of_products(sql: AsyncConnection, ids: Iterable[str]) -> dict[str, list[Picture]]:
    """Answer each product's pictures in order."""
    query = (
        sa.select(pictures)
        .where(pictures.c.product.in_(list(ids)))
        .order_by(pictures.c.position, pictures.c.created_at_ms, pictures.c.id)
    )
    found: dict[str, list[Picture]] = {}
    for row in await sql.execute(query):
        found.setdefault(row.product, []).append(view(row))
    return found


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one picture."""
    await sql.execute(sa.insert(pictures).values(**values))


async def remove(sql: AsyncConnection, product: str, picture: str) -> bool:
    """Take a picture from a product; its files stay, since orders may show them."""
    where = (pictures.c.id == picture, pictures.c.product == product)
    return (await sql.execute(sa.delete(pictures).where(*where))).rowcount == 1


async def put_order(sql: AsyncConnection, product: str, ids: Iterable[str]) -> None:
    """Put a product's pictures in this order."""
    for position, picture in enumerate(ids):
        where = (pictures.c.id == picture, pictures.c.product == product)
        await sql.execute(sa.update(pictures).where(*where).values(position=position))
