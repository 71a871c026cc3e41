"""An order's sums: tax, discounts, shipping, and what a part of it gives back; whole minor units, pure.

Every line is rounded by itself, half up, and the order is the sum of its rounded lines: what stands on a
line is what was added, so a buyer who adds up a receipt arrives at its total. Discounts are spread by
the largest remainder. A part that goes back is the difference of two cumulative sums, so that parts
never come to more than the whole and all of them together are the whole, in whatever steps.

Rates are parts in a million: 19% is 190,000, Quebec's 14.975% is 149,750.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

PPM: Final = 1_000_000
"""A rate of 100%; the highest there is."""


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax and whether prices contain it. `rate_ppm` is 0 to `PPM`; `name` None where none is taken."""

    rate_ppm: int = 0
    inclusive: bool = False
    name: str | None = None


NO_TAX: Final = Tax()

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class LineSums:
    """What one line (or the shipping) comes to, in minor units.

    `amount_minor` is price times quantity, `discount_minor` what goes off, `tax_minor` the tax of the rest:
    contained in it when `inclusive`, added to it otherwise.
    """

    amount_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    inclusive: bool = False

    @property
    def net_minor(self) -> int:
        """The amount less its discount."""
        return self.amount_minor - self.discount_minor

    @property
    def payable_minor(self) -> int:
        """What is paid for it, tax and all."""
        return self.net_minor if self.inclusive else self.net_minor + self.tax_minor

    @property
    def untaxed_minor(self) -> int:
        """What is paid for it less its tax: the amount the tax is taken of."""
        return self.payable_minor - self.tax_minor


@dataclass(frozen=True, slots=True)
class OrderSums:
    """Lines in the order they were given, and shipping: what each tax takes of it, the highest rate first."""

    lines: tuple[LineSums, ...]
    shipping_parts: tuple[tuple[Tax, LineSums], ...]

    @property
    def shipping(self) -> LineSums:
        """All of shipping as one line."""
        inclusive = any(tax.inclusive for tax, _ in self.shipping_parts)
        return sum_of((part for _, part in self.shipping_parts), inclusive=inclusive)

    @property
    def items_minor(self) -> int:
        """The lines' amounts before discounts."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """What goes off the lines."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """All tax, the shipping's too."""
        return sum(line.tax_minor for line in self.lines) + self.shipping.tax_minor

    @property
    def total_minor(self) -> int:
        """What is paid: the sum of all that is payable."""
        return sum(line.payable_minor for line in self.lines) + self.shipping.payable_minor


def half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers that are not negative; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def tax_of(net_minor: int, tax: Tax) -> int:
    """Return the tax contained in, or to be added to, an amount that is not negative."""
    base_ppm = PPM + tax.rate_ppm if tax.inclusive else PPM
    return half_up(net_minor * tax.rate_ppm, base_ppm)


