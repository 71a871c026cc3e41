"""What the doors of shipping and taxes take and answer.

A place is an ISO 3166 code: a country, `DE`, or a region of one, `US-CA`.
"""

from enum import StrEnum

import msgspec

from commerce.tax_classes import STANDARD as STANDARD_CLASS


class ShippingKind(StrEnum):
    """Who carries it; the values are those of the API."""

    DELIVERY = "delivery"
    """It is sent to the buyer's address."""
    PICKUP = "pickup"
    """The buyer fetches it, and gives no address."""


class ShippingMethod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to get what was bought.

    `price_minor` in the shop's currency; from goods of `free_from_minor` on it is free, None never.
    `places` are where a delivery goes, none meaning everywhere; of a pick-up, the one where it is. Days
    are an estimate, None unknown. `taxed` says whether its price bears the goods' tax. `note` is for the
    buyer: a counter's address, its hours. `id` None makes a new method, a known one keeps it.
    """

    name: str
    price_minor: int
    kind: ShippingKind = ShippingKind.DELIVERY
    free_from_minor: int | None = None
    places: tuple[str, ...] = ()
    min_days: int | None = None
    max_days: int | None = None
    taxed: bool = True
    note: str = ""
    id: str | None = None


class ShippingTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a shop's methods, in the order they are offered: 1 to 20."""

    methods: tuple[ShippingMethod, ...]


class TaxRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tax of a place: 190,000 `rate_ppm` are 19%; `name` is what receipts call it, such as VAT.

    `tax_class` is which products bear it there, see `commerce.tax_classes`.
    """

    place: str
    name: str
    rate_ppm: int
    tax_class: str = STANDARD_CLASS


class TaxTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a shop's rates, up to 400; a region's own stands in place of its country's.

    A class without a rate at a place bears the place's standard rate; `zero` bears 0% wherever a standard
    rate is. `inclusive` says whether the shop's prices contain the tax. Where no rate is, no tax is taken.
    """

    rates: tuple[TaxRate, ...] = ()
    inclusive: bool = False


class TaxSum(msgspec.Struct, frozen=True):
    """What bears one rate: `net_minor` is without the tax, whether prices contain it or not."""

    name: str
    rate_ppm: int
    net_minor: int
    tax_minor: int


class Terms(msgspec.Struct, frozen=True):
    """Both tables of a shop."""

    shipping: ShippingTable
    taxes: TaxTable


STANDARD = ShippingMethod(name="Standard", price_minor=0, id="standard")
"""What a shop offers until its host says otherwise: free, everywhere."""

START = Terms(ShippingTable((STANDARD,)), TaxTable())
"""The terms of a shop whose host has not set any."""
