"""Reading orders: one's own, one by its mailed link, a shop's."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

from commerce.conversations import conversations_sql
from commerce.database_sql import Database
from commerce.errors import InvalidField, NotYours
from commerce.orders import orders_sql
from commerce.orders.checkout import CheckoutDesk, owns_link
from commerce.orders.messages import Order, OrderList, OrderToPay
from commerce.orders.orders_sql import Record
from commerce.orders.quotes import Quotes
from commerce.orders.scan import ScanPage, scan_code, scan_page
from commerce.orders.settlement import Settlement
from commerce.orders.states import OrderState
from commerce.orders.view import order_view, pay_url
from commerce.payments.provider import Device
from commerce.ports import Clock
from commerce.routing import Identity

log = logging.getLogger(__name__)

LOOK_LIMIT_S: Final = 3
"""How long a page waits for the provider."""
MAX_LOOKED: Final = 2_000
PAGE: Final = 50
AT_ONCE: Final = 8
"""Orders a worker carries on at the same time: a provider that is slow for one must not stop all."""


class RoleReader(Protocol):
    """Answers staff roles."""

    async def role_in(self, person: str, *, shop: str | None = None, show: str | None = None) -> str | None:
        """Return "moderator", "host", "owner" or None."""


class Orders:
    """Orders as their readers see them.

    `desk` makes them, `quotes` says before what they cost, `settlement` carries them on.
    """

    def __init__(
        self,
        database: Database,
        desk: CheckoutDesk,
        quotes: Quotes,
        settlement: Settlement,
        staff: RoleReader,
        now_ms: Clock,
    ) -> None:
        self._database = database
        self.desk = desk
        self.quotes = quotes
        self.settlement = settlement
        self._staff = staff
        self._now_ms = now_ms
        self._looked: OrderedDict[str, int] = OrderedDict()

    async def read(self, order: str, identity: Identity | None, token: str | None) -> Order:
        """Return an order to its owner, to who has its link, or to the shop's host or owner.

        A pending order is asked after at its provider: the buyer may be back before the webhook. Raises
        NoSuchOrder, NotYours.
        """
        async with self._database.read() as sql:
            record = await orders_sql.load(sql, order)
        owner = identity is not None and identity.person == record.order.person
        if not (owner or owns_link(record, token) or await self._is_host(identity, record)):
            raise NotYours
        if self._may_look(record):
            with contextlib.suppress(TimeoutError):  # the page shows what is known, and asks again
                async with asyncio.timeout(LOOK_LIMIT_S):
                    record = await self.settlement.advance(order, ask=True)
        return order_view(record, private=True, token=owner)

    async def mine(self, person: str, *, shop: str | None = None) -> OrderList:
        """Return a person's orders, newest first, the latest 100."""
        async with self._database.read() as sql:
            records = await orders_sql.of_person(sql, person, shop=shop)
            unread = await conversations_sql.unread(sql, "buyer", [one.order.id for one in records])
        views = [order_view(record, private=True, token=True) for record in records]
        return OrderList(views, unread=unread)

    async def cancel(self, person: str, order: str) -> Order:
        """Cancel before payment; see `CheckoutDesk.cancel`."""
        return order_view(await self.desk.cancel(person, order), private=True, token=True)

    async def pay(self, person: str, order: str, device: Device) -> OrderToPay:
        """Pay again; see `CheckoutDesk.pay`."""
        return await self.desk.pay(person, order, device)

    async def scan(self, payment: str) -> ScanPage:
        """Return what the page with a payment's code says; raises NoSuchOrder."""
        return await scan_page(self._database, payment)

    async def code(self, payment: str) -> bytes:
        """Return a payment's code as SVG; raises NoSuchOrder."""
        return await scan_code(self._database, payment)

    async def own(self, people: Sequence[str], shop: str) -> dict[str, list[Order]]:
        """Return the newest 20 orders in a shop of each of these people, newest first; for the room's hello.

        Those who have none are missing. No order carries contact or address.
        """
        async with self._database.read() as sql:
            records = await orders_sql.of_people(sql, people, shop, limit=20)
        views: dict[str, list[Order]] = {}
        for record in records:
            views.setdefault(record.order.person, []).append(order_view(record, private=False, token=True))
        return views

    async def settle_due(self, limit: int = 100) -> int:
        """Look at every order whose time has come; the worker's job. Returns how many."""
        async with self._database.read() as sql:
            found = await orders_sql.due(sql, self._now_ms(), limit)
        for place in range(0, len(found), AT_ONCE):
            await asyncio.gather(*(self._carry_on(order) for order in found[place : place + AT_ONCE]))
        return len(found)

    async def _carry_on(self, order: str) -> None:
        try:
            await self.settlement.advance(order, ask=True)
        except Exception:  # one that breaks must not hold up the others; it is in the log and comes again
            log.exception("order %s could not be carried on", order)
            await self.settlement.later(order)

    async def _is_host(self, identity: Identity | None, record: Record) -> bool:
        if identity is None or identity.kind != "account":
            return False
        role = await self._staff.role_in(identity.person, shop=record.order.shop)
        return identity.admin or role in {"host", "owner"}

    def _may_look(self, record: Record) -> bool:
        """Tell whether to ask the provider now: a page that polls asks it as seldom as it wants."""
        if record.order.state != OrderState.PENDING or pay_url(record) is None:
            return False
        now_ms, order = self._now_ms(), record.order.id
        if now_ms - self._looked.get(order, 0) < self.settlement.look_every_ms(record):
            return False
        self._looked[order] = now_ms
        self._looked.move_to_end(order)
        if len(self._looked) > MAX_LOOKED:
            self._looked.popitem(last=False)
        return True


def page_cursor(text: str) -> tuple[int, str]:
    """Read where a page of orders goes on; raises InvalidField for what is no cursor of ours."""
    at_ms, _, order = text.partition(".")
    if not (at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 16 and order.startswith("or_")):
        raise InvalidField("The cursor is not one of ours.", field="cursor")
    return int(at_ms), order
