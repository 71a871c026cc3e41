"""What hosts send about parcels."""

import msgspec

from commerce.orders.units import LineUnits


class ParcelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pack units into a parcel; no lines are all that is still to be sent. `send` sends it at once.

    `carrier` is a key of `carriers.CARRIERS` or any name; `tracking_url` is needed only for others.
    """

    lines: tuple[LineUnits, ...] = ()
    send: bool = True
    carrier: str = ""
    tracking: str = ""
    tracking_url: str | None = None


class SendRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send a packed parcel, or correct the tracking of one that was sent."""

    carrier: str = ""
    tracking: str = ""
    tracking_url: str | None = None


class Carrier(msgspec.Struct, frozen=True):
    """A carrier whose pages are known."""

    key: str
    name: str


class CarrierList(msgspec.Struct, frozen=True):
    """Carriers whose pages are known."""

    carriers: tuple[Carrier, ...]
