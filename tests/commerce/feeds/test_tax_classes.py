"""The tax class of a product in files: what each format says of it, and what it changes."""

import msgspec
import pytest
from msgspec import UNSET

from commerce.catalogue.structs import ProductChange
from commerce.feeds.drafts import VariantDraft
from commerce.feeds.plan import Doing
from commerce.feeds.reading import read_feed
from tests.commerce.feeds.samples import codes, shopify
from tests.commerce.feeds.test_plan import SHELF, draft, planned

GOOGLE = "id\ttitle\tprice\ttax_category"


def test_shopify_says_whether_and_we_say_which() -> None:
    """Its column in old words and in new ones, ours beside it; a file without them says nothing."""
    for column in ("Variant Taxable", "Charge tax"):
        (product,) = shopify(f"Title,{column},liveshop tax class", "Mug,FALSE,Books").products
        assert (product.taxed, product.tax_class) == (False, "books")
    (bare,) = shopify("Title,Price", "Mug,1").products
    assert (bare.taxed, bare.tax_class) == (UNSET, UNSET)
    (blank,) = shopify("Title,Charge tax,liveshop tax class", "Mug,,").products
    assert (blank.taxed, blank.tax_class) == (None, None)


def test_google_names_a_category() -> None:
    """In its own column, for the product of the first item."""
    feed = read_feed(f"{GOOGLE}\na\tMug\t12.00 USD\tReduced".encode(), "USD")
    assert [one.tax_class for one in feed.products] == ["reduced"]


def test_a_class_that_cannot_be_is_named() -> None:
    """The product is left out whole."""
    feed = shopify("Title,liveshop tax class", f"Mug,{'x' * 25}", "Cap,books")
    assert codes(feed) == [(2, "liveshop tax class", "too_long")]
    assert [one.title for one in feed.good] == ["Cap"]


def test_variants_that_differ_are_noted() -> None:
    """A product bears one tax: what its first row says."""
    feed = shopify(
        "Title,URL handle,Option1 name,Option1 value,Charge tax",
        "Mug,mug,Colour,Red,TRUE", ",mug,,Blue,FALSE", ",mug,,Green,",
    )  # fmt: skip
    assert [(note.line, note.column, note.code) for note in feed.notes] == [
        (3, "Charge tax", "taxed_differs")
    ]
    assert [one.taxed for one in feed.products] == [True]


@pytest.mark.parametrize(
    ("told", "there", "becomes"),
    [
        ({"tax_class": "reduced"}, "standard", "reduced"),
        ({"tax_class": "reduced", "taxed": False}, "standard", "reduced"),
        ({"taxed": False}, "reduced", "zero"),
        ({"taxed": True}, "zero", "standard"),
        ({"taxed": True}, "reduced", None),
        ({"taxed": None, "tax_class": None}, "zero", None),
        ({}, "books", None),
        ({"tax_class": "books"}, "books", None),
    ],
)
def test_what_a_file_says_changes_the_class(
    told: dict[str, str | bool | None], there: str, becomes: str | None
) -> None:
    """Our column before Shopify's, which knows only zero from the rest; blank and missing leave it."""
    shelf = msgspec.structs.replace(SHELF, tax_class=there)
    made = planned(draft(VariantDraft(3, title="Red"), **told), shelf)
    change = None if becomes is None else ProductChange(tax_class=becomes)
    assert (made.doing, made.change) == (Doing.KEEP if change is None else Doing.CHANGE, change)


def test_a_new_product_gets_its_class() -> None:
    """Standard where the file says nothing."""
    for told, wanted in (({}, "standard"), ({"taxed": False}, "zero"), ({"tax_class": "图书"}, "图书")):
        made = planned(draft(VariantDraft(3, title="Red", price_minor=1), **told), None)
        assert made.request is not None
        assert made.request.tax_class == wanted
