"""What importing one product would do: a draft beside what is on the shelf, and nothing touched.

The dry run plans every product and only counts; the import plans each once more at the moment it is applied.
Nothing is ever taken away: variants and pictures that the file does not name stay.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET

from commerce.catalogue.catalogue import MAX_VARIANTS
from commerce.catalogue.structs import (
    Product,
    ProductChange,
    ProductRequest,
    Variant,
    VariantChange,
    VariantRequest,
)
from commerce.feeds.drafts import PictureDraft, ProductDraft, Remark, VariantDraft
from commerce.tax_classes import STANDARD, ZERO

ONLY_ONE = "One size"
"""Title of the variant of a new product without choices."""


class Doing(StrEnum):
    """What becomes of a product."""

    MAKE = "make"
    CHANGE = "change"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class VariantPlan:
    """One variant: new (`request`) or there already (`variant`), with what to change of it.

    `stock`: units that shall be available, None leaves them. `name`: to be remembered for it, or "".
    """

    variant: str | None = None
    request: VariantRequest | None = None
    change: VariantChange | None = None
    stock: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One product: new (`request`) or there already (`product`). With `faults` nothing of it is done."""

    doing: Doing
    draft: ProductDraft
    product: str | None = None
    request: ProductRequest | None = None
    change: ProductChange | None = None
    variants: tuple[VariantPlan, ...] = ()
    pictures: tuple[PictureDraft, ...] = ()
    faults: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()


@dataclass(slots=True)
class _Making:
    faults: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


def plan(
    draft: ProductDraft, product: Product | None, names: Mapping[str, str], known_pictures: frozenset[str]
) -> Plan:
    """Answer what to do. `names`: variants by what files call them; `known_pictures`: addresses it has."""
    pictures = tuple(picture for picture in draft.pictures if picture.url not in known_pictures)
    made = _new(draft, pictures) if product is None else _changed(draft, product, names, pictures)
    return replace(made, doing=Doing.KEEP) if made.faults else made


def _new(draft: ProductDraft, pictures: tuple[PictureDraft, ...]) -> Plan:
    """Make it; without a price it is shown to nobody, or it would be given away."""
    parts = [_new_variant(one, ONLY_ONE) for one in draft.variants]
    unpriced = [one.line for one in draft.variants if not isinstance(one.price_minor, int)]
    published = draft.published is not False
    notes = [
        Remark(line, "", "no_price", "Without a price the new product is not shown to buyers.")
        for line in unpriced
        if published
    ]
    request = ProductRequest(
        title=draft.title,
        variants=tuple(part.request for part in parts if part.request),
        description=draft.description if isinstance(draft.description, str) else "",
        published=published and not unpriced,
        tax_class=_tax_class(draft, STANDARD),
    )
    return Plan(
        Doing.MAKE, draft, request=request, variants=tuple(parts), pictures=pictures, notes=tuple(notes)
    )


def _new_variant(one: VariantDraft, title: str) -> VariantPlan:
    compare = one.compare_at_minor
    request = VariantRequest(
        title=one.title if isinstance(one.title, str) else title,
        price_minor=one.price_minor if isinstance(one.price_minor, int) else 0,
        sku=one.sku if isinstance(one.sku, str) else "",
        compare_at_minor=compare if isinstance(compare, int) else None,
        quantity=one.quantity if isinstance(one.quantity, int) else 0,
    )
    return VariantPlan(request=request, name=one.name)


def _changed(
    draft: ProductDraft, product: Product, names: Mapping[str, str], pictures: tuple[PictureDraft, ...]
) -> Plan:
    making = _Making()
    matched = match_variants(draft.variants, product.variants, names)
    parts = []
    for one, there in zip(draft.variants, matched, strict=True):
        part = _new_part(one, making) if there is None else _variant_part(one, there, names, making)
        if part is not None:
            parts.append(part)
    added = sum(part.request is not None for part in parts)
    if added and len(product.variants) + added > MAX_VARIANTS:
        told = f"With these the product has more than {MAX_VARIANTS} variants."
        making.faults.append(Remark(draft.line, "", "too_many_variants", told))
    change = _text_change(draft, product)
    idle = change is None and not parts and not pictures
    return Plan(
        Doing.KEEP if idle else Doing.CHANGE,
        draft,
        product=product.id,
        change=change,
        variants=tuple(parts),
        pictures=pictures,
        faults=tuple(making.faults),
        notes=tuple(making.notes),
    )


