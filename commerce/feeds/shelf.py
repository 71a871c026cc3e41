"""What is on the shelf beside some drafts: the products they mean, and what is known of their names.

A product is meant by its handle: one that an import gave it, or one that an export of ours made of its title
and id. Without either, the file's names for its variants tell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from commerce import text
from commerce.catalogue import products_sql
from commerce.catalogue.stock_redis import pools_of, read_stock, with_stock
from commerce.catalogue.structs import Product
from commerce.database_sql import Database
from commerce.feeds import names_sql
from commerce.feeds.drafts import ProductDraft, Remark

_ID_AT_END = re.compile(r"(?:^|[-_])([a-z2-7]{16})\Z")
_OWN_PICTURE = re.compile(r"/media/pictures/([0-9a-f]{40})-\d+\.webp$")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Products by id, and how the shop's files call them."""

    shop: str
    products: Mapping[str, Product]
    handles: Mapping[str, str]
    names: Mapping[str, str]
    owners: Mapping[str, str]
    sources: Mapping[str, set[str]]

    def product_of(self, draft: ProductDraft) -> tuple[Product | None, Remark | None]:
        """Answer the product a draft means (None: a new one), or what is wrong with what it says."""
        told = self.handles.get(draft.handle) or id_in_handle(draft.handle)
        if told in self.products:
            return self.products[told], None
        variants = (self.names.get(one.name, one.name) for one in draft.variants if one.name)
        meant = {self.owners[one] for one in variants if self.owners.get(one) in self.products}
        if len(meant) > 1:
            sentence = "The items of this group are variants of different products here."
            return None, Remark(draft.line, "", "names_two_products", sentence)
        return (self.products[meant.pop()], None) if meant else (None, None)

    def known_pictures(self, draft: ProductDraft, product: Product | None) -> frozenset[str]:
        """Answer those addresses of a draft whose picture the product has already."""
        if product is None:
            return frozenset()
        hashes = {match[1] for one in product.pictures if (match := _OWN_PICTURE.search(one.url_1280))}
        taken = self.sources.get(product.id, set())
        return frozenset(
            one.url
            for one in draft.pictures
            if source_of(one.url) in taken or ((match := _OWN_PICTURE.search(one.url)) and match[1] in hashes)
        )


async def load_shelf(database: Database, engine: Any, shop: str, drafts: Sequence[ProductDraft]) -> Shelf:
    """Answer what these drafts (some hundred at most) may mean, with stock as far as Redis answers."""
    names = {one.name for draft in drafts for one in draft.variants if one.name}
    async with database.read() as sql:
        handles = await names_sql.products_by_handle(sql, shop, {draft.handle for draft in drafts})
        named = await names_sql.variants_by_name(sql, shop, names)
        owners = await products_sql.variants_by_id(sql, list({*named.values(), *names}))
        ids = {
            *handles.values(),
            *(id_in_handle(draft.handle) for draft in drafts),
            *(p for _, p in owners.values()),
        }
        found = [one for one in await products_sql.load(sql, sorted(ids)) if one.shop == shop]
        sources = await names_sql.sources_of(sql, [one.id for one in found])
    stock = await read_stock(engine, shop, pools_of(found))
    return Shelf(
        shop=shop,
        products={one.id: one for one in with_stock(found, stock)},
        handles=handles,
        names=named,
        owners={variant: product for variant, (owner, product) in owners.items() if owner == shop},
        sources=sources,
    )


def handle_for(product: Product) -> str:
    """Make a handle for a product that no file has named: readable, and its own for ever."""
    return f"{text.slug_of(product.title)}-{product.id.removeprefix('pr_')}"


def id_in_handle(handle: str) -> str:
    """Answer the product's id that `handle_for` put at the end of a handle, "" when there is none."""
    match = _ID_AT_END.search(handle)
    return f"pr_{match[1]}" if match else ""


def source_of(url: str) -> str:
    """Answer the hash under which an address is remembered."""
    return sha256(url.encode()).hexdigest()
