"""A certificate for the demo publisher's DTLS.

Left alone, an FFmpeg that is built with GnuTLS (PyAV's is) makes one on the curve secp224r1, which OpenSSL
has removed from TLS: the handshake ends with "wrong curve". So it gets one of ours, on P-256 like every
browser's.
"""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIFE_DAYS = 30


def make_certificate(now: dt.datetime) -> tuple[bytes, bytes]:
    """Make a self-signed certificate and its key, both as PEM.

    It is valid from a day before `now` (clocks differ) for `LIFE_DAYS`; peers check its fingerprint, not its
    dates.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "liveshop demo publisher")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=LIFE_DAYS))
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key_pem
