"""Checks of what comes in, before it is sent to Redis; the Functions check again what they count with."""

import re
from collections.abc import Iterable

from commerce import errors
from commerce.sale.refusals import BadRequest
from commerce.sale.types import MAX_LINE_QUANTITY, MAX_LINES, MAX_PRICE_MINOR, MAX_STOCK_QUANTITY, Line

_ID = re.compile(r"[a-z]{2}_[a-z0-9_]{1,60}")
_KEY = re.compile(r"[A-Za-z0-9_.:~-]{1,128}")
_MARK = re.compile(r"[A-Za-z0-9_.:=-]{8,128}")
MAX_TIME_MS = 10**14 - 1
MAX_VERSION = 10**14 - 1  # JSON numbers written by Lua are exact up to 14 digits


def check_id(field: str, value: str, *prefixes: str) -> None:
    """Raise BadRequest unless `value` is an id with one of the prefixes (any, when none is given)."""
    if not _ID.fullmatch(value) or (prefixes and value[:2] not in prefixes):
        raise BadRequest(f"{field} is not an id of the right kind.", field=field)


def check_person(value: str) -> None:
    """Raise BadRequest unless `value` names an account or a guest."""
    check_id("person", value, "ac", "gu")


def check_key(field: str, value: str) -> None:
    """Raise BadRequest unless `value` can be an idempotency key or an outbox row's id."""
    if not _KEY.fullmatch(value):
        raise BadRequest(f"{field} must be 1 to 128 url-safe characters.", field=field)


def check_whole(field: str, value: int, low: int, high: int) -> None:
    """Raise BadRequest unless `value` is an int (and no bool) from low to high."""
    if type(value) is not int or not low <= value <= high:
        raise BadRequest(f"{field} must be a whole number from {low} to {high}.", field=field)


def check_time(field: str, value: int) -> None:
    """Raise BadRequest unless `value` can be milliseconds since 1970."""
    check_whole(field, value, 0, MAX_TIME_MS)


def check_price(value: int, version: int) -> None:
    """Raise BadPrice or BadRequest unless price and version are whole and in range."""
    if type(value) is not int or not 0 <= value <= MAX_PRICE_MINOR:
        raise errors.BadPrice(price_minor=repr(value)[:40])
    check_whole("price_version", version, 0, MAX_VERSION)


def check_line_quantity(value: int, low: int = 1) -> None:
    """Raise BadQuantity unless `value` is a whole number of units a buyer may ask for."""
    if type(value) is not int or not low <= value <= MAX_LINE_QUANTITY:
        raise errors.BadQuantity(quantity=repr(value)[:40], max_quantity=MAX_LINE_QUANTITY)


def check_stock_quantity(value: int, low: int = 1) -> None:
    """Raise BadQuantity unless `value` is a whole number of units that staff may move at once."""
    if type(value) is not int or not low <= value <= MAX_STOCK_QUANTITY:
        raise errors.BadQuantity(quantity=repr(value)[:40], max_quantity=MAX_STOCK_QUANTITY)


def check_line(line: Line) -> None:
    """Raise unless the line's ids, quantity and price version can be right."""
    check_id("variant", line.variant, "va")
    if line.sale is not None:
        check_id("sale", line.sale, "fs")
    check_line_quantity(line.quantity)
    check_whole("price_version", line.price_version, 0, MAX_VERSION)


def check_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Answer the lines with those of one pool and price version joined, so that they are counted together.

    Raises BadQuantity or BadRequest. Two lines of one stock item that each pass their own check are how
    others oversell (medusa#16502).
    """
    lines = tuple(lines)
    for line in lines:
        check_line(line)
    if len(lines) == 1:
        return lines
    joined: dict[tuple[str, int], Line] = {}
    for line in lines:
        place = (line.pool, line.price_version)
        before = joined[place].quantity if place in joined else 0
        joined[place] = Line(line.variant, before + line.quantity, line.price_version, line.sale)
    for line in joined.values():
        check_line_quantity(line.quantity)
    if not 1 <= len(joined) <= MAX_LINES:
        raise BadRequest(f"A reservation has 1 to {MAX_LINES} lines.", field="lines")
    return tuple(joined.values())


def check_marks(marks: Iterable[str]) -> tuple[str, ...]:
    """Answer the HMACs without repeats; BadRequest when one cannot be one."""
    unique = tuple(dict.fromkeys(marks))
    if len(unique) > 8 or not all(_MARK.fullmatch(mark) for mark in unique):
        raise BadRequest("A mark is an HMAC of 8 to 128 url-safe characters.", field="marks")
    return unique
