"""The HTTP doors of refunds, returns, withdrawals and cancellations.

A buyer's doors take no sign-in: who has the link of the order's mail may return and withdraw, as the law
wants it.
"""

from typing import Protocol

from commerce import errors
from commerce.returns.desk import ReturnDesk
from commerce.returns.reader import AfterSales
from commerce.returns.refunds import Refunds
from commerce.returns.refusals import AlreadySent, NoSuchReturn, NothingLeft, PeriodOver, TooMuch
from commerce.returns.structs import (
    AfterSale,
    AnswerRequest,
    CancelRequest,
    RefundRequest,
    ReturnRequest,
    Rules,
    WithdrawalRequest,
)
from commerce.routing import Call, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.routes import caller


class Parts(Protocol):
    """What follows a sale, assembled."""

    @property
    def refunds(self) -> Refunds:
        """Refunds."""

    @property
    def returns(self) -> ReturnDesk:
        """Returns."""

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


async def read(services: Services, call: Call) -> AfterSale:
    """Show an order with all that followed to its buyer."""
    return await services.after.reader.for_buyer(call.identity, call.query.get("token"), call.path["order"])


async def read_as_host(services: Services, call: Call) -> AfterSale:
    """Show an order with all that followed to the host."""
    return await services.after.reader.for_host(await _shop(services, call), call.path["order"])


async def refund(services: Services, call: Call) -> AfterSale:
    """Give money back."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.refunds.refund(caller(call).person, shop, order, call.body, call.operation_key)
    return await services.after.reader.for_host(shop, order)


async def cancel(services: Services, call: Call) -> AfterSale:
    """Call an order off."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.returns.cancel(caller(call).person, shop, order, call.body, call.operation_key)
    return await services.after.reader.for_host(shop, order)


async def answer(services: Services, call: Call) -> AfterSale:
    """Decide about a return."""
    shop, order = await _shop(services, call), call.path["order"]
    await services.after.returns.answer(shop, order, call.path["return"], call.body)
    return await services.after.reader.for_host(shop, order)


async def ask_return(services: Services, call: Call) -> AfterSale:
    """Ask to give something back."""
    order, token = call.path["order"], call.query.get("token")
    await services.after.returns.ask_return(call.identity, token, order, call.body, call.operation_key)
    return await services.after.reader.for_buyer(call.identity, token, order)


async def withdraw(services: Services, call: Call) -> AfterSale:
    """Withdraw from the contract."""
    order, token = call.path["order"], call.query.get("token")
    await services.after.returns.withdraw(call.identity, token, order, call.body, call.operation_key)
    return await services.after.reader.for_buyer(call.identity, token, order)


async def ask_cancellation(services: Services, call: Call) -> AfterSale:
    """Ask for a paid order to be called off."""
    order, token = call.path["order"], call.query.get("token")
    desk = services.after.returns
    await desk.ask_cancellation(call.identity, token, order, call.body, call.operation_key)
    return await services.after.reader.for_buyer(call.identity, token, order)


async def rules(services: Services, call: Call) -> Rules:
    """Show a shop's rules of returning."""
    return await services.after.returns.rules(await _shop(services, call))


async def put_rules(services: Services, call: Call) -> Rules:
    """Lay down a shop's rules of returning."""
    return await services.after.returns.put_rules(await _shop(services, call), call.body)


_OWN = (errors.NoSuchOrder, errors.NotYours)
_WRITES = (errors.KeyMissing, errors.IdempotencyConflict, errors.TooManyOperations, errors.InvalidField)
_OF_SHOP = (errors.NoSuchShop, errors.NoSuchOrder)
_TOKEN = (("token", "of the link in the order's mail"),)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/orders/{order}/after", read, None, AfterSale, _OWN, query=_TOKEN,
          summary="An order with parcels, refunds, returns and documents, for its owner or its link"),
    Route("POST", "/orders/{order}/returns", ask_return, ReturnRequest, AfterSale,
          (*_OWN, *_WRITES, PeriodOver), status=201, query=_TOKEN,
          summary="Ask to give units back by the shop's rules; needs an Idempotency-Key"),
    Route("POST", "/orders/{order}/withdrawal", withdraw, WithdrawalRequest, AfterSale,
          (*_OWN, *_WRITES, PeriodOver), status=201, query=_TOKEN,
          summary="Withdraw from the contract; acknowledged by mail at once; needs an Idempotency-Key"),
    Route("POST", "/orders/{order}/cancellation", ask_cancellation, CancelRequest, AfterSale,
          (*_OWN, *_WRITES, AlreadySent, errors.WrongState), status=201, query=_TOKEN,
          summary="Ask for a paid order to be called off before it is sent; needs an Idempotency-Key"),
    Route("GET", "/shops/{shop}/orders/{order}", read_as_host, None, AfterSale, _OF_SHOP, role="host",
          summary="One order with all that followed, for the shop's host"),
    Route("POST", "/shops/{shop}/orders/{order}/refunds", refund, RefundRequest, AfterSale,
          (*_OF_SHOP, *_WRITES, NoSuchReturn, errors.WrongState, NothingLeft, TooMuch), role="host",
          status=201, summary="Give money back, all or a part; needs an Idempotency-Key"),
    Route("POST", "/shops/{shop}/orders/{order}/cancel", cancel, CancelRequest, AfterSale,
          (*_OF_SHOP, *_WRITES, AlreadySent, errors.WrongState, NothingLeft, TooMuch), role="host",
          summary="Call an unsent order off: money and units go back; needs an Idempotency-Key"),
    Route("POST", "/shops/{shop}/orders/{order}/returns/{return}", answer, AnswerRequest, AfterSale,
          (*_OF_SHOP, NoSuchReturn, errors.WrongState, errors.InvalidField), role="host",
          summary="Mark returned goods as received, close or decline a return"),
    Route("GET", "/shops/{shop}/return-rules", rules, None, Rules, (errors.NoSuchShop,),
          summary="The shop's rules of returning and withdrawing"),
    Route("PUT", "/shops/{shop}/return-rules", put_rules, Rules, Rules,
          (errors.NoSuchShop, errors.InvalidField), role="owner",
          summary="Lay down the rules of returning and withdrawing"),
)  # fmt: skip
