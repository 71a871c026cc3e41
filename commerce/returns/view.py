"""An order with all that followed its sale, as its buyer or the shop's host reads it; pure."""

from collections.abc import Sequence

from commerce.fulfilment.parcels_sql import Parcel
from commerce.orders.states import SENDABLE, OrderState
from commerce.orders.units import LineProgress, LineUnits
from commerce.orders.view import order_view
from commerce.returns.amounts import line_paid_minor, shipping_paid_minor
from commerce.returns.facts import Facts
from commerce.returns.periods import (
    may_call_off,
    may_return,
    may_withdraw,
    return_until_ms,
    withdrawal_until_ms,
)
from commerce.returns.planning import value_minor
from commerce.returns.refunds_sql import Refund
from commerce.returns.returns_sql import Return
from commerce.returns.states import Cause, RefundState, ReturnKind, ReturnState
from commerce.returns.structs import (
    AfterSale,
    Documents,
    LineView,
    ParcelView,
    RefundView,
    ReturnView,
    Rules,
)


def after_sale_view(
    facts: Facts, rules: Rules, documents: Sequence[Documents], now_ms: int, *, host: bool, owner: bool
) -> AfterSale:
    """Return everything about an order. `host` sees what a host can do, others what a buyer can."""
    return AfterSale(
        order=order_view(facts.record, private=True, token=owner),
        fulfilment=facts.fulfilment,
        lines=[_line(facts, line) for line in facts.progress.values()],
        parcels=[_parcel(one) for one in facts.parcels],
        refunds=[_refund(one) for one in facts.refunds if host or one.row.state != RefundState.REFUSED],
        returns=[_return(facts, one) for one in facts.returns],
        documents=list(documents),
        captured_minor=facts.captured_minor,
        refunded_minor=facts.refunded_minor,
        left_minor=facts.left_minor,
        shipping_minor=shipping_paid_minor(facts.record),
        withdraw_until_ms=withdrawal_until_ms(facts, rules),
        return_until_ms=return_until_ms(facts, rules),
        may=_host_may(facts) if host else _buyer_may(facts, rules, now_ms),
    )


def _host_may(facts: Facts) -> list[str]:
    state = facts.record.order.state
    to_send = any(line.to_send for line in facts.progress.values())
    able = {
        "cancel": may_call_off(facts) or state == OrderState.CAPTURE_FAILED,
        "refund": facts.captured is not None and facts.left_minor > 0,
        "pack": state in SENDABLE and to_send,
    }
    return [name for name, holds in able.items() if holds]


def _buyer_may(facts: Facts, rules: Rules, now_ms: int) -> list[str]:
    asked = any(one.open for one in facts.returns)
    able = {
        "ask_cancel": may_call_off(facts) and not asked,
        "return": may_return(facts, rules, now_ms),
        "withdraw": may_withdraw(facts, rules, now_ms),
    }
    return [name for name, holds in able.items() if holds]


def _line(facts: Facts, line: LineProgress) -> LineView:
    return LineView(
        position=line.position,
        quantity=line.quantity,
        to_send=line.to_send,
        packed=line.packed,
        sent=line.sent,
        dropped=line.dropped,
        returned=line.returned,
        returnable=line.returnable,
        refundable=line.refundable,
        paid_minor=line_paid_minor(facts.record, line.position),
    )


def _parcel(parcel: Parcel) -> ParcelView:
    row = parcel.row
    return ParcelView(
        id=row.id,
        state=row.state,
        carrier=row.carrier,
        tracking=row.tracking,
        tracking_url=row.tracking_url,
        lines=list(parcel.units),
        packed_at_ms=row.packed_at_ms,
        sent_at_ms=row.sent_at_ms,
        delivered_at_ms=row.delivered_at_ms,
    )


def _refund(refund: Refund) -> RefundView:
    row = refund.row
    return RefundView(
        id=row.id,
        state=RefundState(row.state),
        cause=Cause(row.cause),
        amount_minor=row.amount_minor,
        currency=row.currency,
        restock=row.restock,
        reason=row.reason,
        refusal=row.refusal,
        lines=[LineUnits(one.position, one.quantity) for one in refund.units],
        created_at_ms=row.created_at_ms,
        done_at_ms=row.done_at_ms,
    )


def _return(facts: Facts, found: Return) -> ReturnView:
    row = found.row
    return ReturnView(
        id=row.id,
        kind=ReturnKind(row.kind),
        state=ReturnState(row.state),
        reason=row.reason,
        answer=row.answer,
        lines=list(found.units),
        refund_minor=min(facts.left_minor, value_minor(facts, found.units)) if found.open else 0,
        created_at_ms=row.created_at_ms,
        received_at_ms=row.received_at_ms,
        closed_at_ms=row.closed_at_ms,
    )