def _new_part(one: VariantDraft, making: _Making) -> VariantPlan | None:
    if not isinstance(one.price_minor, int):
        told = "A new variant of a product that is there needs a price."
        making.faults.append(Remark(one.line, "", "price_missing", told))
        return None
    return _new_variant(one, one.name or ONLY_ONE)


def _variant_part(
    one: VariantDraft, there: Variant, names: Mapping[str, str], making: _Making
) -> VariantPlan | None:
    """Answer what changes of a variant, or None when nothing does."""
    if one.price_minor is None:
        told = "A price cannot be blank; leave the column out to keep prices as they are."
        making.faults.append(Remark(one.line, "", "price_missing", told))
        return None
    values = {
        name: value
        for name in ("title", "sku", "price_minor", "compare_at_minor")
        if (value := getattr(one, name)) is not UNSET and not _same(value, getattr(there, name))
    }
    stock = None
    if isinstance(one.quantity, int) and (there.stock is None or there.stock.available != one.quantity):
        stock = one.quantity
    name = one.name if one.name and one.name != there.id and names.get(one.name) != there.id else ""
    if not values and stock is None and not name:
        return None
    return VariantPlan(
        variant=there.id, change=VariantChange(**values) if values else None, stock=stock, name=name
    )


def match_variants(
    drafts: Iterable[VariantDraft], shelf: Iterable[Variant], names: Mapping[str, str]
) -> list[Variant | None]:
    """Answer the variant of the shelf that each draft means; None: it is a new one.

    A variant is known by our own id, then by the file's name for it, its title with its SKU, its title, its
    SKU. Each is meant once. A draft without any title means the only variant there is.
    """
    wanted, free = list(drafts), list(shelf)
    only = free[0] if len(free) == 1 and len(wanted) == 1 else None
    found: list[Variant | None] = [None] * len(wanted)
    ways: tuple[Any, ...] = (
        lambda one, there: one.id == there.id,
        lambda one, there: bool(one.name) and (names.get(one.name) == there.id or one.name == there.id),
        lambda one, there: _same(one.title, there.title) and _same(one.sku, there.sku),
        lambda one, there: _same(one.title, there.title),
        lambda one, there: bool(one.sku) and _same(one.sku, there.sku),
        lambda one, there: one.title is UNSET and there is only,
    )
    for way in ways:
        for place, one in enumerate(wanted):
            if found[place] is None:
                found[place] = next((there for there in free if way(one, there)), None)
                free = [there for there in free if there is not found[place]]
    return found


def _text_change(draft: ProductDraft, product: Product) -> ProductChange | None:
    values: dict[str, Any] = {}
    for name in ("title", "description", "published"):
        value = getattr(draft, name)
        if value is not UNSET and not _same(value, getattr(product, name)):
            values[name] = value
    tax_class = _tax_class(draft, product.tax_class)
    if tax_class != product.tax_class:
        values["tax_class"] = tax_class
    return ProductChange(**values) if values else None


def _tax_class(draft: ProductDraft, there: str) -> str:
    """Answer what the product becomes to the tax: a named class, else zero or not by whether it is taxed."""
    if isinstance(draft.tax_class, str):
        return draft.tax_class
    if draft.taxed is False:
        return ZERO
    return STANDARD if draft.taxed is True and there == ZERO else there


def _same(one: Any, other: Any) -> bool:
    """Compare texts in their composed form: what was cleaned twice may be composed where once was not."""
    if isinstance(one, str) and isinstance(other, str):
        return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    return bool(one == other)


class Report(msgspec.Struct, frozen=True):
    """What a dry run found. `bad_rows` are left out, `unread_rows` of them for what they say alone.

    `faults` and `notes` have the first 10,000; `faults_total` counts all.
    """

    format: str
    rows: int
    unread_rows: int
    bad_rows: int
    made: int
    changed: int
    kept: int
    faults_total: int
    faults: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    ignored_columns: tuple[str, ...]
