"""What is exported comes back as "nothing changes", whatever the texts hold."""

import csv
import io
import string
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commerce import text
from commerce.catalogue.structs import Picture, Product, Stock, Variant
from commerce.errors import InvalidField
from commerce.feeds.drafts import Feed
from commerce.feeds.plan import Doing, plan
from commerce.feeds.reading import read_feed
from commerce.feeds.shelf import Shelf
from commerce.feeds.writing import (
    GOOGLE_TAIL,
    google_head,
    google_items,
    shopify_header,
    shopify_lines,
)

SHOP_URL = "https://tea.example"
MARKUP = st.text(alphabet="<>&;\"'=+-@\t\n\r,|/\\ \u00e9\u0301\u200d\u4e2d\U0001f375ab1!p", max_size=60)
ANYTHING = st.one_of(st.text(max_size=60), MARKUP)


def kept(source: str, kind: str) -> str:
    """Answer a text as the catalogue would keep it, or one that it would."""
    try:
        if kind == "description":
            return text.paragraph(source, kind)
        return text.line(source, kind, 60, min_chars=0 if kind == "sku" else 1)
    except InvalidField:
        return "=1+1"


def texts(kind: str) -> st.SearchStrategy[str]:
    """Answer texts of a kind, as they are in the catalogue."""
    return ANYTHING.map(lambda source: kept(source, kind))


MONEY = st.integers(0, 10**12)
IDS = st.text(alphabet=string.ascii_lowercase + "234567", min_size=16, max_size=16)
STOCKS = st.one_of(st.none(), st.builds(lambda units: Stock(units, 1, 2, units + 3), st.integers(0, 10**6)))


@st.composite
def products(draw: st.DrawFn) -> Product:
    """Draw a product with one to five variants and some pictures."""
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    variants = tuple(
        Variant(
            f"va_{one}", draw(texts("title")), draw(texts("sku")), draw(MONEY), draw(st.none() | MONEY), 1,
            f"po_va_{one}", draw(STOCKS),
        )
        for one in ids
    )  # fmt: skip
    pictures = tuple(
        Picture(f"pi_{n}", draw(texts("sku")), 10, 10, "", "", f"/media/pictures/{n:040x}-1280.webp")
        for n in range(draw(st.integers(0, 4)))
    )
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))
    return Product(
        f"pr_{draw(IDS)}", "sp_1", draw(texts("title")), draw(texts("description")), draw(st.booleans()),
        pictures[0] if pictures else None, pictures, variants, currency,
        draw(st.sampled_from(["standard", "reduced", "zero", "books", "图书"])),
    )  # fmt: skip


def doings(feed: Feed, product: Product, names: Mapping[str, str]) -> list[Any]:
    """Answer what importing a file would do to a shelf with this product."""
    owners = {variant.id: product.id for variant in product.variants}
    shelf = Shelf("sp_1", {product.id: product}, {}, names, owners, {})
    assert feed.faults == ()
    found = []
    for draft in feed.products:
        there, fault = shelf.product_of(draft)
        assert fault is None
        found.append(plan(draft, there, names, shelf.known_pictures(draft, there)))
    return found


@given(products())
def test_shopifys_file_comes_back_unchanged(product: Product) -> None:
    """Formulas, markup, line breaks, other scripts, equal titles, all currencies."""
    source = shopify_header() + "".join(shopify_lines(product, None, SHOP_URL))
    (made,) = doings(read_feed(source.encode(), product.currency), product, {})
    assert (made.doing, made.product, made.change, made.variants) == (Doing.KEEP, product.id, None, ())


@given(products(), st.sampled_from(["", "SKU "]))
def test_googles_feed_comes_back_unchanged(product: Product, name: str) -> None:
    """Also for variants that a file has named before."""
    names = {variant.id: f"{name}{n}" for n, variant in enumerate(product.variants) if name}
    items = "".join(google_items(product, None, names, SHOP_URL))
    source = google_head("Mei's <Tea>", SHOP_URL) + items + GOOGLE_TAIL
    known = {name: variant for variant, name in names.items()}
    (made,) = doings(read_feed(source.encode(), product.currency), product, known)
    assert (made.doing, made.product, made.change, made.variants) == (Doing.KEEP, product.id, None, ())


def test_a_formula_is_written_as_it_is() -> None:
    """A sign before it would be part of the name at the next import."""
    variant = Variant("va_aaaaaaaaaaaaaaaa", "=1+1", "@SUM(A1)", 100, None, 1, "po_x", None)
    product = Product("pr_aaaaaaaaaaaaaaaa", "sp_1", "-2", "", False, None, (), (variant,), "USD")
    (line,) = shopify_lines(product, None, SHOP_URL)
    header = shopify_header().removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(header + line))
    assert (row["Title"], row["SKU"], row["Option1 value"]) == ("-2", "@SUM(A1)", "=1+1")
    assert (row["Status"], row["Inventory quantity"]) == ("draft", "")
