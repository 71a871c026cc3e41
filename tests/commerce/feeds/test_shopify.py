"""Shopify's CSV, both vocabularies, and every way in which a row can be wrong."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from commerce.feeds.drafts import MAX_ROWS
from commerce.feeds.reading import read_feed
from commerce.feeds.refusals import FeedFormat, FeedTooLong, FeedUnreadable
from tests.commerce.feeds.samples import SHOPIFY, codes, sample, shopify

HEADER = "Handle,Title,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty"


def test_both_vocabularies_say_the_same() -> None:
    """The same shop in old and new words gives the same drafts, but for the columns' names."""
    old, new = (read_feed(sample(name), "USD") for name in SHOPIFY)
    assert (old.format, old.rows, len(old.products), codes(old)) == ("shopify", 30, 15, [])
    assert [(p.handle, p.title, p.description, p.published, p.variants) for p in old.products] == [
        (p.handle, p.title, p.description, p.published, p.variants) for p in new.products
    ]
    assert [[(p.line, p.url, p.alt) for p in one.pictures] for one in old.products] == [
        [(p.line, p.url, p.alt) for p in one.pictures] for one in new.products
    ]
    assert old.ignored_columns == (
        "Vendor", "Tags", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Policy"
    )  # fmt: skip


def test_a_realistic_file_is_read_as_meant() -> None:
    """Choices, blank cells, HTML, quotes, line breaks in cells and pictures without a variant."""
    feed = read_feed(sample("shopify_old.csv"), "USD")
    by_handle = {product.handle: product for product in feed.products}
    oolong = by_handle["oolong-spring-2026"]
    assert [v.title for v in oolong.variants] == ["50 g", "100 g", "250 g"]
    assert [v.price_minor for v in oolong.variants] == [950, 1700, 3900]
    assert [v.compare_at_minor for v in oolong.variants] == [None, 1900, None]
    assert oolong.description == "Hand-rolled leaves from the Alishan slopes.\n\n• Floral\n• Light roast"
    assert by_handle["gaiwan-120"].title == 'Gaiwan "Moon", 120 ml'
    cup = by_handle["cup-wood-fired"]
    assert (cup.variants[0].title, len(cup.variants), len(cup.pictures)) == (UNSET, 1, 3)
    assert str(cup.description).count("\n") == 2
    # The cup's description has two line breaks, so what follows is two lines further down than rows say.
    assert by_handle["scoop-bamboo"].line == by_handle["tea-towel"].line + 3 == cup.line + 8
    assert (by_handle["lapsang"].published, by_handle["timer"].published) == (False, False)
    assert by_handle["tea-towel"].variants[2].quantity == 0, "oversold is none left"


def test_a_missing_column_is_not_a_blank_cell() -> None:
    """What the file has no column for stays UNSET; a blank cell says none."""
    bare = shopify("Title,Handle", "Mug,mug").products[0]
    assert (bare.description, bare.published, bare.variants[0].price_minor) == (UNSET, UNSET, UNSET)
    assert (bare.variants[0].sku, bare.variants[0].quantity) == (UNSET, UNSET)
    header = (
        "Title,Handle,Body (HTML),Variant SKU,Variant Price,Variant Compare At Price,Variant Inventory Qty"
    )
    blank = shopify(header, "Mug,mug,,,,,").products[0]
    assert (blank.description, blank.variants[0].sku) == ("", "")
    assert (blank.variants[0].price_minor, blank.variants[0].compare_at_minor) == (None, None)
    assert blank.variants[0].quantity is UNSET, "a blank cell tells no number of units"


def test_new_products_need_only_a_title() -> None:
    """Their handle is made of it, and two different titles never share one."""
    feed = shopify("Title", "Blue mug", "Green mug", "普洱茶", "白茶")
    handles = [product.handle for product in feed.products]
    assert handles[:2] == ["blue-mug", "green-mug"]
    assert len(set(handles)) == 4
    assert codes(feed) == []


