"""Exports: a shop's products as a file, written while they are read, some hundred at a time."""

from collections.abc import AsyncIterator
from typing import Any

from commerce.catalogue import products_sql
from commerce.catalogue.stock_redis import pools_of, read_stock, with_stock
from commerce.catalogue.structs import Product
from commerce.database_sql import Database
from commerce.feeds import names_sql
from commerce.feeds.writing import GOOGLE_TAIL, google_head, google_items, shopify_header, shopify_lines
from commerce.shops.shops import Shops

PRODUCTS_AT_ONCE = 200


class Exports:
    """Writes a shop's products as others read them; an import of either file finds nothing to change."""

    def __init__(self, database: Database, engine: Any, shops: Shops, public_url: str) -> None:
        self._database = database
        self._engine = engine
        self._shops = shops
        self._public_url = public_url

    async def shopify(self, shop: str) -> AsyncIterator[bytes]:
        """Answer the pieces of a Shopify CSV (new words) with all products; raises NoSuchShop before them."""
        return self._shopify((await self._shops.get(shop)).id)

    async def google(self, shop: str) -> AsyncIterator[bytes]:
        """Answer the pieces of a Google feed (RSS) with what buyers see; raises NoSuchShop before them."""
        found = await self._shops.get(shop)
        return self._google(found.id, found.name)

    async def _shopify(self, shop: str) -> AsyncIterator[bytes]:
        yield shopify_header().encode()
        async for products, handles, _ in self._pages(shop, published_only=False):
            lines = [
                line
                for product in products
                for line in shopify_lines(product, handles.get(product.id), self._public_url)
            ]
            yield "".join(lines).encode()

    async def _google(self, shop: str, name: str) -> AsyncIterator[bytes]:
        yield google_head(name, self._public_url).encode()
        async for products, handles, names in self._pages(shop, published_only=True):
            items = [
                item
                for product in products
                for item in google_items(product, handles.get(product.id), names, self._public_url)
            ]
            yield "".join(items).encode()
        yield GOOGLE_TAIL.encode()

    async def _pages(
        self, shop: str, *, published_only: bool
    ) -> AsyncIterator[tuple[list[Product], dict[str, str], dict[str, str]]]:
        """Yield products with stock, the handles of products, and the names of variants."""
        async with self._database.read() as sql:
            ids = await products_sql.product_ids(sql, shop, published_only=published_only)
        for begin in range(0, len(ids), PRODUCTS_AT_ONCE):
            async with self._database.read() as sql:
                found = await products_sql.load(sql, ids[begin : begin + PRODUCTS_AT_ONCE])
                handles = await names_sql.handles_of(sql, shop, [product.id for product in found])
                variants = [variant.id for product in found for variant in product.variants]
                names = await names_sql.names_of(sql, shop, variants)
            stock = await read_stock(self._engine, shop, pools_of(found))
            yield with_stock(found, stock), handles, names
