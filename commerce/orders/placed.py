"""Orders that are paid by hand, between their placing and the host's word about the money.

Both words are single transactions: the money has come (the attempt is captured, the process goes on to
paid), or the order is given up by buyer or host (the units go back through the outbox). Repeating either
is harmless; the first one stands.
"""

from typing import Any

from commerce.errors import NoSuchOrder, WrongState
from commerce.orders import orders_sql
from commerce.orders.orders_sql import Record
from commerce.orders.settlement import SOON_MS, Settlement
from commerce.orders.states import Fulfilment, OrderState, Stock
from commerce.orders.webhook_data import order_data
from commerce.outbox_sql import Outbox, Unit
from commerce.payments.states import PaymentState
from commerce.ports import Clock
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType


class PlacedOrders:
    """What can be done about an order whose money is promised."""

    def __init__(self, outbox: Outbox, settlement: Settlement, now_ms: Clock) -> None:
        self._outbox = outbox
        self._settlement = settlement
        self._now_ms = now_ms

    async def received(self, shop: str, order: str) -> Record:
        """Note that the money has come: the order is paid, its buyer gets the confirmation.

        Raises NoSuchOrder, WrongState {state} when the order does not wait for money.
        """
        async with self._outbox.write() as unit:
            record = await _locked(unit, shop, order)
            if _waits(record):
                await self._settle(unit, record, PaymentState.CAPTURED)
            elif not _has_come(record):
                state = record.order.state
                raise WrongState("This order does not wait for a payment by hand.", state=state)
        return await self._settlement.advance(order)

    async def give_up(self, order: str, *, shop: str | None = None) -> Record:
        """Cancel: the money will not come, the units go back on sale.

        `shop` is the caller's, where a host calls; a buyer cannot give up what is on its way. Raises
        NoSuchOrder, WrongState {state} once it is paid.
        """
        async with self._outbox.write() as unit:
            record = await _locked(unit, shop, order)
            if shop is None and record.order.fulfilment != Fulfilment.OPEN:
                raise WrongState("A part of this order is on its way already.", state=record.order.state)
            if _waits(record):
                await self._settle(unit, record, PaymentState.VOIDED)
                await orders_sql.change(
                    unit.sql, record.order, self._now_ms(), state=OrderState.CANCELLED, stock=Stock.GONE
                )
                for line in record.lines:
                    await _put_back(unit, record, line)
                cancelled = order_data(record, OrderState.CANCELLED)
                await webhooks.emit(unit, record.order.shop, EventType.ORDER_CANCELLED, cancelled)
            elif record.order.state != OrderState.CANCELLED:
                raise WrongState("Only an unpaid order can be cancelled.", state=record.order.state)
        record = await self._settlement.advance(order)
        await self._settlement.tell(order)
        return record

    async def _settle(self, unit: Unit, record: Record, state: PaymentState) -> None:
        """Move the attempt that was promised; a worker goes on if this process does not."""
        now_ms = self._now_ms()
        await orders_sql.move_attempt(unit.sql, record.attempt(record.order.winner), state, now_ms)
        await orders_sql.look_again(unit.sql, record.order.id, now_ms + SOON_MS, 0)


async def _locked(unit: Unit, shop: str | None, order: str) -> Record:
    record = await orders_sql.load(unit.sql, order, lock=True)
    if shop is not None and record.order.shop != shop:
        raise NoSuchOrder
    return record


def _waits(record: Record) -> bool:
    """Tell whether the order waits for money; not any more between the host's word and the order's move."""
    placed = OrderState(record.order.state) is OrderState.PLACED
    return placed and PaymentState(record.attempt(record.order.winner).state) is PaymentState.PROMISED


def _has_come(record: Record) -> bool:
    """Tell whether the money of this order was promised once and has come: a repeat of `received`."""
    winner = record.order.winner
    return winner is not None and record.attempt(winner).state == PaymentState.CAPTURED


async def _put_back(unit: Unit, record: Record, line: Any) -> None:
    order = record.order
    payload = {
        "operation": f"cancel_{order.id}.{line.position}",
        "pool": line.pool,
        "variant": line.variant,
        "quantity": line.quantity,
        "order": order.id,
    }
    await unit.add("return_sold", payload, shop=order.shop)