def spread(amount_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share an amount out in proportion to weights, by the largest remainder; the shares sum to it.

    What is left after rounding down goes, one unit each, to the largest remainders; among equal ones to the
    larger weight, so that the order of the weights does not matter. No share is negative, and none is above
    its weight unless the amount is above their sum. ValueError when all weights are 0 and the amount is not.
    """
    total = sum(weights)
    if total == 0:
        if amount_minor:
            raise ValueError("there is nothing to spread an amount over")
        return (0,) * len(weights)
    shares = [amount_minor * weight // total for weight in weights]
    left = amount_minor - sum(shares)
    remainders = [(amount_minor * weight % total, weight) for weight in weights]
    for place in sorted(range(len(weights)), key=lambda at: remainders[at], reverse=True)[:left]:
        shares[place] += 1
    return tuple(shares)


def line_sums(amount_minor: int, discount_minor: int, tax: Tax) -> LineSums:
    """Return what a line comes to; the discount may be as large as the amount, not larger (ValueError)."""
    if not 0 <= discount_minor <= amount_minor:
        raise ValueError(f"a discount of {discount_minor} does not fit an amount of {amount_minor}")
    bare = LineSums(amount_minor, discount_minor, inclusive=tax.inclusive)
    return replace(bare, tax_minor=tax_of(bare.net_minor, tax))


def order_sums(
    amounts_minor: Sequence[int],
    taxes: Sequence[Tax],
    *,
    discount_minor: int = 0,
    shipping_minor: int = 0,
    shipping_taxed: bool = True,
) -> OrderSums:
    """Return what an order comes to; each line has its own tax, all of them inclusive or none.

    `discount_minor` is spread over the lines before their tax and must not be above their sum (ValueError).
    Shipping takes no discount; it shares the goods' taxes (`shipping_sums`) when `shipping_taxed`, or bears
    none.
    """
    if len({tax.inclusive for tax in taxes}) > 1:
        raise ValueError("prices contain their tax, or they do not")
    discounts = spread(discount_minor, amounts_minor)
    each = zip(amounts_minor, discounts, taxes, strict=True)
    lines = tuple(line_sums(amount, discount, tax) for amount, discount, tax in each)
    if shipping_taxed:
        return OrderSums(lines, shipping_sums(shipping_minor, lines, taxes))
    untaxed = Tax(0, inclusive=any(tax.inclusive for tax in taxes))
    return OrderSums(lines, ((untaxed, line_sums(shipping_minor, 0, untaxed)),) if shipping_minor else ())


def shipping_sums(
    price_minor: int, lines: Sequence[LineSums], taxes: Sequence[Tax]
) -> tuple[tuple[Tax, LineSums], ...]:
    """Share the price of shipping out over the goods' taxes, and take each share's tax, rounded by itself.

    Carriage belongs to what is carried and shares its tax: Directive 2006/112/EC counts transport that the
    supplier charges to the taxable amount of the supply (Article 78(b)), and an ancillary supply follows the
    principal one. Of mixed goods each rate gets the part of the price that its goods have of the goods' money
    after discounts (`net_minor`), by the largest remainder; among equal remainders the higher rate gets the
    unit. Where prices contain their tax, sharing the price with its tax by prices with theirs is sharing the
    price without tax by prices without it: both have the factor of their rate. Goods that cost nothing share
    nothing; where all cost nothing, the highest rate gets it. Shares of 0 are left out.
    """
    goods = by_kind(zip(taxes, lines, strict=True))
    each = sorted(goods, key=lambda tax: (-tax.rate_ppm, tax.name or "")) or [NO_TAX]
    weights = [goods[tax].net_minor if tax in goods else 0 for tax in each]
    shares = spread(price_minor, weights if any(weights) else [1] + [0] * (len(each) - 1))
    return tuple((tax, line_sums(share, 0, tax)) for tax, share in zip(each, shares, strict=True) if share)


def main_tax(lines: Sequence[LineSums], taxes: Sequence[Tax]) -> Tax:
    """Return the tax that most of the goods' money bears; among equal parts the highest rate."""
    weights: dict[Tax, int] = {}
    for line, tax in zip(lines, taxes, strict=True):
        weights[tax] = weights.get(tax, 0) + line.net_minor
    return max(weights, key=lambda tax: (weights[tax], tax.rate_ppm), default=NO_TAX)


def by_kind(parts: Iterable[tuple[Kind, LineSums]]) -> dict[Kind, LineSums]:
    """Add parts up by what they are marked with, such as their rate; in the order they first appear."""
    sums: dict[Kind, LineSums] = {}
    for kind, part in parts:
        there = sums.get(kind, LineSums(0, inclusive=part.inclusive))
        sums[kind] = sum_of((there, part), inclusive=part.inclusive)
    return sums


def units_back(line: LineSums, quantity: int, before: int, units: int) -> LineSums:
    """Return what `units` of a line's `quantity` give back, when `before` of them went back already.

    All parts are of one kind: amount, discount, tax and what is paid out (`payable_minor`). The tax follows
    the money, so no part's tax is above what the part pays out. ValueError when there are not that many.
    """
    if min(before, units) < 0 or before + units > quantity:
        raise ValueError(f"{units} of {quantity} cannot go back after {before}")
    return _less(_first_units(line, quantity, before + units), _first_units(line, quantity, before))


def money_back(line: LineSums, before_minor: int, amount_minor: int) -> LineSums:
    """Return the parts of an amount paid out for a line, when `before_minor` was paid out already.

    `payable_minor` of the answer is exactly `amount_minor`. ValueError when there is not that much left.
    """
    if min(before_minor, amount_minor) < 0 or before_minor + amount_minor > line.payable_minor:
        raise ValueError(f"{amount_minor} of {line.payable_minor} cannot go back after {before_minor}")
    return _less(_first_money(line, before_minor + amount_minor), _first_money(line, before_minor))


def sum_of(parts: Iterable[LineSums], *, inclusive: bool) -> LineSums:
    """Add parts of one kind up."""
    total = LineSums(0, inclusive=inclusive)
    for part in parts:
        total = LineSums(
            total.amount_minor + part.amount_minor,
            total.discount_minor + part.discount_minor,
            total.tax_minor + part.tax_minor,
            inclusive,
        )
    return total


def _first_units(line: LineSums, quantity: int, units: int) -> LineSums:
    if units == 0:
        return LineSums(0, inclusive=line.inclusive)
    amount = half_up(line.amount_minor * units, quantity)
    discount = half_up(line.discount_minor * units, quantity)
    return _with_tax(line, amount, min(discount, amount))


def _first_money(line: LineSums, paid_minor: int) -> LineSums:
    if paid_minor == 0:
        return LineSums(0, inclusive=line.inclusive)
    tax = half_up(line.tax_minor * paid_minor, line.payable_minor)
    net = paid_minor if line.inclusive else paid_minor - tax
    discount = half_up(line.discount_minor * paid_minor, line.payable_minor)
    return LineSums(net + discount, discount, tax, line.inclusive)


def _with_tax(line: LineSums, amount: int, discount: int) -> LineSums:
    net = amount - discount
    tax = half_up(line.tax_minor * net, line.net_minor) if line.net_minor else 0
    return LineSums(amount, discount, tax, line.inclusive)


def _less(later: LineSums, earlier: LineSums) -> LineSums:
    return LineSums(
        later.amount_minor - earlier.amount_minor,
        later.discount_minor - earlier.discount_minor,
        later.tax_minor - earlier.tax_minor,
        later.inclusive,
    )
