"""Shopify's product CSV to drafts: rows of one handle are one product, whatever lies between them.

The first row of a product has its title and texts; every row may add a variant, a picture, or both.
"""

import hashlib

from msgspec import UNSET, UnsetType

from commerce import text
from commerce.catalogue.catalogue import MAX_VARIANTS
from commerce.feeds import cells
from commerce.feeds.cells import BadCell
from commerce.feeds.drafts import (
    MAX_PICTURES,
    Feed,
    PictureDraft,
    ProductDraft,
    Remark,
    Remarks,
    VariantDraft,
)
from commerce.feeds.rows import Row, read_sheet
from commerce.feeds.shopify_columns import COLUMNS, DEFAULT_OPTION

_OF_A_VARIANT = ("option1", "option2", "option3", "sku", "price", "compare_at", "variant_id")


def is_shopify(header: list[str]) -> bool:
    """Whether these columns are Shopify's: a title, and something only Shopify calls so."""
    known = {COLUMNS.get(name.lower()) for name in header} - {None}
    return "title" in known and (len(known) > 1 or len(header) == 1)


def read_shopify(source: str, separator: str, currency: str) -> Feed:
    """Answer the file's products; raises FeedFormat, FeedTooLong."""
    remarks = Remarks()
    sheet = read_sheet(source, separator, COLUMNS, remarks)
    groups: dict[str, list[Row]] = {}
    for row in sheet.rows:
        handle = _handle_of(row)
        if handle is not None:
            groups.setdefault(handle, []).append(row)
    price = cells.price_in(currency)
    products = [_product(handle, rows, price) for handle, rows in groups.items()]
    return Feed(
        "shopify",
        len(sheet.rows) + sheet.bad_rows,
        tuple(products),
        tuple(sorted(remarks.faults, key=lambda one: one.line)),
        tuple(sorted(remarks.notes, key=lambda one: one.line)),
        sheet.ignored,
    )


def handle_of_title(title: str) -> str:
    """Propose a handle for a product that has none; one title always gets the same."""
    if title.isascii():
        return text.slug_of(title)
    return f"{text.slug_of(title)}-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def _handle_of(row: Row) -> str | None:
    written = row.raw("handle")
    if written:
        found = row.value("handle", cells.handle)
        return found if isinstance(found, str) else None
    if not row.raw("title"):
        row.fault("handle", "handle_missing", "A row without a title needs the handle of its product.")
        return None
    found = row.value("title", cells.title)
    return handle_of_title(found) if isinstance(found, str) else None


def _product(handle: str, rows: list[Row], price: cells.Parse[int | None]) -> ProductDraft:
    first, remarks = rows[0], rows[0].remarks
    before = len(remarks.faults)
    title = first.value("title", cells.title) if "title" in first.cells else UNSET
    if title is UNSET and "title" not in first.cells:
        first.fault("title", "missing", "The title is missing.")
    for row in rows[1:]:
        if row.raw("title") and row.raw("title") != first.raw("title"):
            row.fault("title", "title_twice", f"The product {handle} has another title in line {first.line}.")
    variants = [_variant(row, first, price) for row in rows if row is first or _has_variant(row)]
    _check_variants(handle, variants, rows)
    return ProductDraft(
        line=first.line,
        handle=handle,
        title=title if isinstance(title, str) else "",
        rows=len(rows),
        variants=tuple(variants),
        description=first.value("description", cells.description),
        published=_published(first),
        tax_class=first.value("tax_class", cells.tax_class),
        taxed=_taxed(rows),
        pictures=_pictures(rows),
        faults=_since(remarks, before),
    )


def _since(remarks: Remarks, before: int) -> tuple[Remark, ...]:
    return tuple(remarks.faults[before:])


def _published(row: Row) -> bool | UnsetType:
    """Join the two columns that hide a product; a blank cell says nothing."""
    told = [row.value("published", cells.yes_or_no), row.value("status", cells.status)]
    said = [one for one in told if isinstance(one, bool)]
    return all(said) if said else UNSET


def _taxed(rows: list[Row]) -> bool | UnsetType | None:
    """Read whether tax is charged, which a product of ours is asked once: its first variant says it."""
    first = rows[0].value("taxed", cells.yes_or_no)
    for row in rows[1:]:
        told = row.value("taxed", cells.yes_or_no)
        if isinstance(told, bool) and told is not first:
            row.note("taxed", "taxed_differs", "The variants of a product bear one tax: the first row's.")
    return first


def _has_variant(row: Row) -> bool:
    return any(row.raw(column) for column in _OF_A_VARIANT) or not row.raw("picture")


def _variant(row: Row, first: Row, price: cells.Parse[int | None]) -> VariantDraft:
    quantity = row.value("quantity", cells.quantity)
    return VariantDraft(
        line=row.line,
        title=_choices(row, first),
        sku=row.value("sku", cells.sku),
        price_minor=row.value("price", price),
        compare_at_minor=row.value("compare_at", price),
        quantity=UNSET if quantity is None else quantity,
        id=row.raw("variant_id"),
    )


def _choices(row: Row, first: Row) -> str | UnsetType:
    """Join the values of the options; UNSET for a product without choices."""
    values = [row.raw(f"option{number}") for number in (1, 2, 3)]
    names = first.raw("option1_name").lower(), values[0].lower()
    if not any(values) or (names == DEFAULT_OPTION and not any(values[1:])):
        if row is not first:
            row.fault("option1", "option_missing", "A further variant needs a value of its option.")
        return UNSET
    try:
        return cells.title(" / ".join(value for value in values if value))
    except BadCell as bad:
        row.fault("option1", bad.code, str(bad))
        return UNSET


def _check_variants(handle: str, variants: list[VariantDraft], rows: list[Row]) -> None:
    """Refuse variants that nobody could tell apart, and more than a product can have."""
    by_line = {row.line: row for row in rows}
    seen: dict[tuple[object, object, str], int] = {}
    for variant in variants:
        named = (variant.title, variant.sku, variant.id)
        if named in seen and variant.title is not UNSET:
            told = f"The variant of {handle} is in line {seen[named]} already."
            by_line[variant.line].fault("option1", "variant_twice", told)
        seen.setdefault(named, variant.line)
    if len(variants) > MAX_VARIANTS:
        told = f"{handle} has {len(variants)} variants; {MAX_VARIANTS} are the most."
        rows[0].fault("option1", "too_many_variants", told)


def _pictures(rows: list[Row]) -> tuple[PictureDraft, ...]:
    """Answer the addresses once each, by their position; a bad one is noted and left out."""
    found: dict[str, tuple[int, PictureDraft]] = {}
    for row in rows:
        for column in ("picture", "variant_picture"):
            try:
                url = cells.picture_url(row.raw(column))
            except BadCell as bad:
                row.note(column, bad.code, str(bad))
                continue
            position = row.raw("picture_position")
            place = (
                int(position) if column == "picture" and position.isascii() and position.isdigit() else 10**6
            )
            if url and url not in found:
                shown = cells.alt(row.raw("picture_alt")) if column == "picture" else ""
                found[url] = place, PictureDraft(row.line, row.names[column], url, shown)
    ordered = [draft for _, draft in sorted(found.values(), key=lambda one: one[0])]
    for extra in ordered[MAX_PICTURES:]:
        told = f"A product has {MAX_PICTURES} pictures at most."
        rows[0].remarks.note(extra.line, extra.column, "too_many_pictures", told)
    return tuple(ordered[:MAX_PICTURES])
