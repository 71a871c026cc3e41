"""What an order costs at a place: its lines, the ways to send it, its tax and its total; pure.

Every sum is `commerce.sums`'s. The same function makes the quote a page shows and the order that is
written, so the two cannot differ unless what they are made of differs.
"""

from collections.abc import Sequence

import msgspec

from commerce.places import place_of
from commerce.sale.types import Reservation
from commerce.sums import NO_TAX, OrderSums, Tax, order_sums
from commerce.terms.structs import ShippingKind, ShippingMethod, TaxRate, TaxTable, Terms


class QuoteLine(msgspec.Struct, frozen=True):
    """One hold at its stamped price. `tax_minor` is contained or added, as the quote's flag says."""

    reservation: str
    pool: str
    variant: str
    quantity: int
    price_minor: int
    line_total_minor: int
    discount_minor: int
    tax_minor: int


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

    `shipping` is the id of the chosen method, None without one. `tax_name` is None where no tax is taken;
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


def rate_at(table: TaxTable, country: str, region: str | None) -> TaxRate | None:
    """Return the rate of a place: the region's, else the country's, else None."""
    rates = {rate.place: rate for rate in table.rates}
    return rates.get(f"{country}-{region}") or rates.get(country)


def quote(
    reservations: Sequence[Reservation],
    currency: str,
    terms: Terms,
    place: tuple[str, str | None],
    wanted: str | None,
) -> Quote:
    """Return what these reservations cost when they go to `place` (country, region) by the wanted method.

    Goods that are picked up bear the tax of where they are.
    """
    methods = offered(terms, *place)
    method = choose(methods, wanted)
    taxed_at = place
    if method is not None and method.kind is ShippingKind.PICKUP:
        taxed_at = place_of(method.places[0]) or place
    rate = rate_at(terms.taxes, *taxed_at)
    items_minor = sum(one.total_minor for one in reservations)
    sums = order_sums(
        [hold.line_total_minor for one in reservations for hold in one.holds],
        NO_TAX if rate is None else Tax(rate.rate_ppm, terms.taxes.inclusive),
        shipping_minor=0 if method is None else price_of(method, items_minor),
        shipping_taxed=method is not None and method.taxed,
    )
    return Quote(
        currency=currency,
        lines=_lines(reservations, sums),
        methods=tuple(_shown(one, items_minor) for one in methods),
        shipping=None if method is None else method.id,
        tax_name=None if rate is None else rate.name,
        tax_rate_ppm=0 if rate is None else rate.rate_ppm,
        tax_inclusive=rate is not None and terms.taxes.inclusive,
        items_minor=sums.items_minor,
        discount_minor=sums.discount_minor,
        shipping_minor=sums.shipping.amount_minor,
        shipping_tax_minor=sums.shipping.tax_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
    )


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


def _lines(reservations: Sequence[Reservation], sums: OrderSums) -> tuple[QuoteLine, ...]:
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
        )
        for (reservation, hold), line in zip(holds, sums.lines, strict=True)
    )
