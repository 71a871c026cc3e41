"""The mail that confirms an order, and how mails travel."""

from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from commerce.mail import mailer_for
from commerce.mail_files import FileMailer
from commerce.mail_message import compose
from commerce.mail_smtp import SmtpMailer, SmtpServer, smtp_server
from commerce.orders.confirmation import confirmation_letter, preferred_language
from commerce.orders.messages import Seller
from commerce.orders.orders_sql import Record
from commerce.settings import CommerceSettings


def an_order(**changes: Any) -> Record:
    """Make the record of a paid order with hostile text in every place a person can write to."""
    seller = Seller(
        "sp_1", "clay", "Clay <b>&</b> Co", "Clay GmbH", "Weg 1\n10115 Berlin", "shop@example.com"
    )
    row = {
        "id": "or_1", "number": "7K3M-92QD", "token": "t0ken", "language": "en", "currency": "EUR",
        "items_minor": 3700, "shipping_minor": 0, "tax_minor": 0, "total_minor": 3700,
        "seller": msgspec.json.encode(seller).decode(), "contact_email": "mei@example.com",
        "contact_name": "Mei <script>", "address_line1": "1 High Street", "address_line2": None,
        "address_city": "York", "address_region": None, "address_postcode": "YO1 7EP",
        "address_country": "GB",
    } | changes  # fmt: skip
    lines = (
        SimpleNamespace(title="Mug <i>", variant_title="Blue", quantity=1, price_minor=1200),
        SimpleNamespace(title="Cap", variant_title="", quantity=1, price_minor=2500),
    )
    return Record(SimpleNamespace(**row), lines, (), ())


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


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh;q=0.4,en;q=0.5", "en"),
        ("de", "en"),
        ("zh;q=oops,en", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_is_what_the_browser_prefers(header: str, language: str) -> None:
    """Of the two there are."""
    assert preferred_language(header) == language


def test_a_header_cannot_be_smuggled_in() -> None:
    """A line break in a name is a space in the mail."""
    mail = compose("a@shop.example", "b@c.dd", "Hi\r\nBcc: x@y.zz", "text", None, message_id="ml_1", now_ms=0)
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"] == "Hi Bcc: x@y.zz"
    assert read["Message-ID"] == "<ml_1@shop.example>"


async def test_mails_are_files_without_a_server(tmp_path: Path) -> None:
    """Whole files only, readable by any mail program."""
    settings = CommerceSettings("sqlite://", str(tmp_path), b"s" * 32)
    mailer = mailer_for(settings, lambda: 1_700_000_000_000, lambda prefix: f"{prefix}_1")
    assert isinstance(mailer, FileMailer)
    await mailer.send("mei@example.com", "订单", "text", "<p>html</p>")
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "1700000000000-ml_1.eml"
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "订单"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_an_smtp_address_is_read() -> None:
    """With the ports that go with each way, and passwords unquoted."""
    assert smtp_server("smtp://mail.example") == SmtpServer("mail.example", 25, False, None, None)
    assert smtp_server("smtp://a%40b:p%2Fw@mail.example") == SmtpServer(
        "mail.example", 587, False, "a@b", "p/w"
    )
    assert smtp_server("smtps://mail.example:8465").port == 8465
    for wrong in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ValueError, match="smtp://"):
            smtp_server(wrong)
    settings = CommerceSettings("sqlite://", "/nowhere", b"s" * 32, smtp_url="smtp://mail.example")
    assert isinstance(mailer_for(settings, lambda: 0, lambda prefix: prefix), SmtpMailer)
