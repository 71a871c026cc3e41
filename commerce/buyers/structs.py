"""What the doors of remembered buyers take and answer."""

import msgspec

from commerce.orders.messages import Address, Contact


class SavedMeans(msgspec.Struct, frozen=True):
    """A means of payment that its provider keeps; `label` is the provider's name for it."""

    id: str
    provider: str
    label: str


class SavedBuyer(msgspec.Struct, frozen=True):
    """What is remembered of a person; None where nothing is.

    `shipping` is the method that was last chosen in each shop, by the shop's id; `means` newest first.
    """

    contact: Contact | None = None
    address: Address | None = None
    shipping: dict[str, str] = {}
    means: tuple[SavedMeans, ...] = ()


class SaveBuyer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to remember in place of what was; `address` None forgets the address."""

    contact: Contact
    address: Address | None = None
