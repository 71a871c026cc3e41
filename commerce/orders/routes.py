"""The HTTP doors of checkout and orders."""

from typing import Any, Protocol

from commerce import errors
from commerce.language import preferred_language
from commerce.orders.book import OrderBook
from commerce.orders.checkout import Buyer, PaymentUnavailable
from commerce.orders.messages import Checkout, Order, OrderList, OrderToPay, QuoteRequest
from commerce.orders.rebuild_routes import ROUTES as REBUILD_ROUTES
from commerce.orders.scan import ScanPage
from commerce.orders.service import Orders
from commerce.orders.view import order_view
from commerce.payments.provider import Device
from commerce.routing import Call, Reply, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.refusals import (
    AlreadyPaying,
    BadRequest,
    LimitReached,
    NoSuchReservation,
    ReservationEnded,
)
from commerce.sale.routes import caller
from commerce.settings import CommerceSettings
from commerce.terms.quote import Quote
from commerce.terms.refusals import NotDelivered, ShippingGone, TotalChanged


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def settings(self) -> CommerceSettings:
        """Settings."""

    @property
    def orders(self) -> Orders:
        """Orders."""

    @property
    def book(self) -> OrderBook:
        """The host's book of orders."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""


async def quote(services: Services, call: Call) -> Quote:
    """Say what an order of the caller's reservations would cost."""
    shop = await services.door.shop_id(call.path["shop"])
    return await services.orders.quotes.of(caller(call).person, shop, call.body)


async def check_out(services: Services, call: Call) -> OrderToPay:
    """Make an order of reservations, and say where to pay it."""
    shop = await services.door.shop_id(call.path["shop"])
    asked: Any = call
    origin = getattr(asked, "base_url", services.settings.public_url)
    language = preferred_language(call.headers.get("accept-language", ""))
    buyer = Buyer(caller(call).person, language, str(origin), _device(call))
    return await services.orders.desk.begin(buyer, shop, call.body, call.operation_key)


def _device(call: Call) -> Device:
    """Return the browser that asks; whether it is a phone's it says itself, older ones in their name."""
    hint = call.headers.get("sec-ch-ua-mobile")
    mobile = "Mobi" in call.headers.get("user-agent", "") if hint is None else hint == "?1"
    return Device(mobile, call.client_address)


async def mine(services: Services, call: Call) -> OrderList:
    """Show the caller's orders."""
    return await services.orders.mine(caller(call).person)


async def read(services: Services, call: Call) -> Order:
    """Show one order."""
    return await services.orders.read(call.path["order"], call.identity, call.query.get("token"))


async def cancel(services: Services, call: Call) -> Order:
    """Cancel an order that is not paid."""
    return await services.orders.cancel(caller(call).person, call.path["order"])


async def pay(services: Services, call: Call) -> OrderToPay:
    """Pay an order that is not paid."""
    return await services.orders.pay(caller(call).person, call.path["order"], _device(call))


async def scan(services: Services, call: Call) -> ScanPage:
    """Say what a page with a payment's code shows."""
    return await services.orders.scan(call.path["payment"])


async def code(services: Services, call: Call) -> Reply:
    """Draw a payment's code."""
    drawn = await services.orders.code(call.path["payment"])
    return Reply(drawn, content_type="image/svg+xml", headers=(("cache-control", "no-store"),))


async def payment_received(services: Services, call: Call) -> Order:
    """Note that the money of an order paid by hand has come."""
    shop = await services.door.shop_id(call.path["shop"])
    record = await services.orders.desk.placed.received(shop, call.path["order"])
    return order_view(record, private=True)


async def payment_missing(services: Services, call: Call) -> Order:
    """Give up on the money of an order paid by hand."""
    shop = await services.door.shop_id(call.path["shop"])
    record = await services.orders.desk.placed.give_up(call.path["order"], shop=shop)
    return order_view(record, private=True)


async def of_shop(services: Services, call: Call) -> OrderList:
    """Show a shop's orders to its host."""
    shop = await services.door.shop_id(call.path["shop"])
    state, words = call.query.get("state", ""), call.query.get("q", "")
    return await services.book.search(shop, call.query.get("cursor"), state, words)


