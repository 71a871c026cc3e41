"""What reservations would cost as an order: the quote a page shows, and the check of what it showed."""

from collections.abc import Mapping, Sequence

import msgspec

from commerce.errors import InvalidField, NoSuchVariant, NotYours
from commerce.orders.contact import checked_address
from commerce.orders.messages import Address, Checkout, QuoteRequest
from commerce.orders.ports import Wares
from commerce.places import COUNTRIES, region_code, regions_of
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.messages import ReserveLine
from commerce.sale.refusals import NoSuchReservation, NoSuchSale, ReservationEnded
from commerce.sale.types import (
    MAX_LINES,
    Hold,
    Line,
    PriceRecord,
    Reservation,
    ReservationState,
    SaleRecord,
)
from commerce.terms.quote import Quote, quote
from commerce.terms.refusals import NotDelivered, ShippingGone, TotalChanged
from commerce.terms.shop_terms import ShopTerms
from commerce.terms.structs import ShippingKind, Terms

Place = tuple[str, str | None]
"""A country and a region's code."""


class Quotes:
    """Makes quotes; it holds and changes nothing."""

    def __init__(self, engine: SaleEngine, door: BuyingDoor, wares: Wares, terms: ShopTerms) -> None:
        self._engine = engine
        self._door = door
        self._wares = wares
        self._terms = terms

    async def of(self, person: str, shop: str, body: QuoteRequest) -> Quote:
        """Return what these cost there, by the wanted way or the first that is offered.

        Raises InvalidField, NoSuchReservation, NotYours, ReservationEnded {state}, NoSuchSale, NoSuchVariant.
        """
        ids = checked_parts(body.reservations, body.lines)
        where = _place(body.country, body.region)
        held = [self._checked(one, await self._engine.reservation(shop, one), person) for one in ids]
        held += [await self._draft(person, shop, body.lines)] if body.lines else []
        card, terms = await self._wares.shop(shop), await self._terms.of(shop)
        return quote(held, card.currency, terms, where, body.shipping, await self._classes(shop, held))

    async def terms(self, shop: str) -> Terms:
        """Return the shop's terms as they are now."""
        return await self._terms.of(shop)

    async def expect(
        self, person: str, shop: str, body: Checkout, terms: Terms, currency: str
    ) -> Quote | None:
        """Check what a checkout expects before anything is changed; `body` is checked already.

        None when a reservation is not the person's to pay: `pay_begin` says why. Raises NotDelivered,
        ShippingGone {shipping, quote}, TotalChanged {total_minor, quote}, and for lines what `of` raises.
        """
        held = [await self._engine.reservation(shop, one) for one in body.reservations]
        held += [await self._draft(person, shop, body.lines)] if body.lines else []
        mine = [one for one in held if one is not None and one.live and one.person == person]
        if len(mine) < len(held):
            return None
        classes = await self._classes(shop, mine)
        found = quote(mine, currency, terms, place_of_order(body.address), body.shipping, classes)
        if found.shipping is None:
            raise NotDelivered(country=body.address.country, region=body.address.region)
        if body.shipping is not None and found.shipping != body.shipping:
            raise ShippingGone(shipping=body.shipping, quote=msgspec.to_builtins(found))
        check_total(body, found)
        return found

    async def costs(
        self,
        shop: str,
        held: Sequence[Reservation],
        body: Checkout,
        terms: Terms,
        currency: str,
        expected: Quote | None,
    ) -> Quote:
        """Return what is written of an order: what was expected of it, tax class by tax class."""
        classes = await self._classes(shop, held)
        if expected is not None:
            classes.update({line.variant: line.tax_class for line in expected.lines})
        return quote(held, currency, terms, place_of_order(body.address), body.shipping, classes)

    async def _classes(self, shop: str, held: Sequence[Reservation]) -> dict[str, str]:
        """Return the tax classes of what is held, by variant."""
        cards = await self._wares.variants(shop, {hold.variant for one in held for hold in one.holds})
        return {variant: card.tax_class for variant, card in cards.items()}

    async def _draft(self, person: str, shop: str, wanted: list[ReserveLine]) -> Reservation:
        """Return what would be held for these lines, at the prices of now."""
        lines = await self._door.lines(shop, wanted)
        sales = await self._engine.sales(shop, [line.sale for line in lines if line.sale is not None])
        prices = await self._engine.prices(shop, [line.variant for line in lines])
        holds = tuple(_draft_hold(line, sales, prices) for line in lines)
        return Reservation("", person, ReservationState.OPEN, 0, 0, holds)

    @staticmethod
    def _checked(name: str, held: Reservation | None, person: str) -> Reservation:
        if held is None:
            raise NoSuchReservation(reservation=name)
        if held.person != person:
            raise NotYours
        if not held.live:
            raise ReservationEnded(reservation=name, state=str(held.state))
        return held


def _draft_hold(line: Line, sales: Mapping[str, SaleRecord], prices: Mapping[str, PriceRecord]) -> Hold:
    if line.sale is None:
        if line.variant not in prices:
            raise NoSuchVariant(variant=line.variant)
        price = prices[line.variant]
        return Hold(line.pool, line.variant, line.quantity, price.price_minor, price.version, price.product)
    if line.sale not in sales:
        raise NoSuchSale(sale=line.sale)
    sale = sales[line.sale]
    return Hold(
        line.pool, line.variant, line.quantity, sale.price_minor, sale.price_version, sale.product, sale.id
    )


def check_total(body: Checkout, found: Quote) -> None:
    """Raise TotalChanged {total_minor, quote} when the client showed another total than this."""
    if body.total_minor is not None and body.total_minor != found.total_minor:
        raise TotalChanged(total_minor=found.total_minor, quote=msgspec.to_builtins(found))


def checked_reservations(reservations: Sequence[str]) -> list[str]:
    """Return the reservations, each once; raises InvalidField for none or more than an order can have."""
    if not 1 <= len(set(reservations)) <= MAX_LINES:
        raise InvalidField(
            f"An order is made of 1 to {MAX_LINES} reservations.", field="reservations", reason="malformed"
        )
    return list(dict.fromkeys(reservations))


def checked_parts(reservations: Sequence[str], lines: Sequence[ReserveLine]) -> list[str]:
    """Return the reservations, none where there are lines; raises InvalidField for both or neither."""
    if not lines:
        return checked_reservations(reservations)
    if reservations or len(lines) > MAX_LINES:
        raise InvalidField(
            f"An order is made of 1 to {MAX_LINES} reservations, or of as many lines.",
            field="lines",
            reason="malformed",
        )
    return []


def address_for(body: Checkout, terms: Terms) -> Address:
    """Return the address as it is checked: none where the buyer fetches the goods; raises InvalidField."""
    picked_up = any(
        method.id == body.shipping and method.kind is ShippingKind.PICKUP for method in terms.shipping.methods
    )
    return Address() if picked_up else checked_address(body.address)


def place_of_order(address: Address) -> Place:
    """Return where an order goes, as taxes and ways of shipping are found by it."""
    return address.country, address.region


def _place(country: str, region: str | None) -> Place:
    code = country.strip().upper()
    if code not in COUNTRIES:
        raise InvalidField(
            "The country must be an ISO code of two letters.", field="country", reason="malformed"
        )
    known = regions_of(code)
    return code, region_code(code, region or "") if known else region or None
