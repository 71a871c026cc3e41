"""Google's product feed (TSV or XML) to drafts: items of one item_group_id are one product.

An attribute that no item of the file has is a missing column and leaves things alone; one that some items
have is blank for the others. Source: support.google.com/merchants/answer/7052112 (product data).
"""

from dataclasses import replace

from msgspec import UNSET, UnsetType

from commerce.catalogue.catalogue import MAX_VARIANTS
from commerce.feeds import cells
from commerce.feeds.cells import BadCell
from commerce.feeds.drafts import MAX_PICTURES, Feed, PictureDraft, ProductDraft, Remarks, VariantDraft
from commerce.feeds.google_xml import read_items
from commerce.feeds.rows import Row, read_sheet

ID_CHARS = 50
CHOICES = ("color", "size", "material", "pattern", "size_type", "size_system", "gender", "age_group")
_TOLD_APART = CHOICES[:4]
_KEPT = (
    "id", "title", "description", "availability", "price", "sale_price", "item_group_id", "image_link",
    "additional_image_link", "quantity", "tax_category", *_TOLD_APART,
)  # fmt: skip


def is_google(header: list[str]) -> bool:
    """Whether these columns are Google's."""
    names = {_plain(name) for name in header}
    return {"id", "title"} <= names and bool(names & {"availability", "price", "link", "image_link"})


def read_google_rows(source: str, separator: str, header: list[str], currency: str) -> Feed:
    """Answer the products of a tab-separated feed; raises FeedFormat, FeedTooLong."""
    remarks = Remarks()
    known = {name.lower(): _plain(name) for name in header if _plain(name) in _KEPT}
    sheet = read_sheet(source, separator, known, remarks)
    return _feed(sheet.rows, sheet.bad_rows, sheet.ignored, remarks, currency)


def read_google_xml(source: str, currency: str) -> Feed:
    """Answer the products of an XML feed; raises FeedFormat, FeedTooLong."""
    remarks = Remarks()
    rows = read_items(source, remarks)
    there = {column for row in rows for column in row.cells}
    names = {column: f"g:{column}" for column in there}
    full = [
        replace(row, cells={**dict.fromkeys(there & set(_KEPT), ""), **row.cells}, names=names)
        for row in rows
    ]
    ignored = tuple(sorted(f"g:{column}" for column in there - set(_KEPT)))
    return _feed(full, 0, ignored, remarks, currency)


def _plain(name: str) -> str:
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _feed(rows: list[Row], bad_rows: int, ignored: tuple[str, ...], remarks: Remarks, currency: str) -> Feed:
    groups: dict[str, list[Row]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        name = row.value("id", _name) if row.raw("id") else UNSET
        if not isinstance(name, str):
            if not row.raw("id"):
                row.fault("id", "missing", "The id is missing.")
            continue
        group = row.value("item_group_id", cells.handle) if row.raw("item_group_id") else name
        if name in seen:
            row.fault("id", "id_twice", f"The id {name} is in line {seen[name]} already.")
        elif isinstance(group, str):
            groups.setdefault(group, []).append(row)
        seen.setdefault(name, row.line)
    price = cells.google_price_in(currency)
    products = [_product(handle, of_it, price, remarks) for handle, of_it in groups.items()]
    return Feed(
        "google",
        len(rows) + bad_rows,
        tuple(products),
        tuple(sorted(remarks.faults, key=lambda one: one.line)),
        tuple(sorted(remarks.notes, key=lambda one: one.line)),
        ignored,
    )


def _name(cell: str) -> str:
    name = cells.handle(cell)
    if len(name) > ID_CHARS:
        raise BadCell("too_long", f"An id may have {ID_CHARS} characters at most.")
    return name


def _product(handle: str, rows: list[Row], price: cells.Parse[int | None], remarks: Remarks) -> ProductDraft:
    first, before = rows[0], len(remarks.faults)
    title = first.value("title", cells.title)
    if "title" not in first.cells:
        first.fault("title", "missing", "The title is missing.")
    variants = tuple(_variant(row, price) for row in rows)
    if len(variants) > MAX_VARIANTS:
        told = f"{handle} has {len(variants)} variants; {MAX_VARIANTS} are the most."
        first.fault("item_group_id", "too_many_variants", told)
    return ProductDraft(
        line=first.line,
        handle=handle,
        title=title if isinstance(title, str) else "",
        rows=len(rows),
        variants=variants,
        description=first.value("description", cells.description),
        tax_class=first.value("tax_category", cells.tax_class),
        pictures=_pictures(rows),
        faults=tuple(remarks.faults[before:]),
    )


def _variant(row: Row, price: cells.Parse[int | None]) -> VariantDraft:
    """Answer an item as a variant; Google's price is the one before its sale_price."""
    regular, lowered = row.value("price", price), row.value("sale_price", price)
    on_sale = isinstance(lowered, int)
    compare_at: int | UnsetType | None = UNSET if lowered is UNSET else None
    if on_sale:
        compare_at = regular
    quantity = row.value("quantity", cells.quantity)
    orderable = row.value("availability", cells.availability)
    if not isinstance(quantity, int):
        quantity = 0 if orderable is False else None
    return VariantDraft(
        line=row.line,
        title=_choices(row),
        price_minor=lowered if on_sale else regular,
        compare_at_minor=compare_at,
        quantity=UNSET if quantity is None else quantity,
        name=row.raw("id"),
    )


def _choices(row: Row) -> str | UnsetType:
    values = [row.raw(column) for column in _TOLD_APART if row.raw(column)]
    if not values:
        return UNSET
    try:
        return cells.title(" / ".join(values))
    except BadCell as bad:
        row.fault("size", bad.code, str(bad))
        return UNSET


def _pictures(rows: list[Row]) -> tuple[PictureDraft, ...]:
    found: dict[str, PictureDraft] = {}
    for row in rows:
        more = row.raw("additional_image_link")
        for column, cell in (
            ("image_link", row.raw("image_link")),
            *(("additional_image_link", one) for one in more.split(",") if more),
        ):
            try:
                url = cells.picture_url(cell)
            except BadCell as bad:
                row.note(column, bad.code, str(bad))
                continue
            if url:
                found.setdefault(url, PictureDraft(row.line, row.names[column], url))
    ordered = list(found.values())
    for extra in ordered[MAX_PICTURES:]:
        told = f"A product has {MAX_PICTURES} pictures at most."
        rows[0].remarks.note(extra.line, extra.column, "too_many_pictures", told)
    return tuple(ordered[:MAX_PICTURES])
