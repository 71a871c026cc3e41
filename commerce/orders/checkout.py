"""Checkout: from holds to a pending order and the provider's page, and what its buyer may do with it."""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from commerce.buyers.buyers import Buyers
from commerce.database_sql import AlreadyThere, Sql
from commerce.errors import Busy, InvalidField, NotYours, WrongState
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.orders import orders_sql
from commerce.orders.contact import checked_contact, identity_marks
from commerce.orders.messages import Address, Checkout, Contact, OrderToPay
from commerce.orders.order_columns import cost_columns, line_columns, show_at_ms
from commerce.orders.orders_sql import Record, Row
from commerce.orders.placed import PlacedOrders
from commerce.orders.ports import ShopCard, Wares
from commerce.orders.quotes import Quotes, address_for, checked_parts
from commerce.orders.settlement import Settlement
from commerce.orders.states import OrderState, Stock
from commerce.orders.steps import FIRST_LOOK_MS
from commerce.orders.view import order_view, pay_url
from commerce.orders.webhook_data import order_data
from commerce.outbox_sql import Outbox
from commerce.payments import methods_sql
from commerce.payments.keys import derived_id, readable_number
from commerce.payments.methods import PaymentMethods
from commerce.payments.provider import (
    Device,
    KeepsMeans,
    NewPayment,
    PaymentProvider,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    RenewsPages,
)
from commerce.payments.states import OPEN, PaymentState
from commerce.ports import Clock
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.refusals import ItemsChanged, ReservationEnded
from commerce.sale.types import PaymentBegun, ReserveRequest
from commerce.sharing import links_sql
from commerce.sharing.codes import typed_code
from commerce.shows import shows_sql
from commerce.terms.quote import Quote
from commerce.terms.structs import Terms
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType

log = logging.getLogger(__name__)

NO_DEVICE: Final = Device()
_OPERATION: Final = "order"
_NUMBERS: Final = 3
"""Order numbers that are tried before giving up; a second one is hardly ever needed."""


