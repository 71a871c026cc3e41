"""Web Push: what a browser's push service and the browser itself can check and read.

The message is sealed for the browser alone (RFC 8291: ECDH on P-256, aes128gcm of RFC 8188), and the push
service sees that all comes from one server (VAPID, RFC 8292). The VAPID key is derived from the server's
secret: made with it at the first start, and the same on every machine.
"""

import base64
import binascii
from typing import Final

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from commerce.keys_crypto import Keys

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group (SEC 2, section 2.4.2)."""
POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16
TOKEN_S: Final = 12 * 3600
"""RFC 8292 allows 24 hours; a push service's clock may be wrong."""


def from_base64url(text: str) -> bytes | None:
    """Return the bytes of base64url with or without padding, or None when it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def are_browser_keys(p256dh: str, auth: str) -> bool:
    """Tell whether something can be sealed for these keys: a point on P-256, and 16 bytes."""
    point, secret = from_base64url(p256dh), from_base64url(auth)
    if point is None or secret is None or len(point) != POINT_BYTES or len(secret) != AUTH_BYTES:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


def sealed(message: bytes, p256dh: str, auth: str) -> bytes:
    """Encrypt a message of up to 3,000 bytes for one browser."""
    content: bytes = http_ece.encrypt(
        message,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=from_base64url(p256dh),
        auth_secret=from_base64url(auth),
        version="aes128gcm",
    )
    return content


class Vapid:
    """The server's identity towards push services. `contact` is where its operator is reached."""

    def __init__(self, keys: Keys, contact: str) -> None:
        number = int.from_bytes(keys.derive("vapid"), "big") % (_ORDER - 1) + 1
        key = ec.derive_private_key(number, ec.SECP256R1())
        point = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.public = base64.urlsafe_b64encode(point).rstrip(b"=").decode()
        # Its own check of the contact refuses hosts without a dot, such as a developer's.
        self._signer = Vapid02(private_key=key, conf={"no-strict": True})
        self._contact = contact

    def authorization(self, audience: str, now_s: int) -> str:
        """Return the Authorization header for a push service's origin."""
        claims = {"aud": audience, "sub": self._contact, "exp": now_s + TOKEN_S}
        header: str = self._signer.sign(claims)["Authorization"]
        return header
