"""Google's feed, as TSV and as XML, and what can be wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from commerce.feeds.drafts import Feed
from commerce.feeds.reading import read_feed
from commerce.feeds.refusals import FeedFormat
from tests.commerce.feeds.samples import GOOGLE, codes, sample

HEADER = "id\ttitle\tprice\tavailability\titem_group_id\tcolor"
GOOD = "a\tTea\t5.00 USD\tin_stock\t\t"


def tsv(*lines: str, currency: str = "USD") -> Feed:
    """Read these lines as a tab-separated feed."""
    return read_feed("\n".join(lines).encode(), currency)


def rss(*items: str) -> bytes:
    """Write an RSS feed of these items, one a line from line 2."""
    body = "\n".join(f"<item>{item}</item>" for item in items)
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
    return f"{head}\n{body}\n</channel></rss>".encode()


def test_tsv_and_xml_say_the_same() -> None:
    """The same shop gives the same drafts, but for lines and names of columns."""
    rows, xml = (read_feed(sample(name), "USD") for name in GOOGLE)
    assert (rows.format, rows.rows, codes(rows), codes(xml)) == ("google", 24, [], [])

    def told(feed: Feed) -> list[object]:
        return [
            (p.handle, p.title, p.description, [x.url for x in p.pictures],
             [(v.title, v.price_minor, v.compare_at_minor, v.quantity, v.name) for v in p.variants])
            for p in feed.products
        ]  # fmt: skip

    assert told(rows) == told(xml)
    assert "g:shipping" in xml.ignored_columns


def test_items_of_a_group_are_variants_of_one_product() -> None:
    """The sale price is what is paid, the price what it was; an item alone is a product."""
    feed = read_feed(sample("google.tsv"), "USD")
    by_handle = {product.handle: product for product in feed.products}
    gaiwan = by_handle["gaiwan-120"]
    assert [(v.name, v.title) for v in gaiwan.variants] == [("POT-GAI-W", "White"), ("POT-GAI-C", "Celadon")]
    assert [(v.price_minor, v.compare_at_minor) for v in gaiwan.variants] == [(2400, None), (2600, 3000)]
    assert by_handle["KET-IRN-12"].variants[0].title is UNSET
    jasmine = by_handle["jasmine-pearls"]
    assert [v.quantity for v in jasmine.variants] == [UNSET, 0], "in stock tells no number"
    assert len(by_handle["matcha"].pictures) == 2


def test_atom_is_read_like_rss() -> None:
    """Its own words stand for Google's where Google's are missing."""
    source = (
        b'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        b'xmlns:g="http://base.google.com/ns/1.0">\n<entry><id>urn:1</id><g:id>A</g:id><title>Tea</title>'
        b'<summary>Good &amp; hot</summary><link href="https://x.example/a"/><g:price>5 USD</g:price></entry>'
        b"\n</feed>"
    )
    feed = read_feed(source, "USD")
    product = feed.products[0]
    assert (product.line, product.handle, product.title, product.description) == (3, "A", "Tea", "Good & hot")
    assert product.variants[0].price_minor == 500


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("\tTea\t5.00 USD\tin_stock\t\t", "id", "missing"),
        (f"{'x' * 51}\tTea\t5.00 USD\tin_stock\t\t", "id", "too_long"),
        ("a\tTea\t5.00 USD\tin_stock\t\t", "id", "id_twice"),
        ("b\t\t5.00 USD\tin_stock\t\t", "title", "missing"),
        ("b\tTea\t5.00 EUR\tin_stock\t\t", "price", "wrong_currency"),
        ("b\tTea\t5.00\tin_stock\t\t", "price", "bad_price"),
        ("b\tTea\tUSD 5.00\tin_stock\t\t", "price", "bad_price"),
        ("b\tTea\t5.001 USD\tin_stock\t\t", "price", "price_too_exact"),
        ("b\tTea\t5.00 USD\tsoon\t\t", "availability", "bad_availability"),
        (f"b\tTea\t5.00 USD\tin_stock\t{'x' * 201}\t", "item_group_id", "too_long"),
        (f"b\tTea\t5.00 USD\tin_stock\t\t{'x' * 121}", "size", "too_long"),
        ("b\tTea\t5.00 USD", "", "cell_count"),
    ],
)
def test_a_bad_item_is_named_and_the_others_are_read(row: str, column: str, code: str) -> None:
    """Line, column and a stable code."""
    feed = tsv(HEADER, GOOD, row)
    assert codes(feed) == [(3, column, code)]
    assert [product.handle for product in feed.good] == ["a"]


def test_a_bad_item_of_an_xml_feed_is_named_by_its_line() -> None:
    """The line on which the item begins."""
    feed = read_feed(
        rss("<g:id>a</g:id><title>A</title>", "<g:id>b</g:id>", "<g:id>c</g:id><g:title>C</g:title>"), "USD"
    )
    assert codes(feed) == [(3, "g:title", "missing")]
    assert [product.handle for product in feed.good] == ["a", "c"]


def test_lines_are_counted_from_the_declaration_on() -> None:
    """Also where it stands on lines of its own, and names an encoding that is no longer the text's."""
    source = b'\n<?xml version="1.0"\n encoding="gb2312"?>\n' + rss(
        "<g:id>a</g:id><title>A</title><g:price>free</g:price>"
    )
    assert codes(read_feed(source, "USD")) == [(5, "g:price", "bad_price")]


def test_what_some_items_have_is_blank_for_the_others() -> None:
    """An ended sale is told by leaving its price out; what no item has is left alone."""
    ids = "<g:id>{0}</g:id><title>T</title><g:price>9 USD</g:price>"
    feed = read_feed(rss(ids.format("a") + "<g:sale_price>8 USD</g:sale_price>", ids.format("b")), "USD")
    assert [p.variants[0].compare_at_minor for p in feed.products] == [900, None]
    assert [p.description for p in feed.products] == [UNSET, UNSET]


@pytest.mark.parametrize(
    "source",
    [
        b"<rss><channel><item></channel></rss>",
        b"<html><body>no feed</body></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss></rss>',
        b"<",
    ],
)
def test_xml_that_breaks_or_could_do_harm_is_refused(source: bytes) -> None:
    """Entities and document types are not even looked at."""
    with pytest.raises(FeedFormat):
        read_feed(source, "USD")


@given(st.text(alphabet=st.characters(exclude_characters='\r\n\t"', codec="utf-8"), max_size=60))
def test_no_cell_breaks_the_reader(anything: str) -> None:
    """Whatever stands in a cell, it is a value or a fault of its line."""
    feed = tsv(HEADER, GOOD, f"b\t{anything}\t{anything}\t{anything}\t{anything}\t{anything}")
    assert {fault.line for fault in feed.faults} <= {3}