class PaymentUnavailable(Busy):
    """The payment provider gave no answer; the order and its hold stand, repeat with the same key."""

    code = "payment_unavailable"
    sentence = "The payment provider does not answer; your hold stands, please try again."


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who checks out: the person, their language, scheme and host as their browser uses them, the browser."""

    person: str
    language: str
    origin: str
    device: Device = NO_DEVICE


@dataclass(frozen=True, slots=True)
class CheckoutSettings:
    """What differs between installations. `id_key` makes ids that repeated requests make again."""

    public_url: str
    pay_extra_ms: int
    id_key: bytes
    digest: Callable[[str], str]


class CheckoutDesk:
    """Makes orders of reservations, starts payment attempts, cancels."""

    def __init__(
        self,
        outbox: Outbox,
        engine: SaleEngine,
        door: BuyingDoor,
        wares: Wares,
        providers: Mapping[str, PaymentProvider],
        settlement: Settlement,
        methods: PaymentMethods,
        placed: PlacedOrders,
        now_ms: Clock,
        settings: CheckoutSettings,
        quotes: Quotes,
        buyers: Buyers,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._door = door
        self._engine = engine
        self._wares = wares
        self._providers = providers
        self._settlement = settlement
        self._methods = methods
        self.placed = placed
        self._now_ms = now_ms
        self._settings = settings
        self._quotes = quotes
        self._buyers = buyers

    async def begin(self, buyer: Buyer, shop: str, body: Checkout, key: str | None) -> OrderToPay:
        """Make one order of reservations or lines of one shop and register its payment with the provider.

        A repeat with the same key answers the same order, and registers its payment if that failed.
        Raises what `SaleEngine.pay_begin` and `Quotes.expect` do, InvalidField, PaymentUnavailable {order}.
        """
        key = check_key(key)
        order = await self._known(buyer.person, key, body)
        if order is None:
            await self._methods.check(shop, body.method)
            terms = await self._quotes.terms(shop)
            checked = self._checked(buyer, body, terms)
            token = None
            if body.means is not None:
                token = await self._buyers.charge_token(buyer.person, body.method, body.means)
            order = await self._write_order(buyer, shop, checked, terms, key, body_hash(body), token)
        return await self._register(order, buyer.device)

    async def pay(self, person: str, order: str, device: Device = NO_DEVICE) -> OrderToPay:
        """Answer the open payment, or start another attempt within the hold.

        Raises NotYours, WrongState {state} when the order is not pending, ReservationEnded.
        """
        now_ms = self._now_ms()
        record = await self._own(person, order)
        if record.order.state == OrderState.PENDING and now_ms >= record.order.deadline_ms:
            raise ReservationEnded(state="expired")
        async with self._database.write() as sql:
            record = await orders_sql.load(sql, order, lock=True)
            if record.order.state != OrderState.PENDING:
                raise WrongState("This order cannot be paid any more.", state=record.order.state)
            states = [PaymentState(one.state) for one in record.attempts]
            if not any(state in OPEN or state is PaymentState.AUTHORISED for state in states):
                attempt = len(states) + 1
                payment = derived_id("pa", self._settings.id_key, order, str(attempt))
                await orders_sql.insert_attempt(sql, record.order, payment, attempt, now_ms)
                await orders_sql.look_again(sql, order, now_ms + FIRST_LOOK_MS, 0)
        return await self._register(order, device, again=True)

    async def cancel(self, person: str, order: str) -> Record:
        """Cancel before payment: the units go back at once. Repeating it is harmless.

        Raises NotYours, WrongState {state} once a payment is authorised or the order ended otherwise.
        """
        if (await self._own(person, order)).order.state == OrderState.PLACED:
            return await self.placed.give_up(order)
        async with self._outbox.write() as unit:
            record = await orders_sql.load(unit.sql, order, lock=True)
            if record.order.state == OrderState.PENDING and not _has_money(record):
                now_ms = self._now_ms()
                await orders_sql.change(
                    unit.sql, record.order, now_ms, state=OrderState.CANCELLED, next_step_at_ms=now_ms
                )
                cancelled = order_data(record, OrderState.CANCELLED)
                await webhooks.emit(unit, record.order.shop, EventType.ORDER_CANCELLED, cancelled)
            elif record.order.state != OrderState.CANCELLED:
                raise WrongState("Only an unpaid order can be cancelled.", state=record.order.state)
        return await self._settlement.advance(order)

    async def _own(self, person: str, order: str) -> Record:
        async with self._database.read() as sql:
            record = await orders_sql.load(sql, order)
        if record.order.person != person:
            raise NotYours
        return record

    async def _known(self, person: str, key: str, body: Checkout) -> str | None:
        async with self._database.read() as sql:
            return await stored_answer(sql, person, _OPERATION, key, body_hash(body), str)

    def _checked(self, buyer: Buyer, body: Checkout, terms: Terms) -> Checkout:
        return msgspec.structs.replace(
            body,
            reservations=checked_parts(body.reservations, body.lines),
            contact=checked_contact(body.contact),
            address=address_for(body, terms),
            return_url=checked_return_url(body.return_url, (buyer.origin, self._settings.public_url)),
        )

    async def _write_order(
        self,
        buyer: Buyer,
        shop: str,
        body: Checkout,
        terms: Terms,
        key: str,
        hashed: str,
        token: str | None,
    ) -> str:
        """Begin paying in Redis, write the pending order in SQL; whichever died half way is repeated."""
        card = await self._wares.shop(shop)
        expected = await self._quotes.expect(buyer.person, shop, body, terms, card.currency)
        try:
            begun = await self._pay_begin(buyer.person, shop, body, expected, key)
        except ItemsChanged as error:  # in the moment between the two; now it is refused with what it costs
            await self._quotes.expect(buyer.person, shop, body, terms, card.currency)
            raise Busy(retry_after_s=1.0) from error
        costs = await self._quotes.costs(shop, begun.reservations, body, terms, card.currency, expected)
        row = self._row(buyer, shop, card, body, begun) | cost_columns(costs)
        row["via"] = await self._via(shop, buyer.person, body.via)
        lines = await self._lines(shop, begun, costs)
        keeps = body.save and token is None and self._buyers.keeps(body.method)

        async def also(sql: Sql) -> None:
            if body.save:
                await self._buyers.remember(
                    sql, buyer.person, shop, body.contact, _sent_to(body), costs.shipping
                )
            await store_answer(sql, buyer.person, _OPERATION, key, hashed, begun.order, row["created_at_ms"])

        attempt = {"means": token, "keeps_means": keeps}
        await self._insert(row, lines, [one.id for one in begun.reservations], attempt, also)
        return begun.order

    async def _pay_begin(
        self, person: str, shop: str, body: Checkout, expected: Quote | None, key: str
    ) -> PaymentBegun:
        return await self._engine.pay_begin(
            shop,
            person=person,
            key=key,
            order=derived_id("or", self._settings.id_key, person, shop, key),
            reservations=body.reservations,
            hold=await self._hold(person, shop, body, key),
            announce=body.announce,
            marks=identity_marks(body.contact, _sent_to(body), self._settings.digest),
            extra_ms=self._settings.pay_extra_ms,
            items_minor=None if body.total_minor is None or expected is None else expected.items_minor,
        )

    async def _lines(self, shop: str, begun: PaymentBegun, costs: Quote) -> list[dict[str, Any]]:
        """Return the order's lines as they are written, each with the moment of the show it was held in."""
        holds = [(one, hold) for one in begun.reservations for hold in one.holds]
        wares = await self._wares.variants(shop, {hold.variant for _, hold in holds})
        async with self._database.read() as sql:
            shows = {one.show for one in begun.reservations if one.show}
            live_since = {show: await shows_sql.live_since_ms(sql, show) for show in shows}
        return [
            line_columns(one, hold, cost, wares.get(hold.variant))
            | {"show_at_ms": show_at_ms(one.created_at_ms, live_since.get(one.show or ""))}
            for (one, hold), cost in zip(holds, costs.lines, strict=True)
        ]

    async def _via(self, shop: str, person: str, told: str | None) -> str | None:
        """Return the share link that the order is owed to; one that does not fit never stops a sale."""
        code = typed_code(told or "")
        if code is None:
            return None
        async with self._database.read() as sql:
            return await links_sql.attributed(sql, code, shop, person)

    async def _hold(self, person: str, shop: str, body: Checkout, key: str) -> ReserveRequest | None:
        """Return what `pay_begin` holds itself: its time is the payment's alone. None: it is held already."""
        if not body.lines:
            return None
        lines = await self._door.lines(shop, body.lines)
        reservation = derived_id("rs", self._settings.id_key, person, shop, key)
        return ReserveRequest(person, key, reservation, lines, body.show, hold_ms=0)

    async def _insert(
        self,
        row: dict[str, Any],
        lines: list[dict[str, Any]],
        reservations: list[str],
        attempt: dict[str, Any],
        also: Callable[[Sql], Awaitable[None]],
    ) -> None:
        """Write the order, its first attempt and what belongs to it, unless the same request was first."""
        now_ms, order = row["created_at_ms"], row["id"]
        payment = derived_id("pa", self._settings.id_key, order, "1")
        for choice in range(_NUMBERS):
            row["number"] = readable_number(self._settings.id_key, order, choice)
            try:
                async with self._database.write() as sql:
                    await orders_sql.insert(sql, row, lines, reservations)
                    record = await orders_sql.load(sql, order)
                    attempt["instructions"] = await methods_sql.instructions(sql, row["shop"], row["method"])
                    await orders_sql.insert_attempt(sql, record.order, payment, 1, now_ms, **attempt)
                    await also(sql)
            except AlreadyThere:
                async with self._database.read() as sql:
                    if await orders_sql.exists(sql, order):
                        return
            else:
                return
        raise Busy(retry_after_s=1.0)

    def _row(
        self, buyer: Buyer, shop: str, card: ShopCard, body: Checkout, begun: PaymentBegun
    ) -> dict[str, Any]:
        now_ms = self._now_ms()
        return {
            "id": begun.order,
            "shop": shop,
            "show": next((one.show for one in begun.reservations if one.show), None),
            "person": buyer.person,
            "token": secrets.token_urlsafe(24),
            "state": OrderState.PENDING,
            "stock": Stock.HELD,
            "currency": card.currency,
            "method": body.method,
            "announced": body.announce,
            "return_url": _with_order(body.return_url, begun.order),
            "language": buyer.language,
            "seller": msgspec.json.encode(card.seller).decode(),
            "created_at_ms": now_ms,
            "updated_at_ms": now_ms,
            "deadline_ms": begun.deadline_ms,
            "next_step_at_ms": now_ms + FIRST_LOOK_MS,
            **_personal(body.contact, _sent_to(body)),
        }

    async def _register(self, order: str, device: Device, *, again: bool = False) -> OrderToPay:
        """Register the open attempt with the provider unless that was done, and answer the order.

        `again`: of a payment that is open already, a provider whose pages end early gives a fresh one.
        """
        async with self._database.read() as sql:
            record = await orders_sql.load(sql, order)
        attempt = record.attempts[-1]
        if record.order.state == OrderState.PENDING and attempt.state == PaymentState.CREATED:
            await self._create(record.order, attempt, device)
            record = await self._settlement.advance(order)
        elif record.order.state == OrderState.PENDING and attempt.state == PaymentState.PENDING and again:
            await self._renew(record.order, attempt, device)
            async with self._database.read() as sql:
                record = await orders_sql.load(sql, order)
        return OrderToPay(order=order_view(record, private=True, token=True), pay_url=pay_url(record))

    async def _create(self, order: Row, attempt: Row, device: Device) -> None:
        new = self._new_payment(order, attempt, device)
        provider = self._providers[attempt.method]
        try:
            if attempt.means is not None and isinstance(provider, KeepsMeans):
                news = await provider.charge(new, attempt.means)
            else:
                news = await provider.create(new)
            await self._settlement.told(news)
        except ProviderUnavailable as error:
            raise PaymentUnavailable(order=order.id, retry_after_s=1.0) from error
        except ProviderRefused:
            await self._settlement.refused(attempt)

    async def _renew(self, order: Row, attempt: Row, device: Device) -> None:
        """Get a fresh page where there is such a thing; without one the old page stands."""
        provider: object = self._providers.get(attempt.method)
        if not isinstance(provider, RenewsPages):
            return
        try:
            await self._settlement.told(await provider.renew(self._new_payment(order, attempt, device)))
        except ProviderError as error:
            log.warning("payment %s keeps its page: %s", attempt.id, error)

    def _new_payment(self, order: Row, attempt: Row, device: Device) -> NewPayment:
        seller = msgspec.json.decode(order.seller)
        return NewPayment(
            payment=attempt.id,
            order_number=order.number,
            amount_minor=attempt.amount_minor,
            currency=attempt.currency,
            description=f"{seller['name']}: {order.number}",
            seller_name=seller["name"],
            return_url=order.return_url,
            expires_at_ms=order.deadline_ms,
            device=device,
            customer=self._settings.digest(f"customer {order.person}") if attempt.keeps_means else None,
        )


