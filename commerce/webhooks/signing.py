"""The secrets of an endpoint: made, rotated, kept sealed.

Source: standard-webhooks/spec/standard-webhooks.md: a secret has 24 to 64 random bytes and is written
`whsec_` and their base64. After a rotation the old one signs too until it ends, so that the receiver may
change over when it likes.
"""

import base64
import secrets

import msgspec

from commerce.keys_crypto import Keys

PURPOSE = "webhook-secret"
SECRET_BYTES = 32
OLD_LIVES_MS = 24 * 3_600_000
"""How long a rotated secret goes on signing."""
MAX_LIVING = 8
"""More would make the header longer than some receivers read."""


class KeptSecret(msgspec.Struct, frozen=True):
    """One secret as it lies in SQL. `until_ms` None: the present one."""

    sealed: str
    until_ms: int | None = None


def rotated(keys: Keys, endpoint: str, kept: str, now_ms: int) -> str:
    """Return the column with a fresh secret in front; `kept` is the old column, `[]` at first."""
    fresh = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    old = [
        KeptSecret(one.sealed, now_ms + OLD_LIVES_MS) if one.until_ms is None else one
        for one in _living(kept, now_ms)
    ]
    column = [KeptSecret(keys.seal(PURPOSE, fresh, endpoint)), *old][:MAX_LIVING]
    return msgspec.json.encode(column).decode()


def shown(keys: Keys, endpoint: str, kept: str) -> str | None:
    """Return the present secret as its owner enters it; None when the server's own secret was changed."""
    [present, *_] = msgspec.json.decode(kept, type=list[KeptSecret])
    opened = keys.unseal(PURPOSE, present.sealed, endpoint)
    return None if opened is None else f"whsec_{opened}"


def signing_keys(keys: Keys, endpoint: str, kept: str, now_ms: int) -> list[bytes]:
    """Return the keys that sign now, newest first; empty when the server's own secret was changed."""
    opened = [keys.unseal(PURPOSE, one.sealed, endpoint) for one in _living(kept, now_ms)]
    return [base64.b64decode(one) for one in opened if one is not None]


def old_until_ms(kept: str, now_ms: int) -> int | None:
    """Return until when the last rotated secret signs too, None when there is none."""
    ends = [one.until_ms for one in _living(kept, now_ms) if one.until_ms is not None]
    return max(ends, default=None)


def _living(kept: str, now_ms: int) -> list[KeptSecret]:
    found = msgspec.json.decode(kept, type=list[KeptSecret])
    return [one for one in found if one.until_ms is None or one.until_ms > now_ms]
