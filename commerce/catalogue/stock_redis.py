"""Stock for screens: counters of pools as Redis has them now, or nothing while Redis is away."""

from typing import Any

import msgspec
from redis.exceptions import RedisError

from commerce.catalogue.structs import Product, Stock
from commerce.errors import CommerceError


def stock_of(counters: Any) -> Stock:
    """Answer a pool's counters as clients see them."""
    return Stock(counters.available, counters.held, counters.sold, counters.total)


async def read_stock(engine: Any, shop: str, pools: list[str]) -> dict[str, Stock]:
    """Answer the stock of these pools; unknown ones are missing, and all are while Redis is away."""
    if not pools:
        return {}
    try:
        found = await engine.pools(shop, pools)
    except (RedisError, OSError, CommerceError):
        return {}
    return {pool: stock_of(counters) for pool, counters in found.items()}


def with_stock(products: list[Product], stock: dict[str, Stock]) -> list[Product]:
    """Answer the products with each variant's stock filled in."""
    return [
        msgspec.structs.replace(
            product,
            variants=tuple(
                msgspec.structs.replace(variant, stock=stock.get(variant.pool))
                for variant in product.variants
            ),
        )
        for product in products
    ]


def pools_of(products: list[Product]) -> list[str]:
    """Answer the main pools of all variants."""
    return [variant.pool for product in products for variant in product.variants]
