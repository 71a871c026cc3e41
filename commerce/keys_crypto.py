"""Keys derived from the server's one secret, and sealing of what must be shown again.

HKDF-SHA-256 (RFC 5869) with the purpose as `info`: a key learned for one purpose says nothing about
another. Sealing is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the text.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Keys:
    """Derives keys by purpose; holds the secret and nothing else."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """Answer 32 bytes for `purpose`, such as "access-token"; always the same for one secret."""
        if purpose not in self._derived:
            info = b"liveshop 1 " + purpose.encode()
            kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
            self._derived[purpose] = kdf.derive(self._secret)
        return self._derived[purpose]

    def digest(self, purpose: str, text: str) -> str:
        """Answer an HMAC-SHA-256 of `text` in hex: stands for it without telling it."""
        return hmac.new(self.derive(purpose), text.encode(), hashlib.sha256).hexdigest()

    def seal(self, purpose: str, text: str, bound_to: str) -> str:
        """Encrypt `text`; it opens only for the same `purpose` and `bound_to` (such as a row's id)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.derive(purpose)).encrypt(nonce, text.encode(), bound_to.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def unseal(self, purpose: str, sealed: str, bound_to: str) -> str | None:
        """Decrypt, or answer None when it was sealed with another secret or changed."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            opened = AESGCM(self.derive(purpose)).decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()
            )
        except (InvalidTag, ValueError):
            return None
        return opened.decode()
