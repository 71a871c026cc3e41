"""Alipay's forms: what is signed, which part of an answer is, money and time as it writes them; pure.

Source: opendocs.alipay.com, the pages on signing, verifying and asynchronous notifications. A request's
signed text is all parameters but `sign`, empty ones left out, sorted by name, as `name=value` with `&`
between, not encoded. A notification leaves `sign_type` out, too. Of an answer exactly the characters of its
inner object are signed.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl

SHANGHAI = timezone(timedelta(hours=8))
"""All of Alipay's times; China has no summer time."""


class Unreadable(ValueError):  # noqa: N818 - named for what happened
    """This is not written as Alipay writes."""


def signed_text(fields: Mapping[str, str], *left_out: str) -> bytes:
    """Return what is signed of a request (or of a notification, leaving out `sign_type`)."""
    pairs = sorted(pair for pair in fields.items() if pair[1] and pair[0] not in {"sign", *left_out})
    return "&".join(f"{name}={value}" for name, value in pairs).encode()


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a notification; raises Unreadable, also when a name comes twice."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise Unreadable("not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("a field comes twice")
    return fields


def read_answer(text: str, method: str) -> tuple[bytes, dict[str, object], str]:
    """Return the signed characters, the inner object and the signature of the answer to `method`.

    The signature is empty when there is none, as in `error_response`. Raises Unreadable.
    """
    try:
        whole = json.loads(text)
        name = next(one for one in (method.replace(".", "_") + "_response", "error_response") if one in whole)
        start = text.index(":", text.index(f'"{name}"')) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        inner, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, TypeError, StopIteration) as error:
        raise Unreadable("not an answer") from error
    if not isinstance(inner, dict) or inner != whole[name]:
        raise Unreadable("not one answer")
    return text[start:end].encode(), inner, str(whole.get("sign", ""))


def yuan(amount_minor: int) -> str:
    """Write fen as yuan: 1250 is `12.50`."""
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def fen(amount: object) -> int:
    """Read yuan, written as text or number, as fen; raises Unreadable for a part of one."""
    try:
        found = Decimal(str(amount)) * 100
    except InvalidOperation as error:
        raise Unreadable("not an amount") from error
    if not found.is_finite() or found != found.to_integral_value():
        raise Unreadable("not a whole number of fen")
    return int(found)


def local_time(at_ms: int) -> str:
    """Write a moment as Alipay does, in China's time, to the second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
