"""The keys of a trunk: both ends derive them from the installation's grant key and two nonces.

HKDF (RFC 5869) over the key that signs grants, salted with a nonce of each end, so that no key travels and no
two trunks share one: under AES-GCM the same key, SSRC and number must never protect two packets.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streaming.transport.dtls_crypto import DtlsState
from streaming.transport.srtp_native import PROFILES, Profile, material_bytes, split_keys

PROFILE = PROFILES[0]
PASSWORD_BYTES = 16
PURPOSE = b"liveshop trunk 1 "


@dataclass(slots=True, frozen=True)
class TrunkKeys:
    """The password of connectivity checks, and (sending, receiving) key and salt of this end."""

    password: str
    keys: tuple[bytes, bytes]


def derive(grant_key: bytes, show: str, edge_nonce: bytes, owner_nonce: bytes, *, is_edge: bool) -> TrunkKeys:
    """Return the keys of one end of the trunk that these nonces name."""
    length = material_bytes(PROFILE) + PASSWORD_BYTES
    kdf = HKDF(SHA256(), length, salt=edge_nonce + owner_nonce, info=PURPOSE + show.encode())
    material = kdf.derive(grant_key)
    password = material[-PASSWORD_BYTES:].hex()
    return TrunkKeys(password, split_keys(PROFILE, material[:-PASSWORD_BYTES], client=is_edge))


class GivenKeys:
    """Stands where DTLS stands, for two ends that have their keys before the first packet."""

    __slots__ = ("keys",)

    state = DtlsState.CONNECTED
    profile: Profile | None = PROFILE
    holds_ssl = False
    close_alert = b""

    def __init__(self, keys: tuple[bytes, bytes]) -> None:
        self.keys = keys

    def start(self) -> None:
        """Do nothing: nothing is to be negotiated."""

    def receive(self, datagram: bytes) -> None:
        """Take no handshake."""

    def take_datagrams(self) -> list[bytes]:
        """Return nothing to send."""
        return []

    def timeout_s(self) -> float | None:
        """Return None: nothing is repeated."""
        return None

    def on_timer(self) -> None:
        """Repeat nothing."""

    def finish(self) -> None:
        """Keep nothing."""

    def drop(self) -> None:
        """Drop nothing."""
