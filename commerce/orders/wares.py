"""Looks up titles, pictures and shops for buying, and remembers them for some seconds.

Prices and stock are never taken from here: the engine stamps the one and counts the other.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Generic, TypeVar

from commerce.catalogue.catalogue import Catalogue
from commerce.catalogue.structs import Product
from commerce.orders.messages import Seller
from commerce.orders.ports import ShopCard, VariantCard
from commerce.ports import Clock
from commerce.shops.shops import Shops

KEEP_MS: Final = 5_000
MAX_KEPT: Final = 20_000

T = TypeVar("T")


class Remembered(Generic[T]):
    """Answers of a slow look-up, each for `keep_ms`; the oldest goes when there are too many.

    Who asks for what is being looked up waits for that answer. A failure is not remembered.
    """

    def __init__(self, now_ms: Clock, keep_ms: int = KEEP_MS, most: int = MAX_KEPT) -> None:
        self._now_ms = now_ms
        self._keep_ms = keep_ms
        self._most = most
        self._kept: OrderedDict[str, tuple[int, asyncio.Future[T]]] = OrderedDict()

    def known(self, key: str) -> asyncio.Future[T] | None:
        """Return the answer for `key` when there is one already; its `result()` is at hand."""
        kept = self._kept.get(key)
        if kept is None or kept[0] <= self._now_ms() or not kept[1].done():
            return None
        return kept[1]

    async def get(self, key: str, look_up: Callable[[], Awaitable[T]]) -> T:
        """Return the answer for `key`, looked up when none is kept."""
        now_ms = self._now_ms()
        kept = self._kept.get(key)
        if kept is not None and kept[0] > now_ms:
            return kept[1].result() if kept[1].done() else await asyncio.shield(kept[1])
        answer = asyncio.ensure_future(look_up())
        answer.add_done_callback(lambda done: self._drop_failed(key, done))
        self._kept[key] = (now_ms + self._keep_ms, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return await asyncio.shield(answer)

    def _drop_failed(self, key: str, answer: asyncio.Future[T]) -> None:
        failed = answer.cancelled() or answer.exception() is not None
        if failed and self._kept.get(key, (0, None))[1] is answer:
            del self._kept[key]


class RememberedWares:
    """`Wares` in front of the catalogue and the shops."""

    def __init__(self, catalogue: Catalogue, shops: Shops, now_ms: Clock) -> None:
        self._catalogue = catalogue
        self._shops = shops
        self._variants: Remembered[VariantCard | None] = Remembered(now_ms)
        self._cards: Remembered[ShopCard] = Remembered(now_ms)

    async def variants(self, shop: str, variants: Collection[str]) -> Mapping[str, VariantCard]:
        """Return the cards of these variants of the shop; unknown ones are missing."""
        found: dict[str, VariantCard] = {}
        for variant in variants:
            known = self._variants.known(f"{shop} {variant}")
            card = await self._variant(shop, variant) if known is None else known.result()
            if card is not None:
                found[variant] = card
        return found

    async def shop(self, shop: str) -> ShopCard:
        """Return a shop by id or slug; raises NoSuchShop."""
        known = self._cards.known(shop)
        if known is not None:
            return known.result()

        async def look_up() -> ShopCard:
            told = await self._shops.get(shop)
            seller = Seller(
                id=told.id,
                slug=told.slug,
                name=told.name,
                legal_name=told.legal_name,
                legal_address=told.legal_address,
                contact_email=told.contact_email,
            )
            return ShopCard(seller, told.currency)

        return await self._cards.get(shop, look_up)

    async def _variant(self, shop: str, variant: str) -> VariantCard | None:
        async def look_up() -> VariantCard | None:
            products = await self._catalogue.by_variants(shop, (variant,))
            return _card(products[variant], variant) if variant in products else None

        return await self._variants.get(f"{shop} {variant}", look_up)


def _card(product: Product, variant: str) -> VariantCard:
    titles = [one.title for one in product.variants if one.id == variant]
    return VariantCard(
        variant=variant,
        product=product.id,
        title=product.title,
        variant_title=titles[0] if titles else "",
        published=product.published,
        picture=product.picture,
        tax_class=product.tax_class,
    )
