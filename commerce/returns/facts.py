"""An order with all that came after its sale, and what follows from that; pure but for the look-up's calls.

Who changes anything of an order after its sale locks the order first and then reads these facts in the same
transaction: so two refunds, or a refund and a parcel, never count the same unit or the same money.
"""

from dataclasses import dataclass
from typing import Any

from commerce.database_sql import Sql
from commerce.errors import NoSuchOrder
from commerce.fulfilment import parcels_sql
from commerce.fulfilment.parcels_sql import Parcel
from commerce.orders import orders_sql
from commerce.orders.orders_sql import Record
from commerce.orders.states import Fulfilment, OrderState, after_refunds
from commerce.orders.units import LineProgress, fulfilment_of
from commerce.payments.states import PaymentState
from commerce.returns import refunds_sql, returns_sql
from commerce.returns.refunds_sql import Refund
from commerce.returns.returns_sql import Return
from commerce.returns.states import RefundState


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an order; parcels, refunds and returns oldest first."""

    record: Record
    parcels: list[Parcel]
    refunds: list[Refund]
    returns: list[Return]

    @property
    def captured(self) -> Any:
        """The payment whose money was taken, None while there is none."""
        winner = self.record.order.winner
        attempt = None if winner is None else self.record.attempt(winner)
        return attempt if attempt is not None and attempt.state == PaymentState.CAPTURED else None

    @property
    def captured_minor(self) -> int:
        """Money that was taken."""
        return 0 if self.captured is None else int(self.captured.amount_minor)

    @property
    def refunded_minor(self) -> int:
        """Money that went back."""
        return sum(int(one.row.amount_minor) for one in self.refunds if one.row.state == RefundState.DONE)

    @property
    def left_minor(self) -> int:
        """Money that no refund has counted; never below zero."""
        return self.captured_minor - sum(int(one.row.amount_minor) for one in self.refunds if one.counted)

    @property
    def refund_pending(self) -> bool:
        """Whether the provider has yet to answer for a refund."""
        return any(one.row.state == RefundState.PENDING for one in self.refunds)

    @property
    def progress(self) -> dict[int, LineProgress]:
        """Where the units of each line are, by position."""
        return {
            line.position: LineProgress(
                position=line.position,
                quantity=line.quantity,
                packed=_units(self.parcels, line.position, sent=False),
                sent=_units(self.parcels, line.position, sent=True),
                dropped=sum(
                    units.unsent
                    for one in self.refunds
                    for units in one.units
                    if one.counted and units.position == line.position
                ),
                returned=sum(
                    units.quantity
                    for one in self.refunds
                    for units in one.units
                    if one.counted and units.position == line.position
                ),
                asked=sum(
                    units.quantity
                    for one in self.returns
                    for units in one.units
                    if one.open and units.position == line.position
                ),
            )
            for line in self.record.lines
        }

    @property
    def fulfilment(self) -> Fulfilment:
        """How much was sent."""
        return fulfilment_of(self.progress.values())

    @property
    def state(self) -> OrderState:
        """The state that refunds and parcels make of a paid order."""
        now = OrderState(self.record.order.state)
        if self.refunded_minor:
            return after_refunds(self.captured_minor, self.refunded_minor)
        sent = self.fulfilment is Fulfilment.SENT and not self.refund_pending
        return OrderState.FULFILLED if sent and now is OrderState.PAID else now

    def refund(self, found: str) -> Refund:
        """Return one of its refunds."""
        return next(one for one in self.refunds if one.row.id == found)


def _units(parcels: list[Parcel], position: int, *, sent: bool) -> int:
    return sum(
        units.quantity
        for parcel in parcels
        for units in parcel.units
        if units.position == position and (parcel.row.sent_at_ms is not None) is sent
    )


async def load_facts(sql: Sql, order: str, *, shop: str | None = None, lock: bool = False) -> Facts:
    """Return an order's facts; raises NoSuchOrder, also for an order of another shop than `shop`."""
    record = await orders_sql.load(sql, order, lock=lock)
    if shop is not None and record.order.shop != shop:
        raise NoSuchOrder
    return (await with_facts(sql, [record]))[0]


async def with_facts(sql: Sql, records: list[Record]) -> list[Facts]:
    """Return orders with what came after their sale."""
    ids = [record.order.id for record in records]
    parcels = await parcels_sql.of_orders(sql, ids)
    refunds = await refunds_sql.of_orders(sql, ids)
    returns = await returns_sql.of_orders(sql, ids)
    return [
        Facts(record, parcels[one], refunds[one], returns[one])
        for record, one in zip(records, ids, strict=True)
    ]


async def write_state(sql: Sql, order: str, now_ms: int) -> Facts:
    """Bring state and fulfilment of a locked order to what its parcels and refunds make of them."""
    facts = await load_facts(sql, order)
    row = facts.record.order
    values: dict[str, str] = {}
    if facts.state != row.state:
        values["state"] = facts.state
    if facts.fulfilment != row.fulfilment:
        values["fulfilment"] = facts.fulfilment
    if values:
        await orders_sql.change(sql, row, now_ms, **values)
        facts = await load_facts(sql, order)
    return facts
