"""What buying needs to know from the other domains of commerce, filled by `assembly.py`."""

from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec

from commerce.catalogue.structs import Picture
from commerce.orders.messages import Seller
from commerce.tax_classes import STANDARD


class VariantCard(msgspec.Struct, frozen=True):
    """How a variant is shown in holds and orders. `published` False: it cannot be bought anew."""

    variant: str
    product: str
    title: str
    variant_title: str
    published: bool
    picture: Picture | None = None
    tax_class: str = STANDARD


class ShopCard(msgspec.Struct, frozen=True):
    """What a shop is to its buyers."""

    seller: Seller
    currency: str


class Wares(Protocol):
    """Looks up what is sold; answers may be some seconds old."""

    async def variants(self, shop: str, variants: Collection[str]) -> Mapping[str, VariantCard]:
        """Return the cards of these variants of the shop; unknown ones are missing."""

    async def shop(self, shop: str) -> ShopCard:
        """Return the shop; raises NoSuchShop."""
