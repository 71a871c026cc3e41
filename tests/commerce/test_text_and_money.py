"""What people type, and amounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce import money, text
from commerce.errors import BadPrice, InvalidField


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mei  Lin ", "Mei Lin"),
        ("梅\u200b", "梅"),
        ("evil\u202egnp", "evilgnp"),
        ("tab\tand\nline", "tab and line"),
        ("e\u0301", "é"),
        ("👩\u200d🌾", "👩\u200d🌾"),
    ],
)
def test_a_line_is_cleaned(typed: str, kept: str) -> None:
    """Direction tricks and hidden characters go, joined emoji stay, spaces are single."""
    assert text.person_name(typed) == kept


@given(st.text(max_size=100))
def test_a_cleaned_name_stays_as_it_is(typed: str) -> None:
    """Cleaning twice is cleaning once, and what comes out is within the limit."""
    try:
        once = text.person_name(typed)
    except InvalidField:
        return
    assert text.person_name(once) == once
    assert 1 <= len(once) <= text.NAME_CHARS
    assert "\n" not in once


def test_a_paragraph_keeps_its_lines() -> None:
    """Line breaks stay, control characters go."""
    assert text.paragraph("a\r\nb\x00\nc ", "description") == "a\nb\nc"


@pytest.mark.parametrize(
    ("name", "slug"), [("Mei's Tea", "meis-tea"), ("茶", "shop"), ("Café Ünö!", "cafe-uno")]
)
def test_a_slug_is_proposed_from_a_name(name: str, slug: str) -> None:
    """What a proposal says is itself a slug."""
    assert text.slug_of(name) == slug
    assert text.slug(slug) == slug


@pytest.mark.parametrize("slug", ["ab", "-abc", "abc-", "a_b", "x" * 41, "größe"])
def test_wrong_slugs_are_refused(slug: str) -> None:
    """Too short, too long, other characters."""
    with pytest.raises(InvalidField):
        text.slug(slug)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (1250, "USD", "12.50 USD"),
        (5, "EUR", "0.05 EUR"),
        (1250, "JPY", "1250 JPY"),
        (-7, "KWD", "-0.007 KWD"),
    ],
)
def test_amounts_are_written_with_their_currencys_places(amount: int, currency: str, written: str) -> None:
    """Two places, none, or three."""
    assert money.plain(amount, currency) == written


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "US", "USDD"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    """Only codes of ISO 4217, in capitals."""
    with pytest.raises(InvalidField):
        money.exponent(currency)


def test_prices_have_bounds() -> None:
    """Zero is a price, a negative one and an absurd one are not."""
    assert money.check_price(0) == 0
    for wrong in (-1, money.MAX_PRICE_MINOR + 1):
        with pytest.raises(BadPrice):
            money.check_price(wrong)
