"""Products to the lines of a file: Shopify's CSV in its new words, and Google's feed as RSS.

What is written here is read back as it was (a test of properties says so). Therefore nothing is put before
cells that begin with `=`, `+`, `-` or `@`: a spreadsheet would take such a cell for a formula, and a sign
that keeps it from that would be part of the product's name at the next import. Only a shop's own staff write
these names and download the file.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from commerce.catalogue.structs import Picture, Product, Variant
from commerce.feeds.html_text import to_html
from commerce.feeds.shelf import handle_for
from commerce.feeds.shopify_columns import TAX_CLASS_COLUMN, WRITTEN
from commerce.money import plain
from commerce.tax_classes import STANDARD, ZERO

GOOGLE_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
)
GOOGLE_TAIL = "</channel>\n</rss>\n"


def shopify_header() -> str:
    """Answer the first line, behind the mark by which spreadsheets know UTF-8."""
    return "\ufeff" + _line(dict.fromkeys(WRITTEN, ""), header=True)


def shopify_lines(product: Product, handle: str | None, public_url: str) -> Iterator[str]:
    """Yield the lines of one product: one for each variant or picture, whichever are more."""
    handle = handle or handle_for(product)
    for place in range(max(len(product.variants), len(product.pictures))):
        cells = dict.fromkeys(WRITTEN, "")
        cells["URL handle"] = handle
        if place == 0:
            cells |= _shopify_texts(product)
        if place < len(product.variants):
            cells |= _shopify_variant(product.variants[place], product.currency)
            cells["Charge tax"] = "FALSE" if product.tax_class == ZERO else "TRUE"
        if place < len(product.pictures):
            picture = product.pictures[place]
            cells["Product image URL"] = public_url + picture.url_1280
            cells["Image position"] = str(place + 1)
            cells["Image alt text"] = picture.alt
        yield _line(cells)


def google_head(shop_name: str, public_url: str) -> str:
    """Answer what stands before the items."""
    return (
        f"{GOOGLE_HEAD}<title>{escape(shop_name)}</title>\n<link>{escape(public_url)}</link>\n"
        f"<description>{escape(shop_name)}</description>\n"
    )


def google_items(
    product: Product, handle: str | None, names: Mapping[str, str], public_url: str
) -> Iterator[str]:
    """Yield one item for each variant; `names`: what a file called a variant before."""
    handle = handle or handle_for(product)
    for variant in product.variants:
        values = {
            "g:id": names.get(variant.id, variant.id),
            "title": product.title,
            "description": to_html(product.description, keeps_lines=True),
            "link": public_url,
            **_google_offer(variant, product.currency),
            "g:condition": "new",
            "g:tax_category": "" if product.tax_class == STANDARD else product.tax_class,
            "g:item_group_id": handle,
            "g:size": variant.title,
        }
        lines = [f"<{name}>{escape(value)}</{name}>" for name, value in values.items() if value]
        lines += _google_pictures(product.pictures, public_url)
        yield "<item>\n" + "\n".join(lines) + "\n</item>\n"


def _shopify_texts(product: Product) -> dict[str, str]:
    return {
        "Title": product.title,
        "Description": to_html(product.description),
        "Published on online store": "TRUE" if product.published else "FALSE",
        "Status": "active" if product.published else "draft",
        TAX_CLASS_COLUMN: product.tax_class,
    }


def _shopify_variant(variant: Variant, currency: str) -> dict[str, str]:
    compare = variant.compare_at_minor
    return {
        "SKU": variant.sku,
        "Option1 name": "Variant",
        "Option1 value": variant.title,
        "Price": _amount(variant.price_minor, currency),
        "Compare-at price": "" if compare is None else _amount(compare, currency),
        "Inventory tracker": "shopify",
        # Blank while Redis does not answer: an import of a blank cell leaves the stock alone.
        "Inventory quantity": "" if variant.stock is None else str(variant.stock.available),
        "Continue selling when out of stock": "DENY",
        "liveshop variant ID": variant.id,
    }


def _google_offer(variant: Variant, currency: str) -> dict[str, str]:
    """Write price and stock; Google's price is the one before a sale_price."""
    compare = variant.compare_at_minor
    now = plain(variant.price_minor, currency)
    offer = {"g:price": now}
    if compare is not None:
        offer = {"g:price": plain(compare, currency), "g:sale_price": now}
    available = None if variant.stock is None else variant.stock.available
    stock = "in_stock" if available is None or available > 0 else "out_of_stock"
    return offer | {"g:availability": stock, "g:quantity": "" if available is None else str(available)}


def _google_pictures(pictures: tuple[Picture, ...], public_url: str) -> list[str]:
    tags = ["g:image_link", *["g:additional_image_link"] * len(pictures)]
    return [
        f"<{tag}>{escape(public_url + picture.url_1280)}</{tag}>"
        for tag, picture in zip(tags, pictures, strict=False)
    ]


def _amount(minor: int, currency: str) -> str:
    return plain(minor, currency).removesuffix(f" {currency}")


def _line(cells: Mapping[str, str], *, header: bool = False) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(WRITTEN if header else [cells[name] for name in WRITTEN])
    return out.getvalue()
