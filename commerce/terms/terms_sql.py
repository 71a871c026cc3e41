"""A shop's tables of shipping and taxes in SQL; every function works in the caller's transaction."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.terms.structs import (
    START,
    ShippingKind,
    ShippingMethod,
    ShippingTable,
    TaxRate,
    TaxTable,
    Terms,
)
from commerce.terms.tables_sql import shipping_methods, shop_terms, tax_rates

_COLUMNS = (
    "id", "name", "note", "price_minor", "free_from_minor", "min_days", "max_days", "taxed",
)  # fmt: skip


async def terms_of(sql: AsyncConnection, shop: str) -> Terms:
    """Return a shop's terms; those it starts with where its host set none."""
    methods = await sql.execute(
        sa.select(shipping_methods)
        .where(shipping_methods.c.shop == shop)
        .order_by(shipping_methods.c.position)
    )
    found = tuple(
        ShippingMethod(
            kind=ShippingKind(row.kind),
            places=msgspec.json.decode(row.places, type=tuple[str, ...]),
            **{name: getattr(row, name) for name in _COLUMNS},
        )
        for row in methods
    )
    return Terms(ShippingTable(found) if found else START.shipping, await _taxes(sql, shop))


async def put_shipping(sql: AsyncConnection, shop: str, table: ShippingTable) -> None:
    """Write a shop's methods in place of the earlier ones."""
    await sql.execute(sa.delete(shipping_methods).where(shipping_methods.c.shop == shop))
    rows = [
        {
            "shop": shop,
            "position": place,
            "kind": method.kind,
            "places": msgspec.json.encode(method.places).decode(),
            **{name: getattr(method, name) for name in _COLUMNS},
        }
        for place, method in enumerate(table.methods)
    ]
    await sql.execute(sa.insert(shipping_methods), rows)


async def put_taxes(sql: AsyncConnection, shop: str, table: TaxTable, now_ms: int) -> None:
    """Write a shop's rates in place of the earlier ones."""
    await sql.execute(sa.delete(tax_rates).where(tax_rates.c.shop == shop))
    await sql.execute(sa.delete(shop_terms).where(shop_terms.c.shop == shop))
    await sql.execute(
        sa.insert(shop_terms).values(shop=shop, tax_inclusive=table.inclusive, updated_at_ms=now_ms)
    )
    rows = [
        {"shop": shop, "position": place, **msgspec.structs.asdict(rate)}
        for place, rate in enumerate(table.rates)
    ]
    if rows:
        await sql.execute(sa.insert(tax_rates), rows)


async def _taxes(sql: AsyncConnection, shop: str) -> TaxTable:
    flag = sa.select(shop_terms.c.tax_inclusive).where(shop_terms.c.shop == shop)
    inclusive = bool((await sql.execute(flag)).scalar_one_or_none())
    rows = await sql.execute(
        sa.select(tax_rates).where(tax_rates.c.shop == shop).order_by(tax_rates.c.position)
    )
    rates = tuple(TaxRate(row.place, row.name, row.rate_ppm, row.tax_class) for row in rows)
    return TaxTable(rates, inclusive)
