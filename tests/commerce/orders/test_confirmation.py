"""The mail that confirms an order."""

from types import SimpleNamespace
from typing import Any

import msgspec

from commerce.orders.confirmation import confirmation_letter
from commerce.orders.messages import Seller
from commerce.orders.orders_sql import Record


def an_order(**changes: Any) -> Record:
    """Make the record of a paid order with hostile text in every place a person can write to."""
    seller = Seller(
        "sp_1", "clay", "Clay <b>&</b> Co", "Clay GmbH", "Weg 1\n10115 Berlin", "shop@example.com"
    )
    row = {
        "id": "or_1", "number": "7K3M-92QD", "token": "t0ken", "language": "en", "currency": "EUR",
        "items_minor": 3700, "shipping_minor": 0, "shipping_tax_minor": 0, "tax_minor": 0,
        "shipping_taxes": None, "total_minor": 3700, "discount_minor": 0,
        "shipping": None, "tax_name": None, "tax_rate_ppm": 0, "tax_inclusive": False,
        "seller": msgspec.json.encode(seller).decode(), "contact_email": "mei@example.com",
        "contact_name": "Mei <script>", "address_line1": "1 High Street", "address_line2": None,
        "address_city": "York", "address_region": None, "address_postcode": "YO1 7EP",
        "address_country": "GB",
    } | changes  # fmt: skip
    return Record(SimpleNamespace(**row), (a_line("Mug <i>", "Blue", 1200), a_line("Cap", "", 2500)), (), ())


def a_line(title: str, variant: str, price_minor: int, **changes: Any) -> SimpleNamespace:
    """Make a line; without its own rate it is one of an older release."""
    row = {"title": title, "variant_title": variant, "quantity": 1, "price_minor": price_minor,
           "discount_minor": 0, "tax_minor": 0, "tax_name": None, "tax_rate_ppm": None}  # fmt: skip
    return SimpleNamespace(**(row | changes))


def test_the_mail_says_who_sold_what_for_how_much() -> None:
    """Text and HTML; nothing anybody wrote becomes markup."""
    letter = confirmation_letter(an_order(), "https://shop.example")
    assert letter["to"] == "mei@example.com"
    for part in (letter["text"], letter["html"]):
        for words in ("7K3M-92QD", "12.00 EUR", "25.00 EUR", "37.00 EUR", "Clay GmbH", "10115 Berlin",
                      "shop@example.com", "YO1 7EP York", "https://shop.example/orders/or_1"):  # fmt: skip
            assert words in part
        assert "t0ken" in part
    for markup in ("<script>", "<i>", "<b>"):
        assert markup not in letter["html"]


def test_the_mail_speaks_chinese() -> None:
    """To who asked for it."""
    letter = confirmation_letter(an_order(language="zh"), "https://shop.example")
    assert "合计" in letter["text"]
    assert "订单" in letter["subject"]


def test_tax_on_top_stands_above_the_total_and_contained_tax_below() -> None:
    """With its own name and rate; a discount goes off in sight."""
    added = an_order(
        tax_name="GST", tax_rate_ppm=149_750, tax_minor=554, total_minor=4154, discount_minor=100,
        shipping_tax_minor=554,
    )  # fmt: skip
    text = confirmation_letter(added, "https://shop.example")["text"]
    assert (
        text.index("Discount: -1.00 EUR")
        < text.index("GST 14.975%: 5.54 EUR")
        < text.index("Total: 41.54 EUR")
    )
    contained = an_order(
        tax_name="VAT", tax_rate_ppm=200_000, tax_inclusive=True, tax_minor=617, shipping_tax_minor=617
    )
    text = confirmation_letter(contained, "https://shop.example")["text"]
    assert text.index("Total: 37.00 EUR") < text.index("of which VAT 20%: 6.17 EUR")


def test_each_rate_stands_on_a_line_of_its_own() -> None:
    """A book and a mug: the higher rate first, each with its tax."""
    lines = (
        a_line("Book", "", 1070, tax_minor=70, tax_name="VAT", tax_rate_ppm=70_000),
        a_line("Mug", "", 1190, tax_minor=190, tax_name="VAT", tax_rate_ppm=190_000),
    )
    order = an_order(tax_name="VAT", tax_rate_ppm=190_000, tax_inclusive=True, tax_minor=260).order
    text = confirmation_letter(Record(order, lines, (), ()), "https://shop.example")["text"]
    assert text.index("of which VAT 19%: 1.90 EUR") < text.index("of which VAT 7%: 0.70 EUR")
