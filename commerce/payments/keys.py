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
