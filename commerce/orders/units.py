"""How many units of an order's lines are where after the sale; pure.

quantity = to_send + packed + sent + dropped      dropped: refunded before they were sent
returned <= quantity                              of a refund, sent or not
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from commerce.errors import InvalidField
from commerce.orders.states import Fulfilment


class LineUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some units of one line of an order; `position` counts from 0."""

    position: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LineProgress:
    """Where a line's units are. `returned` are those of refunds, `asked` those of open returns."""

    position: int
    quantity: int
    packed: int = 0
    sent: int = 0
    dropped: int = 0
    returned: int = 0
    asked: int = 0

    @property
    def to_send(self) -> int:
        """Units that are neither packed nor sent and still wanted."""
        return self.quantity - self.packed - self.sent - self.dropped

    @property
    def refundable(self) -> int:
        """Units that no refund has counted."""
        return self.quantity - self.returned

    @property
    def returnable(self) -> int:
        """Units a buyer can still ask to give back."""
        return max(0, self.refundable - self.asked)


def fulfilment_of(lines: Iterable[LineProgress]) -> Fulfilment:
    """Return how much of an order was sent."""
    known = list(lines)
    if any(line.to_send or line.packed for line in known):
        return Fulfilment.PARTLY if any(line.sent for line in known) else Fulfilment.OPEN
    return Fulfilment.SENT if any(line.sent for line in known) else Fulfilment.OPEN


def checked_units(
    wanted: Sequence[LineUnits], lines: Mapping[int, LineProgress], room: str, field: str = "lines"
) -> tuple[LineUnits, ...]:
    """Return the units with those of one line joined; raises InvalidField naming what is wrong.

    `room` is the property of `LineProgress` that none may exceed.
    """
    joined: dict[int, int] = {}
    for one in wanted:
        if one.quantity < 1:
            raise InvalidField("A quantity is 1 or more.", field=field, reason="quantity")
        joined[one.position] = joined.get(one.position, 0) + one.quantity
    for position, quantity in joined.items():
        if position not in lines:
            raise InvalidField(f"The order has no line {position}.", field=field, reason="position")
        most = int(getattr(lines[position], room))
        if quantity > most:
            raise InvalidField(
                f"Of line {position} there are {most} left.",
                field=field,
                reason="too_many",
                position=position,
                most=most,
            )
    return tuple(LineUnits(position, quantity) for position, quantity in sorted(joined.items()))
