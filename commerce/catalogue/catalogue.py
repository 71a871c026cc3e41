"""The catalogue: products and variants with prices that rise in version, and stock through the engine.

SQL is the record of what is sold at which price; Redis gets a copy of each price (`price_put`) and keeps the
units. A change and the outbox row that carries it there are one transaction.
"""

from typing import Any

import msgspec

from commerce import text
from commerce.catalogue import pictures_sql, products_sql
from commerce.catalogue.stock_redis import pools_of, read_stock, stock_of, with_stock
from commerce.catalogue.structs import (
    PoolStock,
    Product,
    ProductChange,
    ProductRequest,
    VariantChange,
    VariantRequest,
)
from commerce.database_sql import Sql
from commerce.errors import BadQuantity, InvalidField, NoSuchProduct, NoSuchShop, NoSuchVariant, ProductInUse
from commerce.ids import main_pool
from commerce.money import check_price
from commerce.operations_sql import check_key
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock, NewId
from commerce.shops import staff_sql
from commerce.shows import shows_sql
from commerce.tax_classes import checked_class

MAX_VARIANTS = 40
MAX_STOCK_QUANTITY = 1_000_000
DESCRIPTION_CHARS = 4_000
SKU_CHARS = 64


class Catalogue:
    """What hosts do with products. Every method that names a shop refuses products of another one."""

    def __init__(self, outbox: Outbox, engine: Any, now_ms: Clock, new_id: NewId) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._now_ms = now_ms
        self._new_id = new_id
        outbox.handle("price_put", self._send_price)
        outbox.handle("pool_open", self._open_pool)

    async def list(self, shop: str, *, published_only: bool = False) -> tuple[Product, ...]:
        """Answer a shop's products with stock, oldest first; raises NoSuchShop."""
        async with self._database.read() as sql:
            if not await staff_sql.shop_rows(sql, [shop]):
                raise NoSuchShop(shop=shop)
            ids = await products_sql.product_ids(sql, shop, published_only=published_only)
            found = await products_sql.load(sql, ids)
        stock = await read_stock(self._engine, shop, pools_of(found))
        return tuple(with_stock(found, stock))

    async def get(self, shop: str, product: str) -> Product:
        """Answer one product with stock; raises NoSuchProduct."""
        async with self._database.read() as sql:
            found = [one for one in await products_sql.load(sql, [product]) if one.shop == shop]
        if not found:
            raise NoSuchProduct(product=product)
        stock = await read_stock(self._engine, shop, pools_of(found))
        return with_stock(found, stock)[0]

    async def by_variants(self, shop: str, variants: tuple[str, ...]) -> dict[str, Product]:
        """Answer the product of each variant of this shop, deleted ones too, without stock."""
        async with self._database.read() as sql:
            owners = await products_sql.variants_by_id(sql, variants)
            wanted = {variant: product for variant, (owner, product) in owners.items() if owner == shop}
            loaded = await products_sql.load(sql, list(set(wanted.values())), deleted=True)
        known = {product.id: product for product in loaded}
        return {variant: known[product] for variant, product in wanted.items()}

    async def add(self, shop: str, actor: str, request: ProductRequest) -> Product:
        """Make a product with its variants, prices and first stock; raises InvalidField, BadPrice."""
        async with self._outbox.write() as unit:
            product = await self.add_within(unit, shop, actor, request)
        return await self.get(shop, product)

    async def add_within(self, unit: Unit, shop: str, actor: str, request: ProductRequest) -> str:
        """Make a product as part of a larger change (see `add`); answers its id."""
        if not 1 <= len(request.variants) <= MAX_VARIANTS:
            raise InvalidField(f"A product has 1 to {MAX_VARIANTS} variants.", field="variants")
        product = self._new_id("pr")
        values = {
            "id": product,
            "shop": shop,
            "title": text.line(request.title, "title", text.TITLE_CHARS),
            "description": text.paragraph(request.description, "description", DESCRIPTION_CHARS),
            "published": request.published,
            "tax_class": checked_class(request.tax_class),
            "created_at_ms": self._now_ms(),
        }
        if not await staff_sql.shop_rows(unit.sql, [shop]):
            raise NoSuchShop(shop=shop)
        await products_sql.add_product(unit.sql, values)
        for variant in request.variants:
            await self._add_variant(unit, shop, product, actor, variant)
        return product

    async def change(self, shop: str, product: str, change: ProductChange) -> Product:
        """Change text, publication or the order of pictures; raises NoSuchProduct, InvalidField."""
        async with self._outbox.write() as unit:
            await self.change_within(unit, shop, product, change)
            await self.tell(unit, shop, product)
        return await self.get(shop, product)

    async def change_within(self, unit: Unit, shop: str, product: str, change: ProductChange) -> None:
        """Change a product as part of a larger change (see `change`), which tells the rooms itself."""
        values: dict[str, Any] = {}
        if change.title is not None:
            values["title"] = text.line(change.title, "title", text.TITLE_CHARS)
        if change.description is not None:
            values["description"] = text.paragraph(change.description, "description", DESCRIPTION_CHARS)
        if change.published is not None:
            values["published"] = change.published
        if change.tax_class is not None:
            values["tax_class"] = checked_class(change.tax_class)
        await self._locked(unit.sql, shop, product)
        if values:
            await products_sql.change_product(unit.sql, product, values)
        if change.pictures is not None:
            await _reorder(unit.sql, product, change.pictures)

    async def delete(self, shop: str, product: str) -> None:
        """Hide a product for good; orders keep it. Raises NoSuchProduct, ProductInUse {shows}."""
        async with self._outbox.write() as unit:
            await self._locked(unit.sql, shop, product)
            busy = await shows_sql.shows_of_product(unit.sql, product)
            if busy:
                raise ProductInUse(shows=busy)
            gone = {"deleted_at_ms": self._now_ms(), "published": False}
            await products_sql.change_product(unit.sql, product, gone)

    async def add_variant(self, shop: str, product: str, actor: str, request: VariantRequest) -> Product:
        """Add a variant behind the others; raises NoSuchProduct, InvalidField, BadPrice, BadQuantity."""
        async with self._outbox.write() as unit:
            await self.add_variant_within(unit, shop, product, actor, request)
            await self.tell(unit, shop, product)
        return await self.get(shop, product)

    async def add_variant_within(
        self, unit: Unit, shop: str, product: str, actor: str, request: VariantRequest
    ) -> str:
        """Add a variant as part of a larger change (see `add_variant`); answers its id."""
        await self._locked(unit.sql, shop, product)
        known = await products_sql.load(unit.sql, [product])
        if len(known[0].variants) >= MAX_VARIANTS:
            raise InvalidField(f"A product has {MAX_VARIANTS} variants at most.", field="variants")
        return await self._add_variant(unit, shop, product, actor, request)

    async def change_variant(
        self, shop: str, product: str, variant: str, actor: str, change: VariantChange
    ) -> Product:
        """Change a variant; a new price gets the next version and goes to Redis. Open holds keep theirs."""
        async with self._outbox.write() as unit:
            await self.change_variant_within(unit, shop, product, variant, actor, change)
            await self.tell(unit, shop, product)
        return await self.get(shop, product)

    async def change_variant_within(
        self, unit: Unit, shop: str, product: str, variant: str, actor: str, change: VariantChange
    ) -> None:
        """Change a variant as part of a larger change (see `change_variant`)."""
        await self._locked(unit.sql, shop, product)
        row = await products_sql.lock_variant(unit.sql, product, variant)
        if row is None:
            raise NoSuchVariant(variant=variant)
        values = _variant_values(row, change)
        if values.get("price_minor", row.price_minor) != row.price_minor:
            values["price_version"] = row.price_version + 1
        if values:
            await products_sql.change_variant(unit.sql, variant, values)
        if "price_version" in values:
            await self._price(unit, shop, product, variant, actor, row.compare_at_minor, values)

    async def restock(
        self, shop: str, product: str, variant: str, actor: str, quantity: int, key: str | None
    ) -> PoolStock:
        """Add units to the variant's main pool, once per (actor, key); raises BadQuantity, NoSuchVariant."""
        operation = f"restock:{actor}:{check_key(key)}"
        await self._known(shop, product, variant)
        counters = await self._engine.restock(shop, operation=operation, variant=variant, quantity=quantity)
        return PoolStock(main_pool(variant), stock_of(counters))

    async def withdraw(
        self, shop: str, product: str, variant: str, actor: str, quantity: int, key: str | None
    ) -> PoolStock:
        """Take available units out of sale, once per (actor, key); raises NotEnoughStock {available}."""
        operation = f"withdraw:{actor}:{check_key(key)}"
        await self._known(shop, product, variant)
        counters = await self._engine.withdraw(shop, operation=operation, variant=variant, quantity=quantity)
        return PoolStock(main_pool(variant), stock_of(counters))

    async def variants_within(self, unit: Unit, product: str) -> tuple[str, ...]:
        """Answer the variants of a product in order, as a larger change sees them."""
        found = await products_sql.load(unit.sql, [product])
        return tuple(variant.id for one in found for variant in one.variants)

    async def price_history(self, variant: str) -> tuple[tuple[int, int, int], ...]:
        """Answer (version, price_minor, from_ms) of every price a variant had, newest first."""
        async with self._database.read() as sql:
            return tuple(await products_sql.price_history(sql, variant))

    async def tell(self, unit: Unit, shop: str, product: str) -> None:
        """Let the shop's rooms hear what a product says now."""
        for view in await products_sql.load(unit.sql, [product]):
            body = {"product": msgspec.to_builtins(view)}
            await unit.add("note", {"kind": "product", "body": body}, shop=shop)

    async def _add_variant(
        self, unit: Unit, shop: str, product: str, actor: str, request: VariantRequest
    ) -> str:
        if not 0 <= request.quantity <= MAX_STOCK_QUANTITY:
            raise BadQuantity(quantity=request.quantity)
        variant = self._new_id("va")
        values = {
            "price_minor": check_price(request.price_minor),
            "price_version": 1,
            "compare_at_minor": _compare_at(request.compare_at_minor),
        }
        names = {
            "id": variant,
            "product": product,
            "title": text.line(request.title, "title", text.TITLE_CHARS),
            "sku": text.line(request.sku, "sku", SKU_CHARS, min_chars=0),
            "created_at_ms": self._now_ms(),
        }
        await products_sql.add_variant(unit.sql, values | names)
        await self._price(unit, shop, product, variant, actor, None, values)
        opening = {"variant": variant, "quantity": request.quantity}
        await unit.add("pool_open", opening, shop=shop)
        return variant

    async def _price(
        self,
        unit: Unit,
        shop: str,
        product: str,
        variant: str,
        actor: str,
        compare_at_minor: int | None,
        values: dict[str, Any],
    ) -> None:
        """Write the history's next line and the row that copies the price to Redis."""
        price_minor, version = values["price_minor"], values["price_version"]
        line = {
            "variant": variant,
            "version": version,
            "price_minor": price_minor,
            "compare_at_minor": values.get("compare_at_minor", compare_at_minor),
            "actor": actor,
            "from_ms": self._now_ms(),
        }
        await products_sql.add_price(unit.sql, line)
        copy = {"variant": variant, "product": product, "price_minor": price_minor, "version": version}
        await unit.add("price_put", copy, shop=shop)

    async def _locked(self, sql: Sql, shop: str, product: str) -> None:
        if await products_sql.lock_product(sql, shop, product) is None:
            raise NoSuchProduct(product=product)

    async def _known(self, shop: str, product: str, variant: str) -> None:
        """Check that the variant is the shop's, and let its pool be made if that is still to come."""
        async with self._database.read() as sql:
            owner = (await products_sql.variants_by_id(sql, [variant])).get(variant)
        if owner != (shop, product):
            raise NoSuchVariant(variant=variant)
        await self._outbox.send([f"shop:{shop}"])

    async def _send_price(self, row: OutboxRow) -> None:
        await self._engine.price_put(row.shop, operation=row.id, **row.payload)

    async def _open_pool(self, row: OutboxRow) -> None:
        await self._engine.restock(row.shop, operation=row.id, opens_pool=True, **row.payload)


async def _reorder(sql: Sql, product: str, order: tuple[str, ...]) -> None:
    there = {picture.id for picture in (await pictures_sql.of_products(sql, [product])).get(product, [])}
    if set(order) != there or len(order) != len(there):
        raise InvalidField("An order names each picture of the product once.", field="pictures")
    await pictures_sql.put_order(sql, product, order)


def _compare_at(value: int | None) -> int | None:
    return None if value is None else check_price(value)


def _variant_values(row: Any, change: VariantChange) -> dict[str, Any]:
    """Answer the columns a change gives new values; raises InvalidField, BadPrice."""
    values: dict[str, Any] = {}
    if change.title is not msgspec.UNSET:
        values["title"] = text.line(change.title, "title", text.TITLE_CHARS)
    if change.sku is not msgspec.UNSET:
        values["sku"] = text.line(change.sku, "sku", SKU_CHARS, min_chars=0)
    if change.price_minor is not msgspec.UNSET:
        values["price_minor"] = check_price(change.price_minor)
    if change.compare_at_minor is not msgspec.UNSET:
        values["compare_at_minor"] = _compare_at(change.compare_at_minor)
    return {name: value for name, value in values.items() if value != getattr(row, name)}
