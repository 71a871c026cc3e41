"""The HTTP doors of packing and sending."""

from typing import Protocol

from commerce import errors
from commerce.fulfilment.carriers import CARRIERS
from commerce.fulfilment.packing import Packing
from commerce.fulfilment.refusals import NoSuchParcel, NothingToSend
from commerce.fulfilment.structs import Carrier, CarrierList, ParcelRequest, SendRequest
from commerce.language import preferred_language
from commerce.returns.reader import AfterSales
from commerce.returns.structs import AfterSale
from commerce.routing import Call, Reply, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.routes import caller


class Parts(Protocol):
    """What follows a sale, as far as these doors see it."""

    @property
    def packing(self) -> Packing:
        """Packing."""

    @property
    def reader(self) -> AfterSales:
        """The reading side."""


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""

    @property
    def after(self) -> Parts:
        """What follows a sale."""


async def _shop(services: Services, call: Call) -> str:
    return await services.door.shop_id(call.path["shop"])


async def carriers(_services: Services, _call: Call) -> CarrierList:
    """List the carriers whose pages are known."""
    return CarrierList(tuple(Carrier(key, name) for key, (name, _page) in CARRIERS.items()))


async def pack(services: Services, call: Call) -> AfterSale:
    """Pack and send units."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.packing.pack(caller(call).person, shop, order, call.body, call.operation_key)
    return await services.after.reader.for_host(shop, order)


async def send(services: Services, call: Call) -> AfterSale:
    """Send a packed parcel."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.packing.send(shop, order, call.path["parcel"], call.body)
    return await services.after.reader.for_host(shop, order)


async def delivered(services: Services, call: Call) -> AfterSale:
    """Note that a parcel came."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.packing.delivered(shop, order, call.path["parcel"])
    return await services.after.reader.for_host(shop, order)


async def unpack(services: Services, call: Call) -> AfterSale:
    """Take a packed parcel apart."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.packing.unpack(shop, order, call.path["parcel"])
    return await services.after.reader.for_host(shop, order)


async def packing_list(services: Services, call: Call) -> Reply:
    """Print the packing lists of orders."""
    orders = [one for one in call.query.get("orders", "").split(",") if one]
    language = preferred_language(call.headers.get("accept-language", ""))
    made = await services.after.packing.list_pdf(await _shop(services, call), orders, language)
    name = (("content-disposition", 'inline; filename="packing-list.pdf"'),)
    return Reply(made, content_type="application/pdf", headers=name)


_ONE = "/shops/{shop}/orders/{order}/parcels"
_ERRORS = (errors.NoSuchShop, errors.NoSuchOrder)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/carriers", carriers, None, CarrierList,
          summary="Carriers whose tracking pages are known"),
    Route("POST", _ONE, pack, ParcelRequest, AfterSale,
          (*_ERRORS, errors.WrongState, NothingToSend, errors.InvalidField, errors.KeyMissing,
           errors.IdempotencyConflict, errors.TooManyOperations), role="host", status=201,
          summary="Pack units of a paid order and send them; needs an Idempotency-Key"),
    Route("POST", f"{_ONE}/{{parcel}}/send", send, SendRequest, AfterSale,
          (*_ERRORS, NoSuchParcel, errors.InvalidField), role="host",
          summary="Send a packed parcel, or correct the tracking of one under way"),
    Route("POST", f"{_ONE}/{{parcel}}/delivered", delivered, None, AfterSale,
          (*_ERRORS, NoSuchParcel, errors.WrongState), role="host", summary="Note that a parcel came"),
    Route("DELETE", f"{_ONE}/{{parcel}}", unpack, None, AfterSale,
          (*_ERRORS, NoSuchParcel, errors.WrongState), role="host", summary="Take a packed parcel apart"),
    Route("GET", "/shops/{shop}/packing-list", packing_list, None, bytes,
          (*_ERRORS, errors.InvalidField), role="host", summary="Packing lists of orders as one PDF",
          query=(("orders", "ids with commas between them, at most 100"),)),
)  # fmt: skip
