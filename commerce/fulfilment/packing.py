"""Packing and sending what was paid, in one parcel or in several."""

import asyncio
from typing import Final

from commerce.database_sql import Sql
from commerce.errors import InvalidField, NoSuchOrder, WrongState
from commerce.fulfilment import parcels_sql
from commerce.fulfilment.carriers import checked_tracking
from commerce.fulfilment.letters import sent_letter
from commerce.fulfilment.packing_list_pdf import packing_list
from commerce.fulfilment.parcels_sql import Parcel
from commerce.fulfilment.refusals import NoSuchParcel, NothingToSend
from commerce.fulfilment.states import ParcelState
from commerce.fulfilment.structs import ParcelRequest, SendRequest
from commerce.language import Language
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.orders import orders_sql
from commerce.orders.states import SENDABLE, OrderState
from commerce.orders.units import LineUnits, checked_units
from commerce.orders.webhook_data import order_data
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock, NewId
from commerce.returns.facts import Facts, load_facts, with_facts, write_state
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType

MAX_LISTED: Final = 100
"""Orders of one packing list."""


class Packing:
    """What a host does between payment and the carrier."""

    def __init__(self, outbox: Outbox, now_ms: Clock, new_id: NewId, public_url: str) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._now_ms = now_ms
        self._new_id = new_id
        self._public_url = public_url

    async def pack(self, actor: str, shop: str, order: str, ask: ParcelRequest, key: str | None) -> str:
        """Put units into a parcel, and send it when asked; answers its id. A repeat answers the same.

        Raises NoSuchOrder, WrongState, NothingToSend, InvalidField, KeyMissing, IdempotencyConflict.
        """
        key, operation, hashed = check_key(key), f"parcel {order}", body_hash(ask)
        carrier, tracking, url = checked_tracking(ask.carrier, ask.tracking, ask.tracking_url)
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, order, shop=shop, lock=True)
            known = await stored_answer(unit.sql, actor, operation, key, hashed, str)
            if known is not None:
                return known
            units = _units(facts, ask)
            parcel, now_ms = self._new_id("pk"), self._now_ms()
            values = {
                "id": parcel,
                "order": order,
                "shop": shop,
                "state": ParcelState.PACKED,
                "carrier": carrier,
                "tracking": tracking,
                "tracking_url": url,
                "packed_at_ms": now_ms,
            }
            await parcels_sql.insert(unit.sql, values, units)
            if ask.send:
                await self._send(unit, order, parcel)
            await store_answer(unit.sql, actor, operation, key, hashed, parcel, now_ms)
        return parcel

    async def send(self, shop: str, order: str, parcel: str, ask: SendRequest) -> None:
        """Send a packed parcel, or correct the tracking of one under way. Repeating it is harmless.

        Raises NoSuchOrder, NoSuchParcel, InvalidField.
        """
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, order, shop=shop, lock=True)
            one = _parcel(facts, parcel)
            carrier, tracking, url = _way(one, ask)
            await parcels_sql.change(unit.sql, parcel, carrier=carrier, tracking=tracking, tracking_url=url)
            if one.row.sent_at_ms is None:
                await self._send(unit, order, parcel)

    async def delivered(self, shop: str, order: str, parcel: str) -> None:
        """Note that a parcel came; repeating it is harmless. Raises NoSuchOrder, NoSuchParcel, WrongState."""
        async with self._database.write() as sql:
            one = _parcel(await load_facts(sql, order, shop=shop, lock=True), parcel)
            if one.row.sent_at_ms is None:
                raise WrongState("This parcel was not sent yet.", state=one.row.state)
            if one.row.delivered_at_ms is None:
                await parcels_sql.change(
                    sql, parcel, state=ParcelState.DELIVERED, delivered_at_ms=self._now_ms()
                )

    async def unpack(self, shop: str, order: str, parcel: str) -> None:
        """Take a packed parcel apart. Raises NoSuchOrder, NoSuchParcel, WrongState once it was sent."""
        async with self._database.write() as sql:
            one = _parcel(await load_facts(sql, order, shop=shop, lock=True), parcel)
            if one.row.sent_at_ms is not None:
                raise WrongState("This parcel is on its way already.", state=one.row.state)
            await parcels_sql.delete(sql, [parcel])
            await write_state(sql, order, self._now_ms())

    async def list_pdf(self, shop: str, orders: list[str], language: Language) -> bytes:
        """Return the packing lists of orders as one PDF, a page or more for each, in the host's language.

        Raises InvalidField for none or too many, NoSuchOrder.
        """
        wanted = list(dict.fromkeys(orders))
        if not 1 <= len(wanted) <= MAX_LISTED:
            raise InvalidField(f"Name 1 to {MAX_LISTED} orders.", field="orders")
        async with self._database.read() as sql:
            facts = await with_facts(sql, [await _of_shop(sql, shop, order) for order in wanted])
        return await asyncio.to_thread(packing_list, facts, language)

    async def _send(self, unit: Unit, order: str, parcel: str) -> None:
        now_ms = self._now_ms()
        await parcels_sql.change(unit.sql, parcel, state=ParcelState.SENT, sent_at_ms=now_ms)
        facts = await write_state(unit.sql, order, now_ms)
        row = facts.record.order
        if row.state == OrderState.FULFILLED:
            fulfilled = order_data(facts.record, OrderState.FULFILLED)
            await webhooks.emit(unit, row.shop, EventType.ORDER_FULFILLED, fulfilled)
        if row.contact_email:
            told = sent_letter(facts, _parcel(facts, parcel), self._public_url)
            await unit.add("mail", dict(told))


def _units(facts: Facts, ask: ParcelRequest) -> tuple[LineUnits, ...]:
    if facts.record.order.state not in SENDABLE:
        raise WrongState("Only a paid or placed order is sent.", state=facts.record.order.state)
    everything = tuple(
        LineUnits(line.position, line.to_send) for line in facts.progress.values() if line.to_send
    )
    if not everything:
        raise NothingToSend
    return checked_units(ask.lines or everything, facts.progress, "to_send")


def _way(parcel: Parcel, ask: SendRequest) -> tuple[str, str, str | None]:
    """Return carrier, number and page of a parcel; what is not told anew stays."""
    row = parcel.row
    carrier, number, url = checked_tracking(
        ask.carrier or row.carrier, ask.tracking or row.tracking, ask.tracking_url
    )
    same = (carrier, number) == (row.carrier, row.tracking)
    return carrier, number, row.tracking_url if url is None and same else url


def _parcel(facts: Facts, wanted: str) -> Parcel:
    for one in facts.parcels:
        if one.row.id == wanted:
            return one
    raise NoSuchParcel


async def _of_shop(sql: Sql, shop: str, order: str) -> orders_sql.Record:
    record = await orders_sql.load(sql, order)
    if record.order.shop != shop:
        raise NoSuchOrder
    return record
