"""The tax that goes back with a refund, rate by rate; pure.

A refund is written down as units and an amount. Its amount is laid on the parts of the order, always in the
same way: first on its units, up to what they cost; then on shipping, in proportion to what is left of each
rate's part of it; what is still left on what is left of the lines, in proportion. From each part goes back
the tax that its money bore (`commerce.sums.money_back`), so that the refunds of an order, in whatever
steps, give back exactly its tax, of each rate.
"""

from collections.abc import Iterator, Sequence

from commerce.orders.order_taxes import line_part, line_rate, shipping_parts
from commerce.orders.orders_sql import Record
from commerce.returns.amounts import line_paid_minor, units_minor
from commerce.returns.refunds_sql import Refund
from commerce.sums import LineSums, money_back, spread
from commerce.terms.quote import tax_sums
from commerce.terms.structs import TaxSum


def refund_taxes(record: Record, earlier: Sequence[Refund], refund: Refund) -> tuple[TaxSum, ...]:
    """Return a row for each rate of what a refund gives back; `earlier` are those that count before it."""
    book = _Book(record)
    for one in earlier:
        book.pay_out(one)
    rates = [line_rate(record.order, line) for line in record.lines]
    shared = [rate or (None, 0) for rate, _ in shipping_parts(record.order)]
    parts = zip([*rates, *shared], book.taken(refund), strict=True)
    return tax_sums(((name, rate_ppm), part) for (name, rate_ppm), part in parts if name is not None)


class _Book:
    """What was paid for each part of an order, lines in order, then shipping's, and what went back of it."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._parts = [line_part(record.order, line) for line in record.lines]
        self._parts.extend(part for _, part in shipping_parts(record.order))
        self._back_minor = [0] * len(self._parts)
        self._units = {line.position: 0 for line in record.lines}

    def pay_out(self, refund: Refund) -> list[tuple[int, int]]:
        """Lay a refund on the parts; answers (went back before, goes back now) of each, in minor units."""
        wanted = self._wanted(refund)
        amount_minor = min(int(refund.row.amount_minor), sum(self._left()))
        paid = list(spread(min(amount_minor, sum(wanted)), wanted))
        shipping_left = self._left()[len(self._record.lines) :]
        shipped_minor = min(amount_minor - sum(paid), sum(shipping_left))
        paid[len(self._record.lines) :] = spread(shipped_minor, shipping_left)
        left = [there - gone for there, gone in zip(self._left(), paid, strict=True)]
        rest = spread(amount_minor - sum(paid), left)
        before, now = self._back_minor, [one + more for one, more in zip(paid, rest, strict=True)]
        self._back_minor = [there + gone for there, gone in zip(before, now, strict=True)]
        return list(zip(before, now, strict=True))

    def taken(self, refund: Refund) -> Iterator[LineSums]:
        """Yield what a refund takes from each part."""
        for part, (before_minor, now_minor) in zip(self._parts, self.pay_out(refund), strict=True):
            yield money_back(part, before_minor, now_minor)

    def _left(self) -> list[int]:
        return [
            part.payable_minor - back_minor
            for part, back_minor in zip(self._parts, self._back_minor, strict=True)
        ]

    def _wanted(self, refund: Refund) -> list[int]:
        """Return what the refund's units cost, part by part, as far as their money is still there."""
        wanted = [0] * len(self._parts)
        left = self._left()
        places = {line.position: place for place, line in enumerate(self._record.lines)}
        for one in refund.units:
            place, before = places[one.position], self._units[one.position]
            cost_minor = units_minor(
                line_paid_minor(self._record, one.position),
                self._record.lines[place].quantity,
                before,
                one.quantity,
            )
            wanted[place] = min(cost_minor, left[place])
            self._units[one.position] = before + one.quantity
        return wanted
