"""AES-256-GCM (AEAD_AES_256_GCM, RFC 5116), as WeChat Pay seals what its notifications are about."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Unsealable(ValueError):  # noqa: N818 - named for what happened
    """This was not sealed with our key, or was changed."""


def unseal(key: bytes, nonce: str, ciphertext: str, associated: str) -> bytes:
    """Return the plain text. `key` has 32 bytes; `ciphertext` is base64 and ends with the tag.

    Raises Unsealable.
    """
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise Unsealable("not sealed with this key") from error
