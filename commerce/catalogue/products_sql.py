"""Products, variants and prices in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.catalogue import pictures_sql
from commerce.catalogue.structs import Product, Variant
from commerce.catalogue.tables_sql import prices, products, variants
from commerce.ids import main_pool
from commerce.shops.staff_sql import shop_rows


async def product_ids(sql: AsyncConnection, shop: str, *, published_only: bool) -> list[str]:
    """Answer a shop's products, oldest first."""
    query = sa.select(products.c.id).where(products.c.shop == shop, products.c.deleted_at_ms.is_(None))
    if published_only:
        query = query.where(products.c.published)
    return list((await sql.execute(query.order_by(products.c.created_at_ms, products.c.id))).scalars())


async def load(sql: AsyncConnection, ids: Sequence[str], *, deleted: bool = False) -> list[Product]:
    """Answer products in the order of `ids`, without stock; unknown and deleted ones are left out."""
    if not ids:
        return []
    query = sa.select(products).where(products.c.id.in_(list(ids)))
    if not deleted:
        query = query.where(products.c.deleted_at_ms.is_(None))
    rows = {row.id: row for row in await sql.execute(query)}
    pictures = await pictures_sql.of_products(sql, rows)
    parts = await _variants(sql, list(rows))
    shops = await shop_rows(sql, list({row.shop for row in rows.values()}))
    return [
        _product(rows[one], pictures.get(one, []), parts.get(one, []), shops[rows[one].shop].currency)
        for one in ids
        if one in rows
    ]


async def _variants(sql: AsyncConnection, ids: list[str]) -> dict[str, list[Variant]]:
    query = (
        sa.select(variants)
        .where(variants.c.product.in_(ids))
        .order_by(variants.c.position, variants.c.created_at_ms, variants.c.id)
    )
    found: dict[str, list[Variant]] = {}
    for row in await sql.execute(query):
        found.setdefault(row.product, []).append(
            Variant(
                id=row.id,
                title=row.title,
                sku=row.sku,
                price_minor=row.price_minor,
                compare_at_minor=row.compare_at_minor,
                price_version=row.price_version,
                pool=main_pool(row.id),
                stock=None,
            )
        )
    return found


def _product(row: Any, pictures: list[Any], parts: list[Variant], currency: str) -> Product:
    return Product(
        id=row.id,
        shop=row.shop,
        title=row.title,
        description=row.description,
        published=row.published,
        picture=pictures[0] if pictures else None,
        pictures=tuple(pictures),
        variants=tuple(parts),
        currency=currency,
        tax_class=row.tax_class,
    )


async def variants_by_id(sql: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Answer (shop, product) of each variant, deleted products too; unknown ones are left out."""
    query = (
        sa.select(variants.c.id, products.c.shop, variants.c.product)
        .join(products, products.c.id == variants.c.product)
        .where(variants.c.id.in_(list(ids)))
    )
    return {row.id: (row.shop, row.product) for row in await sql.execute(query)}


async def lock_product(sql: AsyncConnection, shop: str, product: str) -> Any | None:
    """Answer a living product of the shop and keep it until the transaction ends, or None."""
    where = (products.c.id == product, products.c.shop == shop, products.c.deleted_at_ms.is_(None))
    return (await sql.execute(sa.select(products).where(*where).with_for_update())).one_or_none()


async def lock_variant(sql: AsyncConnection, product: str, variant: str) -> Any | None:
    """Answer a variant of the product and keep it until the transaction ends, or None."""
    where = (variants.c.id == variant, variants.c.product == product)
    return (await sql.execute(sa.select(variants).where(*where).with_for_update())).one_or_none()


async def add_product(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one product."""
    await sql.execute(sa.insert(products).values(**values))


async def change_product(sql: AsyncConnection, product: str, values: dict[str, Any]) -> None:
    """Change columns of one product."""
    await sql.execute(sa.update(products).where(products.c.id == product).values(**values))


async def add_variant(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one variant behind the others of its product."""
    query = sa.select(sa.func.max(variants.c.position)).where(variants.c.product == values["product"])
    last = (await sql.execute(query)).scalar_one_or_none()
    await sql.execute(sa.insert(variants).values(**values, position=0 if last is None else last + 1))


async def change_variant(sql: AsyncConnection, variant: str, values: dict[str, Any]) -> None:
    """Change columns of one variant."""
    await sql.execute(sa.update(variants).where(variants.c.id == variant).values(**values))


async def add_price(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write one more line of a variant's price history."""
    await sql.execute(sa.insert(prices).values(**values))


async def price_history(sql: AsyncConnection, variant: str) -> list[tuple[int, int, int]]:
    """Answer (version, price_minor, from_ms) of every price a variant had, newest first."""
    query = sa.select(prices).where(prices.c.variant == variant).order_by(prices.c.version.desc())
    return [(row.version, row.price_minor, row.from_ms) for row in await sql.execute(query)]


async def prices_of_shop(sql: AsyncConnection, shop: str) -> list[Any]:
    """Answer id, product, price and its version of every variant of a shop."""
    query = (
        sa.select(variants.c.id, variants.c.product, variants.c.price_minor, variants.c.price_version)
        .join(products, products.c.id == variants.c.product)
        .where(products.c.shop == shop)
    )
    return list(await sql.execute(query))