async def export(services: Services, call: Call) -> Reply:
    """Write a shop's orders of some days as CSV."""
    shop = await services.door.shop_id(call.path["shop"])
    first, last = call.query.get("from", ""), call.query.get("to", "")
    name = (("content-disposition", f'attachment; filename="orders-{first}-{last}.csv"'),)
    return Reply(services.book.csv(shop, first, last), content_type="text/csv; charset=utf-8", headers=name)


_OWN = (errors.NoSuchOrder, errors.NotYours)

ROUTES: tuple[Route, ...] = (
    Route("POST", "/shops/{shop}/quote", quote, QuoteRequest, Quote,
          (errors.InvalidField, errors.NoSuchShop, NoSuchReservation, errors.NotYours,
           ReservationEnded, BadRequest, errors.Busy),
          role="person", summary="What reservations would cost as one order; changes nothing",
          max_body_bytes=4096),
    Route("POST", "/shops/{shop}/orders", check_out, Checkout, OrderToPay,
          (errors.KeyMissing, errors.InvalidField, errors.NoSuchShop, NoSuchReservation,
           errors.NotYours, ReservationEnded, AlreadyPaying, BadRequest, LimitReached,
           errors.IdempotencyConflict, errors.TooManyOperations, errors.Busy, PaymentUnavailable,
           NotDelivered, ShippingGone, TotalChanged),
          role="person", status=201, summary="Pay for reservations together; needs an Idempotency-Key",
          max_body_bytes=16384),
    Route("GET", "/shops/{shop}/orders", of_shop, None, OrderList, (errors.NoSuchShop, errors.InvalidField),
          role="money", summary="The shop's orders, newest first",
          query=(("state", "only orders in this state, `to_send`, `asked` or `unread`"),
                 ("q", "the beginning of an order's number or of an e-mail"),
                 ("cursor", "continues a list: the cursor of its last answer"))),
    Route("POST", "/shops/{shop}/orders/{order}/payment-received", payment_received, None, Order,
          (errors.NoSuchShop, errors.NoSuchOrder, errors.WrongState), role="host",
          summary="The money of an order paid by hand has come: it is paid"),
    Route("POST", "/shops/{shop}/orders/{order}/payment-missing", payment_missing, None, Order,
          (errors.NoSuchShop, errors.NoSuchOrder, errors.WrongState), role="host",
          summary="The money of an order paid by hand will not come: it is cancelled, the units go back"),
    Route("GET", "/shops/{shop}/orders.csv", export, None, bytes, (errors.NoSuchShop, errors.InvalidField),
          role="money", summary="The shop's orders of some days as CSV, a row for each line, newest first",
          query=(("from", "first day, YYYY-MM-DD in UTC"), ("to", "last day")), content_type="text/csv"),
    Route("GET", "/orders", mine, None, OrderList, role="person",
          summary="The caller's orders, newest first"),
    Route("GET", "/orders/{order}", read, None, Order, _OWN,
          summary="One order, for its owner, for `token` of its link, or for the shop's host",
          query=(("token", "of the link in the order's mail"),)),
    Route("POST", "/orders/{order}/cancel", cancel, None, Order, (*_OWN, errors.WrongState), role="person",
          summary="Cancel before payment; the units go back at once"),
    Route("POST", "/orders/{order}/pay", pay, None, OrderToPay,
          (*_OWN, errors.WrongState, ReservationEnded, PaymentUnavailable), role="person",
          summary="Pay an order within its hold: the open attempt, or a new one"),
    Route("GET", "/payments/{payment}/scan", scan, None, ScanPage, (errors.NoSuchOrder,),
          summary="What the page with a payment's code says, for who knows its unguessable id"),
    Route("GET", "/payments/{payment}/code.svg", code, None, bytes, (errors.NoSuchOrder,),
          summary="The code of an open payment, to be scanned with its provider's app",
          content_type="image/svg+xml"),
    *REBUILD_ROUTES,
)  # fmt: skip
