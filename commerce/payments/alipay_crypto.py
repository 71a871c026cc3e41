"""RSA2: RSA with SHA-256 and PKCS#1 v1.5 padding, in base64, as Alipay signs and wants to be signed."""

import base64
import binascii
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

MIN_BITS = 2048


class BadKey(ValueError):  # noqa: N818 - named for what happened
    """This is not a key of the wanted kind. The message does not show it."""


class Rsa2:
    """Our private key and Alipay's public key; each as PEM, or as the line of base64 its console shows."""

    def __init__(self, own_private: str, their_public: str) -> None:
        self._own, self._theirs = _private(own_private), _public(their_public)

    def sign(self, text: bytes) -> str:
        """Sign what we send."""
        return base64.b64encode(self._own.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()

    def is_genuine(self, text: bytes, signature: str) -> bool:
        """Tell whether Alipay signed this."""
        try:
            raw = base64.b64decode(signature, validate=True)
            self._theirs.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _der(text: str) -> bytes:
    lines = [line for line in text.split() if line]
    inner = "".join(lines)
    if "-----" in inner:  # PEM, its line breaks perhaps lost on the way through an environment
        inner = inner.split("-----")[2] if inner.count("-----") == 4 else "-"
    try:
        return base64.b64decode(inner, validate=True)
    except binascii.Error as error:
        raise BadKey("not base64") from error


def _private(text: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_der_private_key(_der(text), None)  # PKCS#8 and PKCS#1 alike
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not a private key") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < MIN_BITS:
        raise BadKey("not an RSA key of 2048 bits")
    return key


def _public(text: str) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(_der(text))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("not a public key") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_BITS:
        raise BadKey("not an RSA key of 2048 bits")
    return key


def is_private_key(text: str) -> bool:
    """Tell whether this is a key we can sign with."""
    return _can_be(_private, text)


def is_public_key(text: str) -> bool:
    """Tell whether this is a key by which Alipay's signatures can be checked."""
    return _can_be(_public, text)


def _can_be(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except BadKey:
        return False
    return True
