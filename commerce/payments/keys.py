"""Ids that a repeated request makes again."""

import base64
import hashlib
import hmac


def derived_id(prefix: str, key: bytes, *parts: str) -> str:
    """Return an id that is always the same for the same parts, and unguessable without `key`.

    A repeated request arrives at the same id, also when the first one died half way and nothing of it
    was written down.
    """
    text = "\x1f".join((prefix, *parts)).encode()
    digest = hmac.new(key, text, hashlib.sha256).digest()[:10]
    return f"{prefix}_{base64.b32encode(digest).decode().lower()}"


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for another when read aloud."""


def readable_number(key: bytes, order: str, choice: int = 0) -> str:
    """Return an order's number for people, such as `7K3M-92QD`: the same for the same order.

    It does not tell how much a shop sells. 40 bits: among 10,000 orders of a shop two meet with a chance
    of 1 in 20,000; the table refuses that, and another `choice` is taken.
    """
    text = f"number\x1f{order}\x1f{choice}".encode()
    bits = int.from_bytes(hmac.new(key, text, hashlib.sha256).digest()[:5])
    letters = "".join(_DIGITS[bits >> shift & 31] for shift in range(35, -5, -5))
    return f"{letters[:4]}-{letters[4:]}"
