"""What clients send and read about holds."""

import msgspec

Number = int | float
"""A quantity as it comes in; anything but a whole number in range is refused as `bad_quantity`."""


class ReserveLine(msgspec.Struct, forbid_unknown_fields=True):
    """What is wanted, at the price version that was shown; `sale` None is the ordinary price."""

    variant: str
    quantity: Number
    price_version: int
    sale: str | None = None


class Reserve(msgspec.Struct, forbid_unknown_fields=True):
    """Hold all of these lines, or none."""

    lines: list[ReserveLine]
    show: str | None = None


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Set the quantity held of one pool (0 drops it), or swap it for another line."""

    pool: str
    quantity: Number
    to: ReserveLine | None = None


class HoldView(msgspec.Struct):
    """Units of one pool at a stamped price. `title` is the product's."""

    pool: str
    variant: str
    sale: str | None
    product: str
    title: str
    variant_title: str
    quantity: int
    price_minor: int
    price_version: int


class ReservationView(msgspec.Struct):
    """A reservation as its person reads it; `deadline_ms` by the shop's clock, `order` what pays for it.

    `offered`: the waitlist made it; it ends at its deadline like any other.
    """

    id: str
    shop: str
    show: str | None
    person: str
    state: str
    deadline_ms: int
    lines: list[HoldView]
    total_minor: int
    currency: str
    order: str | None = None
    offered: bool = False
