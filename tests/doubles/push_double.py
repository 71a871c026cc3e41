"""A push service and the browser behind it, by the documents alone: RFC 8030, 8188, 8291, 8292.

It reads what was sealed with its own key agreement and AES-GCM, not with the library the server seals with,
and verifies the server's VAPID token.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def plain(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def coded(raw: bytes) -> str:
    """Encode base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass(frozen=True)
class PushBrowser:
    """A browser that subscribed at `endpoint`."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey
    auth: bytes

    @classmethod
    def at(cls, endpoint: str) -> "PushBrowser":
        """Subscribe a fresh browser."""
        return cls(endpoint, ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes ok")

    @property
    def subscription(self) -> dict[str, str]:
        """What the page sends to the shop."""
        own = _point(self.key.public_key())
        return {"endpoint": self.endpoint, "p256dh": coded(own), "auth": coded(self.auth)}

    def opened(self, body: bytes) -> dict[str, Any]:
        """Decrypt one record (RFC 8188 section 2, RFC 8291 section 3.4)."""
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + _point(self.key.public_key()) + theirs
        secret = _derive(self.auth, shared, info, 32)
        content_key = _derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded[-1] == 2, "the last record ends with 2"
        found: dict[str, Any] = json.loads(padded[:-1])
        return found


def vapid_claims(authorization: str) -> tuple[dict[str, Any], str]:
    """Verify a VAPID header (RFC 8292 section 3); returns its claims and the key it names."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    raw = plain(signature)
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(parts["k"]))
    key.verify(encode_dss_signature(*numbers), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert json.loads(plain(head))["alg"] == "ES256"
    found: dict[str, Any] = json.loads(plain(claims))
    return found, parts["k"]
