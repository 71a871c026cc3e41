"""What an order costs at a place: its lines, the ways to send it, its tax and its total; pure.

Every sum is `commerce.sums`'s. The same function makes the quote a page shows and the order that is
written, so the two cannot differ unless what they are made of differs.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from commerce.places import place_of
from commerce.sale.types import Reservation
from commerce.sums import LineSums, OrderSums, Tax, by_kind, main_tax, order_sums
from commerce.tax_classes import STANDARD, ZERO
from commerce.terms.structs import ShippingKind, ShippingMethod, TaxRate, TaxSum, TaxTable, Terms


class QuoteLine(msgspec.Struct, frozen=True):
    """One hold at its stamped price. `tax_minor` is contained or added, as the quote's flag says.

    `tax_name` is None where no tax is taken of it.
    """

    reservation: str
    pool: str
    variant: str
    quantity: int
    price_minor: int
    line_total_minor: int
    discount_minor: int
    tax_minor: int
    tax_class: str
    tax_name: str | None
    tax_rate_ppm: int


class QuotedShipping(msgspec.Struct, frozen=True):
    """A way to send these goods, at what it costs for them."""

    id: str
    name: str
    kind: ShippingKind
    price_minor: int
    min_days: int | None
    max_days: int | None
    note: str


class Quote(msgspec.Struct, frozen=True):
    """What it comes to. `methods` are what is offered there, none when the shop sends nothing to the place.

    `shipping` is the id of the chosen method, None without one. `taxes` has a row for each rate,
    `shipping_taxes` one for each that shipping shares; `tax_name` and `tax_rate_ppm` are of the rate that
    most of the goods' money bears, None where none is taken.
    `tax_inclusive` says that `tax_minor` is contained in `total_minor`, otherwise it was added to it.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    methods: tuple[QuotedShipping, ...]
    shipping: str | None
    tax_name: str | None
    tax_rate_ppm: int
    tax_inclusive: bool
    items_minor: int
    discount_minor: int
    shipping_minor: int
    shipping_tax_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[TaxSum, ...]
    shipping_taxes: tuple[TaxSum, ...]

    @property
    def chosen(self) -> QuotedShipping | None:
        """The chosen method."""
        return next((one for one in self.methods if one.id == self.shipping), None)


def offered(terms: Terms, country: str, region: str | None) -> tuple[ShippingMethod, ...]:
    """Return the methods for an address there, in the shop's order; a pick-up is offered to everybody."""
    return tuple(method for method in terms.shipping.methods if _goes_to(method, country, region))


def choose(methods: Sequence[ShippingMethod], wanted: str | None) -> ShippingMethod | None:
    """Return the method of that id; without a wish, or when it is not offered, the first that delivers.

    None when nothing is offered.
    """
    by_wish = [method for method in methods if method.id == wanted]
    delivering = [method for method in methods if method.kind is ShippingKind.DELIVERY]
    return next(iter([*by_wish, *delivering, *methods]), None)


def rate_at(table: TaxTable, country: str, region: str | None, tax_class: str = STANDARD) -> TaxRate | None:
    """Return what a class bears at a place: the region's rate for it, else the country's.

    A class that has none there bears the standard rate, `zero` 0% under its name; None where none is.
    """
    rates = {(rate.place, rate.tax_class): rate for rate in table.rates}
    for wanted in dict.fromkeys((tax_class, STANDARD)):
        found = rates.get((f"{country}-{region}", wanted)) or rates.get((country, wanted))
        if found is not None:
            return msgspec.structs.replace(found, rate_ppm=0) if tax_class == ZERO else found
    return None


