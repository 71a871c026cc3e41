"""What the doors of sharing take and answer."""

import msgspec

from commerce.catalogue.structs import Picture


class MyShare(msgspec.Struct, frozen=True):
    """The caller's own link of a show, and what came of it; who came is not said.

    `visits` and `entries` count a device once a day; `orders` are those that were paid and not taken back.
    """

    code: str
    url: str
    visits: int
    entries: int
    orders: int


class NamedLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link of the shop's own, such as "newsletter"."""

    label: str


class SharedLink(msgspec.Struct, frozen=True):
    """One link of a show as its staff sees it.

    `name` is that of the person who shares it, or the label of the shop's own link (`own` True).
    `amount_minor` is what its paid orders came to, less what was refunded; None for who may not see money.
    """

    code: str
    url: str
    own: bool
    name: str
    visits: int
    entries: int
    orders: int
    amount_minor: int | None


class ShareReport(msgspec.Struct, frozen=True):
    """The links of a show that brought most, at most `limit` of them; `links_total` counts all."""

    links: tuple[SharedLink, ...]
    links_total: int
    currency: str


class CardProduct(msgspec.Struct, frozen=True):
    """The one product that a link opens; its variants cost `least_minor` to `most_minor`, sales apart."""

    id: str
    title: str
    least_minor: int
    most_minor: int
    currency: str
    picture: Picture | None


class LinkCard(msgspec.Struct, frozen=True):
    """What stands on the card that others show of a link; `product` None: it leads to the whole show."""

    code: str
    show: str
    title: str
    description: str
    shop: str
    picture: Picture | None
    product: CardProduct | None = None
