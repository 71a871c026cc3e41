"""The doors of a shop's ways of shipping and its taxes."""

from typing import Protocol

from commerce.errors import BadPrice, InvalidField, NoSuchShop
from commerce.routing import Call, Route
from commerce.sale.door import BuyingDoor
from commerce.terms.shop_terms import ShopTerms
from commerce.terms.structs import ShippingTable, TaxTable


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def terms(self) -> ShopTerms:
        """Terms."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""


async def get_shipping(services: Services, call: Call) -> ShippingTable:
    """Show how a shop sends what it sells."""
    return (await services.terms.of(await services.door.shop_id(call.path["shop"]))).shipping


async def put_shipping(services: Services, call: Call) -> ShippingTable:
    """Replace the ways of shipping."""
    return await services.terms.put_shipping(call.path["shop"], call.body)


async def get_taxes(services: Services, call: Call) -> TaxTable:
    """Show which taxes a shop takes."""
    return (await services.terms.of(await services.door.shop_id(call.path["shop"]))).taxes


async def put_taxes(services: Services, call: Call) -> TaxTable:
    """Replace the taxes."""
    return await services.terms.put_taxes(call.path["shop"], call.body)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/shops/{shop}/shipping", get_shipping, None, ShippingTable, (NoSuchShop,),
          summary="How a shop sends what it sells"),
    Route("PUT", "/shops/{shop}/shipping", put_shipping, ShippingTable, ShippingTable,
          (NoSuchShop, InvalidField, BadPrice), "host",
          summary="Replace the ways of shipping; methods with an id keep it"),
    Route("GET", "/shops/{shop}/taxes", get_taxes, None, TaxTable, (NoSuchShop,),
          summary="Which taxes a shop takes, by place"),
    Route("PUT", "/shops/{shop}/taxes", put_taxes, TaxTable, TaxTable, (NoSuchShop, InvalidField), "host",
          summary="Replace the tax table"),
)  # fmt: skip
