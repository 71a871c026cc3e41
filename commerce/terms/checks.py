"""Checks of what a host writes into the tables of shipping and taxes; pure."""

from typing import Final

from commerce import money, text
from commerce.errors import InvalidField
from commerce.places import place_of
from commerce.ports import NewId
from commerce.sums import PPM
from commerce.tax_classes import ZERO, checked_class
from commerce.terms.structs import ShippingKind, ShippingMethod, ShippingTable, TaxRate, TaxTable

MAX_METHODS: Final = 20
MAX_RATES: Final = 400
MAX_CLASSES: Final = 20
MAX_PLACES: Final = 300
MAX_DAYS: Final = 365
NAME_CHARS: Final = 80
NOTE_CHARS: Final = 500


def checked_shipping(table: ShippingTable, known: frozenset[str], new_id: NewId) -> ShippingTable:
    """Return the table with tidy texts and an id for each method; `known` are the ids it may keep.

    Raises InvalidField `methods[N].…`, BadPrice.
    """
    if not 1 <= len(table.methods) <= MAX_METHODS:
        raise InvalidField(f"A shop has 1 to {MAX_METHODS} ways of shipping.", field="methods")
    methods = tuple(
        _method(method, f"methods[{place}]", known, new_id) for place, method in enumerate(table.methods)
    )
    if len({method.id for method in methods}) < len(methods):
        raise InvalidField("Two ways of shipping have the same id.", field="methods")
    return ShippingTable(methods)


def checked_taxes(table: TaxTable) -> TaxTable:
    """Return the table with tidy texts; raises InvalidField `rates[N].…`."""
    if len(table.rates) > MAX_RATES:
        raise InvalidField(f"There may be {MAX_RATES} rates.", field="rates")
    rates = tuple(_rate(rate, f"rates[{place}]") for place, rate in enumerate(table.rates))
    seen: set[tuple[str, str]] = set()
    for place, rate in enumerate(rates):
        if (rate.place, rate.tax_class) in seen:
            raise InvalidField(
                "A place has one rate for a class.", field=f"rates[{place}].place", reason="repeated"
            )
        seen.add((rate.place, rate.tax_class))
    if len({rate.tax_class for rate in rates}) > MAX_CLASSES:
        raise InvalidField(f"There may be {MAX_CLASSES} tax classes.", field="rates", reason="too_long")
    return TaxTable(rates, table.inclusive)


def _method(method: ShippingMethod, field: str, known: frozenset[str], new_id: NewId) -> ShippingMethod:
    if method.id is not None and method.id not in known:
        raise InvalidField("There is no such way of shipping to keep.", field=f"{field}.id")
    if method.free_from_minor is not None:
        money.check_price(method.free_from_minor)
    _check_days(method, field)
    return ShippingMethod(
        id=method.id or new_id("sm"),
        name=text.line(method.name, f"{field}.name", NAME_CHARS),
        kind=method.kind,
        price_minor=money.check_price(method.price_minor),
        free_from_minor=method.free_from_minor,
        places=_places(method, f"{field}.places"),
        min_days=method.min_days,
        max_days=method.max_days,
        taxed=method.taxed,
        note=text.paragraph(method.note, f"{field}.note", NOTE_CHARS),
    )


def _check_days(method: ShippingMethod, field: str) -> None:
    low = 0 if method.min_days is None else method.min_days
    high = low if method.max_days is None else method.max_days
    if not 0 <= low <= high <= MAX_DAYS:
        raise InvalidField("The days do not fit together.", field=f"{field}.max_days")


def _places(method: ShippingMethod, field: str) -> tuple[str, ...]:
    places = tuple(dict.fromkeys(place.strip().upper() for place in method.places))
    if method.kind is ShippingKind.PICKUP and len(places) != 1:
        raise InvalidField("A pick-up is in one place.", field=field, reason="missing")
    if len(places) > MAX_PLACES:
        raise InvalidField(f"There may be {MAX_PLACES} places.", field=field, reason="too_long")
    for place in places:
        if place_of(place) is None:
            raise InvalidField(f"{place[:20]!r} is no place.", field=field, reason="malformed")
    return places


def _rate(rate: TaxRate, field: str) -> TaxRate:
    place = rate.place.strip().upper()
    if place_of(place) is None:
        raise InvalidField(f"{place[:20]!r} is no place.", field=f"{field}.place", reason="malformed")
    if not 0 <= rate.rate_ppm <= PPM:
        raise InvalidField("A rate is 0 to 100%.", field=f"{field}.rate_ppm", reason="malformed")
    tax_class = checked_class(rate.tax_class, f"{field}.tax_class")
    if tax_class == ZERO:
        raise InvalidField(
            "The class zero bears 0% everywhere.", field=f"{field}.tax_class", reason="malformed"
        )
    return TaxRate(place, text.line(rate.name, f"{field}.name", 40), rate.rate_ppm, tax_class)
