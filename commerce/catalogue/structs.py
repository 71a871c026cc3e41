"""What the catalogue doors take and answer."""

import msgspec

from commerce.tax_classes import STANDARD


class Picture(msgspec.Struct, frozen=True):
    """One picture in three widths; `width` and `height` are those of the largest."""

    id: str
    alt: str
    width: int
    height: int
    url_320: str
    url_640: str
    url_1280: str


class Stock(msgspec.Struct, frozen=True):
    """Units of one pool, as of a moment ago; the sale itself decides when somebody buys."""

    available: int
    held: int
    sold: int
    total: int


class Variant(msgspec.Struct, frozen=True):
    """What is bought. `pool` is the main pool; `stock` is None while Redis cannot say."""

    id: str
    title: str
    sku: str
    price_minor: int
    compare_at_minor: int | None
    price_version: int
    pool: str
    stock: Stock | None


class Product(msgspec.Struct, frozen=True):
    """A product with its variants in order; `picture` is the first of `pictures`.

    `tax_class` is what it is to the tax, such as "standard" or "reduced".
    """

    id: str
    shop: str
    title: str
    description: str
    published: bool
    picture: Picture | None
    pictures: tuple[Picture, ...]
    variants: tuple[Variant, ...]
    currency: str
    tax_class: str = STANDARD


class ProductList(msgspec.Struct, frozen=True):
    """A shop's products, oldest first."""

    products: tuple[Product, ...]


class VariantRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new variant; `quantity` units are put in stock at once."""

    title: str
    price_minor: int
    sku: str = ""
    compare_at_minor: int | None = None
    quantity: int = 0


class ProductRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new product with 1 to 50 variants."""

    title: str
    variants: tuple[VariantRequest, ...]
    description: str = ""
    published: bool = True
    tax_class: str = STANDARD


class ProductChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a product; None leaves it. `pictures` gives a new order of all its pictures."""

    title: str | None = None
    description: str | None = None
    published: bool | None = None
    tax_class: str | None = None
    pictures: tuple[str, ...] | None = None


class VariantChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a variant; what is left out stays, `compare_at_minor: null` removes it."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    sku: str | msgspec.UnsetType = msgspec.UNSET
    price_minor: int | msgspec.UnsetType = msgspec.UNSET
    compare_at_minor: int | msgspec.UnsetType | None = msgspec.UNSET


class RestockRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that came in; the same key again adds nothing."""

    quantity: int
    key: str


class WithdrawRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units taken out of sale; the same key again (here or as Idempotency-Key) takes nothing."""

    quantity: int
    key: str | None = None


class PoolStock(msgspec.Struct, frozen=True):
    """A pool after the change."""

    pool: str
    stock: Stock