def test_rows_of_a_handle_are_one_product_wherever_they_are() -> None:
    """Another product may lie between them."""
    feed = shopify(HEADER, "mug,Mug,Red,,12,1", "cup,Cup,,,5,1", "mug,,Blue,,13,2")
    assert [(p.handle, len(p.variants), p.rows) for p in feed.products] == [("mug", 2, 2), ("cup", 1, 1)]


def test_options_are_joined_to_one_title() -> None:
    """Up to three of them; Shopify's mark for none is none."""
    feed = shopify(
        "Handle,Title,Option1 Name,Option1 Value,Option2 Value,Option3 Value",
        "a,A,Colour,Red,M,Wool", "b,B,Title,Default Title,,", "c,C,Style,Default Title,,",
    )  # fmt: skip
    assert [product.variants[0].title for product in feed.products] == [
        "Red / M / Wool", UNSET, "Default Title",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "cell", "minor"),
    [("USD", "12.5", 1250), ("USD", "12.500", 1250), ("USD", "0", 0), ("JPY", "1200", 1200),
     ("JPY", "1200.00", 1200), ("KWD", "1.25", 1250), ("KWD", "1.234", 1234), ("USD", "7.", 700)],
)  # fmt: skip
def test_prices_have_the_places_of_the_currency(currency: str, cell: str, minor: int) -> None:
    """Zeros behind them change nothing."""
    feed = shopify(HEADER, f"mug,Mug,,,{cell},", currency=currency)
    assert feed.products[0].variants[0].price_minor == minor


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("mug,Mug,Red,,12 USD,1", "Variant Price", "bad_price"),
        ('mug,Mug,Red,,"1,200",1', "Variant Price", "bad_price"),
        ("mug,Mug,Red,,-1,1", "Variant Price", "bad_price"),
        ("mug,Mug,Red,,1e3,1", "Variant Price", "bad_price"),
        ("mug,Mug,Red,,99999999999999,1", "Variant Price", "bad_price"),
        ("mug,Mug,Red,,12.345,1", "Variant Price", "price_too_exact"),
        ("mug,Mug,Red,,12,1.5", "Variant Inventory Qty", "bad_quantity"),
        ("mug,Mug,Red,,12,many", "Variant Inventory Qty", "bad_quantity"),
        ("mug,Mug,Red,,12,1000001", "Variant Inventory Qty", "bad_quantity"),
        ("mug,,Red,,12,1", "Title", "missing"),
        (f"mug,{'x' * 121},Red,,12,1", "Title", "too_long"),
        (f"mug,Mug,{'x' * 121},,12,1", "Option1 Value", "too_long"),
        (f"mug,Mug,Red,{'x' * 65},12,1", "Variant SKU", "too_long"),
        (f"{'x' * 201},Mug,Red,,12,1", "Handle", "too_long"),
        (",,Red,,12,1", "Handle", "handle_missing"),
        ("mug,Mug,Red,,12", "", "cell_count"),
        ('mug,"Mug"s,Red,,12,1', "", "csv_malformed"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(row: str, column: str, code: str) -> None:
    """Line, column and a stable code; the rows around it are products as before."""
    feed = shopify(HEADER, "cup,Cup,,,5,1", row, "tea,Tea,,,6,1")
    assert codes(feed) == [(3, column, code)]
    assert [product.handle for product in feed.good] == ["cup", "tea"]
    assert feed.rows == 3


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("mug,Mug,Red,,1,", "mug,Other,Blue,,1,"), (3, "Title", "title_twice")),
        (("mug,Mug,Red,,1,", "mug,,Red,,1,"), (3, "Option1 Value", "variant_twice")),
        (("mug,Mug,Red,,1,", "mug,,,,1,"), (3, "Option1 Value", "option_missing")),
        (tuple(f"mug,{'Mug' if n == 0 else ''},V{n},,1," for n in range(41)),
         (2, "Option1 Value", "too_many_variants")),
    ],
)  # fmt: skip
def test_a_product_that_contradicts_itself_is_refused_whole(
    rows: tuple[str, ...], found: tuple[int, str, str]
) -> None:
    """No half of it is imported."""
    feed = shopify(HEADER, *rows)
    assert codes(feed) == [found]
    assert feed.good == ()


