"""One cell to one value; what cannot be right raises BadCell with a stable code."""

import re
from collections.abc import Callable
from typing import TypeVar

from commerce import text
from commerce.catalogue.catalogue import DESCRIPTION_CHARS, MAX_STOCK_QUANTITY, SKU_CHARS
from commerce.errors import InvalidField
from commerce.feeds.html_text import to_text
from commerce.money import MAX_PRICE_MINOR, exponent
from commerce.tax_classes import MAX_CHARS, checked_class

HANDLE_CHARS = 200
URL_CHARS = 2000
HTML_CHARS = 32_000
"""Of a description; Python's reader of HTML takes time by the square of what was never closed."""
_PRICE = re.compile(r"(\d{1,15})(?:\.(\d{0,9}))?")
_WHOLE = re.compile(r"(-?\d{1,9})(?:\.0+)?")
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})

T = TypeVar("T")
Parse = Callable[[str], T]


class BadCell(Exception):  # noqa: N818 - named for what it is
    """A cell that cannot be used: a stable `code`, and a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def title(cell: str) -> str:
    """Answer a title of 1 to 120 characters."""
    return _line(cell, "title", text.TITLE_CHARS)


def sku(cell: str) -> str:
    """Answer a SKU, "" for none."""
    return _line(cell, "sku", SKU_CHARS, min_chars=0)


def alt(cell: str) -> str:
    """Answer what a picture shows, cut at 300 characters."""
    return text.line(cell[:300], "alt", 300, min_chars=0)


def handle(cell: str) -> str:
    """Answer the name by which a file's maker knows a product."""
    return _line(cell, "handle", HANDLE_CHARS)


def description(cell: str) -> str:
    """Answer a description as plain text, whether it came as HTML or not."""
    if len(cell) > HTML_CHARS:
        raise BadCell("too_long", f"The description has more than {HTML_CHARS} characters of HTML.")
    try:
        return text.paragraph(to_text(cell), "description", DESCRIPTION_CHARS)
    except InvalidField as error:
        raise BadCell("too_long", f"The description has more than {DESCRIPTION_CHARS} characters.") from error


def price_in(currency: str) -> Parse[int | None]:
    """Answer a parser of prices in this currency: minor units, None for a blank cell."""
    places = exponent(currency)

    def price(cell: str) -> int | None:
        bare = cell.strip()
        if not bare:
            return None
        match = _PRICE.fullmatch(bare)
        if match is None:
            raise BadCell("bad_price", f"{bare[:40]!r} is no price: digits, and a point for the decimals.")
        part = (match[2] or "").rstrip("0")
        if len(part) > places:
            raise BadCell("price_too_exact", f"{bare[:40]!r}: {currency} has {places} decimal places.")
        minor = int(match[1] + part.ljust(places, "0"))
        if minor > MAX_PRICE_MINOR:
            raise BadCell("bad_price", f"{bare[:40]!r} is more than any price can be.")
        return minor

    return price


def google_price_in(currency: str) -> Parse[int | None]:
    """Answer a parser of `12.50 USD`; another currency than the shop's is refused."""
    amount = price_in(currency)

    def price(cell: str) -> int | None:
        number, _, code = cell.strip().rpartition(" ")
        if not cell.strip():
            return None
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise BadCell("bad_price", f"{cell.strip()[:40]!r} is no price such as 12.50 {currency}.")
        if code != currency:
            raise BadCell("wrong_currency", f"The shop's prices are in {currency}, not in {code}.")
        return amount(number)

    return price


def quantity(cell: str) -> int | None:
    """Answer units, None for a blank cell; fewer than none, as oversold shops write it, is 0."""
    bare = cell.strip()
    if not bare:
        return None
    match = _WHOLE.fullmatch(bare)
    if match is None or int(match[1]) > MAX_STOCK_QUANTITY:
        raise BadCell("bad_quantity", f"{bare[:40]!r} is no whole number up to {MAX_STOCK_QUANTITY}.")
    return max(0, int(match[1]))


def yes_or_no(cell: str) -> bool | None:
    """Answer TRUE or FALSE, None for a blank cell."""
    bare = cell.strip().lower()
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    if not bare:
        return None
    raise BadCell("bad_yes_or_no", f"{bare[:40]!r} is neither TRUE nor FALSE.")


def tax_class(cell: str) -> str | None:
    """Answer a tax class as it is compared, None for a blank cell."""
    return checked_class(_line(cell, "tax class", MAX_CHARS)) if cell.strip() else None


def status(cell: str) -> bool | None:
    """Answer whether Shopify shows a product of this status, None for a blank cell."""
    shown = {"active": True, "draft": False, "archived": False, "unlisted": False, "": None}
    bare = cell.strip().lower()
    if bare not in shown:
        raise BadCell("bad_status", f"{bare[:40]!r} is none of active, draft, archived and unlisted.")
    return shown[bare]


def availability(cell: str) -> bool | None:
    """Answer False for what is out of stock, True for what can be ordered, None for a blank cell."""
    bare = cell.strip().lower().replace(" ", "_")
    orderable = {"in_stock": True, "preorder": True, "backorder": True, "out_of_stock": False, "": None}
    if bare not in orderable:
        raise BadCell("bad_availability", f"{bare[:40]!r} is no availability such as in_stock.")
    return orderable[bare]


def picture_url(cell: str) -> str:
    """Answer the address of a picture, "" for a blank cell."""
    bare = cell.strip()
    if bare and (len(bare) > URL_CHARS or not re.fullmatch(r"https?://[^\s<>\"\\^`{|}]+", bare)):
        raise BadCell("bad_address", f"{bare[:60]!r} is no address of a picture (https://...).")
    return bare


def _line(cell: str, field: str, max_chars: int, *, min_chars: int = 1) -> str:
    try:
        return text.line(cell, field, max_chars, min_chars=min_chars)
    except InvalidField as error:
        if not cell.strip():
            raise BadCell("missing", f"The {field} is missing.") from error
        raise BadCell("too_long", f"The {field} may have {max_chars} characters at most.") from error
