"""Grants: the front's signed word that somebody may publish or watch one show.

A media process has neither accounts nor SQL and accepts nothing without a grant. The token is
`base64url(JSON) . base64url(HMAC-SHA256)`, in the header `Liveshop-Grant`.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Literal

import msgspec

from streaming.errors import GrantExpiredError, GrantInvalidError

HEADER = "liveshop-grant"
MAX_TOKEN_CHARS = 4096


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may do what. `stream_epoch` counts rotations of the stream key: an older one is refused.

    With the role "relay" a media process asks the show's owner for a copy; `person` is then its index. With
    "inside" a front tells what the shop decided; it names no show.
    """

    show: str
    role: Literal["publish", "watch", "relay", "inside"]
    person: str
    address: str
    expires_at_ms: int
    takeover: bool = False
    stream_epoch: int = 0


def sign(grant: Grant, key: bytes) -> str:
    """Write a grant as a token."""
    body = _encode(msgspec.json.encode(grant))
    return f"{body}.{_encode(_digest(body, key))}"


def verify(token: str, key: bytes, now_ms: int) -> Grant:
    """Read a token. Raises `GrantInvalidError`, or `GrantExpiredError` when its time is over."""
    body, _, signature = token.partition(".")
    if len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise GrantInvalidError("the grant is not a token")
    if not hmac.compare_digest(_encode(_digest(body, key)), signature):
        raise GrantInvalidError("the grant is not signed with this installation's key")
    try:
        grant = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Grant)
    except (binascii.Error, ValueError) as error:
        raise GrantInvalidError("the grant cannot be read") from error
    if grant.expires_at_ms <= now_ms:
        raise GrantExpiredError("the grant has expired")
    return grant


def _digest(body: str, key: bytes) -> bytes:
    return hmac.new(key, body.encode(), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
