"""Stream keys: what a host's encoder shows to be let in.

The hash decides; the key itself lies sealed beside it (AES-GCM, key derived from the server's secret, bound
to the show), because a host must be able to copy it into OBS again.
"""

import hmac
import secrets

from commerce.accounts.tokens import secret_hash
from commerce.keys_crypto import Keys

PURPOSE = "stream-key"


def new_stream_key() -> str:
    """Answer a fresh key: `live_` and 192 random bits."""
    return f"live_{secrets.token_urlsafe(24)}"


def columns(keys: Keys, show: str, key: str) -> dict[str, str]:
    """Answer what SQL keeps of a key."""
    return {"stream_key_hash": secret_hash(key), "stream_key_sealed": keys.seal(PURPOSE, key, show)}


def fits(stored_hash: str, key: str) -> bool:
    """Tell whether a key is the one whose hash is stored."""
    return hmac.compare_digest(stored_hash, secret_hash(key))
