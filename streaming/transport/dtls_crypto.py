"""DTLS 1.2 for key exchange only (RFC 5764): both roles, no sockets, no tasks.

A thin end of our own on pyOpenSSL instead of aiortc's: one SSL context serves the process, datagrams and
timers are the caller's, and `finish` drops the SSL object once the peer's media proves that it has the
keys. What stays is the SRTP keys and one ready-made close alert.

DTLS 1.3 stays off: its records cannot be split into datagrams without keys, and everybody speaks 1.2.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from streaming.transport.srtp_native import PROFILES, Profile, material_bytes, split_keys

DTLS_1_2 = 0xFEFD
MAX_DATAGRAM_BYTES = 1200
RECORD_HEADER_BYTES = 13
_CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"
)


class DtlsState(Enum):
    """NEW and HANDSHAKING lead to CONNECTED or FAILED; CONNECTED leads to CLOSED."""

    NEW = "new"
    HANDSHAKING = "handshaking"
    CONNECTED = "connected"
    CLOSED = "closed"
    FAILED = "failed"


class DtlsIdentity:
    """The process's certificate and the SSL context made from it once."""

    def __init__(self, now: dt.datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "liveshop")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1))
        certificate = builder.not_valid_after(now + dt.timedelta(days=365)).sign(key, hashes.SHA256())
        self.fingerprint = digest(certificate)
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_QUERY_MTU)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # 68 KiB an end instead of 80
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_cipher_list(_CIPHERS)
        context.set_tlsext_use_srtp(b":".join(profile.openssl_name for profile in PROFILES))
        self.context = context


def digest(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-256 as SDP writes it: upper-case bytes with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


class DtlsEnd:
    """One handshake. Feed it datagrams, send what `take_datagrams` gives, call `on_timer` in time."""

    __slots__ = ("_client", "_fingerprints", "_ssl", "close_alert", "keys", "profile", "state")

    def __init__(
        self, identity: DtlsIdentity, fingerprints: Sequence[tuple[str, str]], *, client: bool
    ) -> None:
        self._ssl: SSL.Connection | None = SSL.Connection(identity.context)
        self._ssl.set_ciphertext_mtu(MAX_DATAGRAM_BYTES)
        self._fingerprints = list(fingerprints)
        self._client = client
        self.state = DtlsState.NEW
        self.profile: Profile | None = None
        self.keys: tuple[bytes, bytes] = (b"", b"")
        self.close_alert = b""
        if client:
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()

    @property
    def holds_ssl(self) -> bool:
        """Whether the SSL object is still there."""
        return self._ssl is not None

    def start(self) -> None:
        """Begin; a client makes its first flight."""
        if self.state is DtlsState.NEW:
            self.state = DtlsState.HANDSHAKING
            if self._client:
                self._advance()

    def receive(self, datagram: bytes) -> None:
        """Take one datagram from the peer."""
        if self._ssl is None or not datagram:
            return
        self.start()
        self._ssl.bio_write(datagram)
        if self.state is DtlsState.HANDSHAKING:
            self._advance()
        elif self.state is DtlsState.CONNECTED:
            self._read_after_handshake()

    def take_datagrams(self) -> list[bytes]:
        """Return what must be sent now, whole records packed into datagrams of at most 1200 bytes."""
        if self._ssl is None:
            return []
        written = b""
        try:
            while True:
                written += self._ssl.bio_read(65536)
        except SSL.Error:
            return pack_records(written)

    def timeout_s(self) -> float | None:
        """Seconds until `on_timer` must be called, or None."""
        if self._ssl is None or self.state not in (DtlsState.HANDSHAKING, DtlsState.CONNECTED):
            return None
        return self._ssl.DTLSv1_get_timeout()

    def on_timer(self) -> None:
        """Repeat the last flight if its time has come; after twelve times OpenSSL gives up."""
        if self._ssl is None:
            return
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error:
            self.state = DtlsState.FAILED

    def finish(self) -> None:
        """Drop the SSL object and keep its close alert: the peer has shown that it has the keys."""
        if self._ssl is None or self.state is not DtlsState.CONNECTED:
            return
        try:
            self.take_datagrams()
            self._ssl.shutdown()
        except SSL.Error:
            pass
        alert = self.take_datagrams()
        self.close_alert = alert[0] if alert else b""
        self._ssl = None

    def drop(self) -> None:
        """Drop the SSL object without a word."""
        self._ssl = None

    def _advance(self) -> None:
        assert self._ssl is not None
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error:
            self.state = DtlsState.FAILED
            return
        self.state = DtlsState.CONNECTED if self._take_keys() else DtlsState.FAILED

    def _take_keys(self) -> bool:
        assert self._ssl is not None
        # Only the bytes' digest counts: a reader of certificates would raise at what OpenSSL takes.
        certificate = self._ssl.get_peer_certificate()
        if certificate is None:
            return False
        if any(
            certificate.digest(algorithm.replace("-", "")).decode() != value
            for algorithm, value in self._fingerprints
        ):
            return False
        chosen = self._ssl.get_selected_srtp_profile()
        self.profile = next((profile for profile in PROFILES if profile.openssl_name == chosen), None)
        if self.profile is None:
            return False
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", material_bytes(self.profile))
        self.keys = split_keys(self.profile, material, client=self._client)
        return True

    def _read_after_handshake(self) -> None:
        assert self._ssl is not None
        try:
            self._ssl.recv(1500)
        except SSL.ZeroReturnError:
            self.state = DtlsState.CLOSED
        except SSL.Error:
            return


def pack_records(data: bytes) -> list[bytes]:
    """Split written records and pack them into datagrams; memory BIOs do not keep the borders."""
    datagrams: list[bytes] = []
    current = b""
    position = 0
    while position + RECORD_HEADER_BYTES <= len(data):
        size = RECORD_HEADER_BYTES + int.from_bytes(data[position + 11 : position + 13], "big")
        record = data[position : position + size]
        if current and len(current) + len(record) > MAX_DATAGRAM_BYTES:
            datagrams.append(current)
            current = b""
        current += record
        position += size
    return [*datagrams, current] if current else datagrams


def looks_like_close_alert(datagram: bytes) -> bool:
    """Recognise an encrypted alert record: type 21 in epoch 1. A hint, since it cannot be verified."""
    return len(datagram) > RECORD_HEADER_BYTES and datagram[0] == 21 and datagram[3:5] == b"\x00\x01"
