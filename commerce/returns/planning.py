"""What a refund comes to: its amount and its units; pure.

Everything is decided from the facts of a locked order, so the sum of an order's refunds never exceeds what
was captured and a unit is never refunded twice.
"""

from dataclasses import dataclass

from commerce.errors import InvalidField, WrongState
from commerce.orders.units import LineUnits, checked_units
from commerce.returns.amounts import line_paid_minor, shipping_paid_minor, units_minor
from commerce.returns.facts import Facts
from commerce.returns.refunds_sql import RefundUnits
from commerce.returns.refusals import NothingLeft, TooMuch
from commerce.returns.structs import RefundRequest


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """A refund as it will be written down."""

    amount_minor: int
    units: tuple[RefundUnits, ...]


def plan_refund(facts: Facts, ask: RefundRequest, *, sent_first: bool = False) -> RefundPlan:
    """Return what a request comes to. `sent_first` takes units that came back before unsent ones.

    Raises WrongState when no money was taken, NothingLeft, InvalidField, TooMuch {left_minor}.
    """
    if facts.captured is None:
        raise WrongState("Nothing was paid that could go back.", state=facts.record.order.state)
    if facts.left_minor <= 0:
        raise NothingLeft
    units = _units(facts, ask)
    amount_minor = _amount_minor(facts, ask, units)
    if amount_minor < 1:
        raise InvalidField("Say what to refund: units, the shipping or an amount.", field="amount_minor")
    if amount_minor > facts.left_minor:
        raise TooMuch(left_minor=facts.left_minor, asked_minor=amount_minor)
    return RefundPlan(amount_minor, tuple(_placed(facts, one, sent_first=sent_first) for one in units))


def value_minor(facts: Facts, units: tuple[LineUnits, ...]) -> int:
    """Return what these units cost their buyer, those of earlier refunds counted first."""
    progress = facts.progress
    return sum(
        units_minor(
            line_paid_minor(facts.record, one.position),
            progress[one.position].quantity,
            progress[one.position].returned,
            one.quantity,
        )
        for one in units
    )


def _units(facts: Facts, ask: RefundRequest) -> tuple[LineUnits, ...]:
    if ask.everything:
        return tuple(
            LineUnits(line.position, line.refundable) for line in facts.progress.values() if line.refundable
        )
    return checked_units(ask.lines, facts.progress, "refundable")


def _amount_minor(facts: Facts, ask: RefundRequest, units: tuple[LineUnits, ...]) -> int:
    if ask.amount_minor is not None:
        return ask.amount_minor
    if ask.everything:
        return facts.left_minor
    shipping_minor = shipping_paid_minor(facts.record) if ask.shipping else 0
    return value_minor(facts, units) + shipping_minor


def _placed(facts: Facts, one: LineUnits, *, sent_first: bool) -> RefundUnits:
    """Say how many of the units were never sent."""
    line = facts.progress[one.position]
    out = line.packed + line.sent - (line.returned - line.dropped)
    unsent = max(0, one.quantity - out) if sent_first else min(one.quantity, line.to_send)
    return RefundUnits(one.position, one.quantity, unsent)