def _has_money(record: Record) -> bool:
    return record.order.winner is not None or any(
        one.state in {PaymentState.AUTHORISED, PaymentState.CAPTURED} for one in record.attempts
    )


def checked_return_url(url: str, origins: tuple[str, ...]) -> str:
    """Return the whole address of a page of ours; raises InvalidField for any other (an open redirect).

    A path is taken to be of the first origin.
    """
    fault = InvalidField(
        "The browser can only return to this server.", field="return_url", reason="malformed"
    )
    if len(url) > 1000 or any(letter <= " " or letter in '\\"<>\x7f' for letter in url):
        raise fault
    if url.startswith("/") and not url.startswith("//"):
        return origins[0] + url
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" not in origins:
        raise fault
    return url


def _with_order(url: str, order: str) -> str:
    """Return the URL with `order=<id>` in its query, so that the page knows what came back."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "order"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("order", order)])))


def owns_link(record: Record, token: str | None) -> bool:
    """Tell whether `token` is the one in the order's mailed link."""
    return opens(record.order, token)


def opens(order: Row, token: str | None) -> bool:
    """Tell whether `token` is the one in the mailed link of an order's row."""
    return bool(token) and hmac.compare_digest(str(token).encode(), order.token.encode())


def _sent_to(body: Checkout) -> Address | None:
    """Return the checked address, None where the buyer fetches the goods."""
    return body.address if body.address.country else None


def _personal(contact: Contact, address: Address | None) -> dict[str, str | None]:
    where = {} if address is None else msgspec.structs.asdict(address)
    return {f"contact_{name}": value for name, value in msgspec.structs.asdict(contact).items()} | {
        f"address_{name}": value for name, value in where.items()
    }
