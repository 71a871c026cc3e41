"""Access tokens: short-lived, signed, checked without asking anybody.

`base64url(JSON array) . base64url(HMAC-SHA-256)`. The array is
`[version, person, kind, name, device, admin, expires_at_ms]`. A token cannot be taken back; the device
can (`revocations_redis`), and 15 minutes later nobody needs to remember that.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

import msgspec

from commerce.routing import Identity

VERSION = 1
MAX_TOKEN_CHARS = 1024

_Claims = tuple[int, str, str, str, str, bool, int]
_decoder = msgspec.json.Decoder(_Claims)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a valid token says."""

    identity: Identity
    expires_at_ms: int


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign_access_token(identity: Identity, expires_at_ms: int, key: bytes) -> str:
    """Answer the token's text."""
    claims: _Claims = (
        VERSION,
        identity.person,
        identity.kind,
        identity.name,
        identity.device,
        identity.admin,
        expires_at_ms,
    )
    body = _encode(msgspec.json.encode(claims))
    return f"{body}.{_encode(_mac(body, key))}"


def read_access_token(token: str, key: bytes, now_ms: int) -> AccessToken | None:
    """Answer what the token says, or None when it is malformed, forged or expired."""
    if len(token) > MAX_TOKEN_CHARS or not token.isascii():
        return None
    body, _, signature = token.partition(".")
    try:
        if not hmac.compare_digest(_decode(signature), _mac(body, key)):
            return None
        version, person, kind, name, device, admin, expires_at_ms = _decoder.decode(_decode(body))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    if version != VERSION or expires_at_ms <= now_ms:
        return None
    return AccessToken(Identity(person, kind, name, device, admin), expires_at_ms)


def _mac(body: str, key: bytes) -> bytes:
    return hmac.new(key, body.encode(), hashlib.sha256).digest()


def secret_hash(secret: str) -> str:
    """Answer how a random secret (refresh cookie, mailed link) is kept: SHA-256 in hex.

    A slow hash is for what people choose; these have 256 random bits.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