def test_an_unclosed_quote_is_named_by_the_line_where_it_opens() -> None:
    """Not by the end of the file, where it is noticed."""
    feed = shopify(HEADER, "cup,Cup,,,5,1", 'mug,"Mug,Red,,12,1', "tea,Tea,,,6,1")
    assert codes(feed) == [(3, "", "csv_malformed")]


def test_lines_are_the_files_own() -> None:
    """Line breaks in cells, blank lines and the ends of lines of other systems are counted."""
    source = f'{HEADER}\r\n\r\nmug,"Mug\r\nof\rclay",Red,,12,1\r\ncup,Cup,,,x,1\r\n'
    assert codes(read_feed(source.encode(), "USD")) == [(6, "Variant Price", "bad_price")]


def test_html_that_is_too_long_is_not_even_read() -> None:
    """What is never closed would take minutes."""
    feed = shopify("Title,Description", f"Mug,{'<!--' * 8001}", "Cup,<p>short</p>")
    assert codes(feed) == [(2, "Description", "too_long")]
    assert [product.title for product in feed.good] == ["Cup"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_other_separators_are_recognised(separator: str) -> None:
    """Spreadsheets write what their country's comma is not."""
    lines = [HEADER, "mug,Mug,Red,A-1,12,1"]
    feed = shopify(*(line.replace(",", separator) for line in lines))
    assert feed.products[0].variants[0].price_minor == 1200


def test_a_bad_picture_address_is_left_out_with_a_note() -> None:
    """It keeps no product from being imported."""
    rows = [f"mug,{'Mug' if n == 0 else ''},https://a.example/{n}.jpg,{9 - n}" for n in range(9)]
    feed = shopify("Handle,Title,Image Src,Image Position", *rows, "mug,,file:///etc/passwd,1")
    assert codes(feed) == []
    assert [picture.url[-5:] for picture in feed.good[0].pictures] == [f"{n}.jpg" for n in range(8, 0, -1)]
    assert [(note.line, note.code) for note in feed.notes] == [(2, "too_many_pictures"), (11, "bad_address")]


@pytest.mark.parametrize(
    "source",
    [b"", b"\n\n", b"name,colour\nx,y\n", b"Handle,SKU\nx,y\n", b'"Title\n',
     b"Title,Handle,URL handle\na,b,c\n", b"Title,Price,Variant Price\na,1,2\n"],
)  # fmt: skip
def test_a_file_of_something_else_is_refused(source: bytes) -> None:
    """Also one in which two columns say the same."""
    with pytest.raises(FeedFormat):
        read_feed(source, "USD")


def test_a_file_that_is_too_long_is_refused() -> None:
    """Before its rows are all in memory."""
    with pytest.raises(FeedTooLong):
        read_feed(b"Title\n" + b"x\n" * (MAX_ROWS + 1), "USD")
    with pytest.raises(FeedTooLong):
        read_feed(b"Title\n" + b"x" * (16 * 1024 * 1024), "USD")


@given(st.text(max_size=300))
def test_no_file_breaks_the_reader(anything: str) -> None:
    """Every row is counted, and faults name lines of the file."""
    source = f"{HEADER}\n{anything}"
    lines = len(source.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    feed = read_feed(source.encode("utf-8", "replace"), "USD")
    assert all(2 <= fault.line <= lines for fault in feed.faults)
    assert sum(product.rows for product in feed.products) <= feed.rows


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """They are read or refused with one of our errors."""
    with contextlib.suppress(FeedUnreadable):
        read_feed(raw, "USD")
