"""Webhook signatures after the Standard Webhooks specification.

Source: standard-webhooks/spec/standard-webhooks.md. The signed text is `id.timestamp.body`, the
signature `v1,` and the base64 of its HMAC-SHA256; the header may list several, space-separated, so
that a secret can be rotated.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

TOLERANCE_S = 300
"""How far the sender's clock may be off; an older delivery could be a replay."""


def signed_headers(
    secret: bytes, webhook_id: str, timestamp_s: int, body: bytes, *older: bytes
) -> dict[str, str]:
    """Return the three headers that a delivery of `body` carries; `older` secrets sign it too."""
    macs = [_mac(one, webhook_id, timestamp_s, body) for one in (secret, *older)]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{mac}" for mac in macs),
    }


def is_genuine(secret: bytes, headers: Mapping[str, str], body: bytes, now_s: int) -> bool:
    """Tell whether `body` was signed with `secret` no longer than `TOLERANCE_S` ago.

    `headers` has lower-case names. A header that is missing or malformed makes the answer False.
    """
    webhook_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    if not webhook_id or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        return False
    if abs(now_s - int(stamp)) > TOLERANCE_S:
        return False
    wanted = _mac(secret, webhook_id, int(stamp), body).encode()
    offered = [
        part[3:].encode() for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")
    ]
    return any(hmac.compare_digest(wanted, one) for one in offered)


def _mac(secret: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    text = f"{webhook_id}.{timestamp_s}.".encode() + body
    return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
