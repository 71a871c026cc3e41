"""What the shop doors take and answer."""

import msgspec

from commerce.catalogue.structs import Picture


class ShopCard(msgspec.Struct, frozen=True):
    """A shop as it stands beside a show."""

    id: str
    slug: str
    name: str
    avatar: Picture | None
    accent: str


class Shop(msgspec.Struct, frozen=True):
    """A shop as anybody may see it, the seller's identity with it.

    `supporters`: its rooms list who supports a show most.
    """

    id: str
    slug: str
    name: str
    currency: str
    avatar: Picture | None
    legal_name: str
    legal_address: str
    contact_email: str
    accent: str
    supporters: bool


class ShopRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new shop; its slug is made from the name when none is given."""

    name: str
    currency: str
    slug: str | None = None
    legal_name: str = ""
    legal_address: str = ""
    contact_email: str = ""
    accent: str | None = None


class ShopChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a shop; None leaves it. The currency stays: prices are written in it."""

    name: str | None = None
    slug: str | None = None
    legal_name: str | None = None
    legal_address: str | None = None
    contact_email: str | None = None
    accent: str | None = None
    supporters: bool | None = None


class StaffMember(msgspec.Struct, frozen=True):
    """Somebody who works in the shop, or in one show of it; `money`: takings and orders are shown to them."""

    person: str
    name: str
    email: str
    role: str
    money: bool


class StaffList(msgspec.Struct, frozen=True):
    """All who work in a shop."""

    staff: tuple[StaffMember, ...]


class StaffRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to take on, by the e-mail of their account, or whose role to change."""

    email: str
    role: str
    money: bool = False


class Ban(msgspec.Struct, frozen=True):
    """Somebody a shop does not serve, until `expires_at_ms` or for good (None).

    `by_device` and `by_address`: the ban is also on the device, and on the network address, it came from.
    """

    person: str
    name: str
    reason: str
    actor: str
    at_ms: int
    expires_at_ms: int | None = None
    by_device: bool = False
    by_address: bool = False


class BanList(msgspec.Struct, frozen=True):
    """All whom a shop does not serve."""

    bans: tuple[Ban, ...]
