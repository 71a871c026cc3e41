"""What the doors of shows and flash sales take and answer."""

import msgspec

from commerce.catalogue.structs import Picture, Product
from commerce.shops.structs import ShopCard


class Sale(msgspec.Struct, frozen=True):
    """A flash sale. `limit` is units per buyer, 0 means none; `state` is by the shop's clock as of now.

    `pay_first`: units are held only when payment begins; check out with `lines`, nothing can be reserved.
    """

    id: str
    show: str
    product: str
    variant: str
    pool: str
    price_minor: int
    price_version: int
    currency: str
    quantity: int
    limit: int
    starts_at_ms: int
    ends_at_ms: int
    ended_at_ms: int | None
    state: str
    pay_first: bool = False


class SaleList(msgspec.Struct, frozen=True):
    """A show's flash sales, newest first."""

    sales: tuple[Sale, ...]


class ShowCard(msgspec.Struct, frozen=True):
    """A show as it stands in the lobby. `viewers` is 0 unless the room tells (see `Shows.viewers`).

    `pinned_sales` are the pinned product's flash sales of this show that are scheduled or open.
    """

    id: str
    title: str
    shop: ShopCard
    state: str
    starts_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    poster: Picture | None
    pinned: Product | None
    pinned_sales: tuple[Sale, ...]
    viewers: int


class ShowList(msgspec.Struct, frozen=True):
    """Shows in the lobby's order."""

    shows: tuple[ShowCard, ...]


class Show(msgspec.Struct, frozen=True):
    """A show with its run of show in order; `pinned_product` is the id, `pinned` the product itself."""

    id: str
    title: str
    description: str
    shop: ShopCard
    currency: str
    state: str
    starts_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    poster: Picture | None
    pinned: Product | None
    pinned_product: str | None
    viewers: int
    products: tuple[Product, ...]
    sales: tuple[Sale, ...]
    host_present: bool
    outside_players: bool


class ShowRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new show."""

    title: str
    starts_at_ms: int
    description: str = ""
    outside_players: bool = False


class ShowChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a show; None leaves it."""

    title: str | None = None
    description: str | None = None
    starts_at_ms: int | None = None
    outside_players: bool | None = None


class RunOfShow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The products to be shown, in order."""

    products: tuple[str, ...]


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The product to pin, or null for none."""

    product: str | None


class StreamKey(msgspec.Struct, frozen=True):
    """What a host gives to OBS or the studio: the key is sent as bearer to `whip_url`."""

    key: str
    whip_url: str
    server_url: str


class SaleRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new flash sale. `limit` 0 means none per buyer; it opens `starts_in_s` after now.

    `pay_first` True is "first paid, first served": no units are held for a bag.
    """

    variant: str
    price_minor: int
    quantity: int
    duration_s: int
    limit: int = 0
    starts_in_s: int = 0
    pay_first: bool = False


class Summary(msgspec.Struct, frozen=True):
    """What a show brought. Money counts paid orders; `revenue_minor` is None for who may not see it."""

    show: str
    state: str
    started_at_ms: int | None
    ended_at_ms: int | None
    duration_s: int
    orders: int
    units: int
    revenue_minor: int | None
    currency: str
    viewers_peak: int
    sales: tuple[Sale, ...]