def quote(
    reservations: Sequence[Reservation],
    currency: str,
    terms: Terms,
    place: tuple[str, str | None],
    wanted: str | None,
    classes: Mapping[str, str],
) -> Quote:
    """Return what these reservations cost when they go to `place` (country, region) by the wanted method.

    `classes` are the variants' tax classes, standard where one is missing. Goods that are picked up bear
    the tax of where they are.
    """
    methods = offered(terms, *place)
    method = choose(methods, wanted)
    items_minor = sum(one.total_minor for one in reservations)
    holds = [hold for one in reservations for hold in one.holds]
    classed = [classes.get(hold.variant, STANDARD) for hold in holds]
    rates = [rate_at(terms.taxes, *_taxed_at(place, method), tax_class) for tax_class in classed]
    taxes = [_tax(rate, inclusive=terms.taxes.inclusive) for rate in rates]
    sums = order_sums(
        [hold.line_total_minor for hold in holds],
        taxes,
        shipping_minor=0 if method is None else price_of(method, items_minor),
        shipping_taxed=method is not None and method.taxed,
    )
    main = main_tax(sums.lines, taxes)
    return Quote(
        currency=currency,
        lines=_lines(reservations, sums, classed, rates),
        methods=tuple(_shown(one, items_minor) for one in methods),
        shipping=None if method is None else method.id,
        tax_name=main.name,
        tax_rate_ppm=main.rate_ppm,
        tax_inclusive=terms.taxes.inclusive and any(rate is not None for rate in rates),
        items_minor=sums.items_minor,
        discount_minor=sums.discount_minor,
        shipping_minor=sums.shipping.amount_minor,
        shipping_tax_minor=sums.shipping.tax_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        taxes=_rows([*zip(taxes, sums.lines, strict=True), *sums.shipping_parts]),
        shipping_taxes=_rows(sums.shipping_parts),
    )


def _taxed_at(place: tuple[str, str | None], method: ShippingMethod | None) -> tuple[str, str | None]:
    """Return where goods bear their tax: the counter's place for a pick-up, the buyer's otherwise."""
    if method is not None and method.kind is ShippingKind.PICKUP:
        return place_of(method.places[0]) or place
    return place


def _tax(rate: TaxRate | None, *, inclusive: bool) -> Tax:
    return Tax(0, inclusive) if rate is None else Tax(rate.rate_ppm, inclusive, rate.name)


def _rows(parts: Iterable[tuple[Tax, LineSums]]) -> tuple[TaxSum, ...]:
    return tax_sums(((tax.name, tax.rate_ppm), part) for tax, part in parts if tax.name is not None)


def tax_sums(parts: Iterable[tuple[tuple[str, int], LineSums]]) -> tuple[TaxSum, ...]:
    """Return a row for each (name, rate) of these parts, the highest rate first."""
    rows = [
        TaxSum(name, rate_ppm, part.untaxed_minor, part.tax_minor)
        for (name, rate_ppm), part in by_kind(parts).items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.rate_ppm, row.name)))


def price_of(method: ShippingMethod, items_minor: int) -> int:
    """Return what a method costs for goods of that price."""
    free = method.free_from_minor is not None and items_minor >= method.free_from_minor
    return 0 if free else method.price_minor


def _goes_to(method: ShippingMethod, country: str, region: str | None) -> bool:
    if method.kind is ShippingKind.PICKUP or not method.places:
        return True
    return country in method.places or f"{country}-{region}" in method.places


def _shown(method: ShippingMethod, items_minor: int) -> QuotedShipping:
    return QuotedShipping(
        id=method.id or "",
        name=method.name,
        kind=method.kind,
        price_minor=price_of(method, items_minor),
        min_days=method.min_days,
        max_days=method.max_days,
        note=method.note,
    )


def _lines(
    reservations: Sequence[Reservation],
    sums: OrderSums,
    classed: Sequence[str],
    rates: Sequence[TaxRate | None],
) -> tuple[QuoteLine, ...]:
    holds = [(one.id, hold) for one in reservations for hold in one.holds]
    return tuple(
        QuoteLine(
            reservation=reservation,
            pool=hold.pool,
            variant=hold.variant,
            quantity=hold.quantity,
            price_minor=hold.price_minor,
            line_total_minor=line.amount_minor,
            discount_minor=line.discount_minor,
            tax_minor=line.tax_minor,
            tax_class=tax_class,
            tax_name=None if rate is None else rate.name,
            tax_rate_ppm=0 if rate is None else rate.rate_ppm,
        )
        for (reservation, hold), line, tax_class, rate in zip(holds, sums.lines, classed, rates, strict=True)
    )
