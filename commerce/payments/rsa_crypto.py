"""RSA with SHA-256 and PKCS#1 v1.5 padding, in base64, as Alipay (RSA2) and WeChat Pay (RSA2048) sign."""

import base64
import binascii
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

MIN_BITS = 2048


class BadKey(ValueError):  # noqa: N818 - named for what happened
    """This is not a key of the wanted kind. The message does not show it."""


class RsaKeys:
    """Our private key and the provider's public key (or certificate); as PEM, or as one line of base64."""

    def __init__(self, own_private: str, their_public: str) -> None:
        self._own, self._theirs = _private(own_private), _public(their_public)

    def sign(self, text: bytes) -> str:
        """Sign what we send."""
        return base64.b64encode(self._own.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()

    def is_genuine(self, text: bytes, signature: str) -> bool:
        """Tell whether the provider signed this."""
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
        key = (
            x509.load_der_x509_certificate(_der(text)).public_key()
            if _is_certificate(text)
            else serialization.load_der_public_key(_der(text))
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("not a public key") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_BITS:
        raise BadKey("not an RSA key of 2048 bits")
    return key


def _is_certificate(text: str) -> bool:
    return "-----BEGIN CERTIFICATE-----" in text


def certificate_serial(text: str) -> str | None:
    """Return the serial number of a certificate in hexadecimal, as its issuer shows it; None for a bare key.

    Raises BadKey.
    """
    if not _is_certificate(text):
        return None
    try:
        return f"{x509.load_der_x509_certificate(_der(text)).serial_number:040X}"
    except ValueError as error:
        raise BadKey("not a certificate") from error


def is_private_key(text: str) -> bool:
    """Tell whether this is a key we can sign with."""
    return _can_be(_private, text)


def is_public_key(text: str) -> bool:
    """Tell whether this is a key, or a certificate, by which a provider's signatures can be checked."""
    return _can_be(_public, text)


def _can_be(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except BadKey:
        return False
    return True
