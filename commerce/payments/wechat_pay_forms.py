"""WeChat Pay's forms, API v3: what is signed, its times and a notification's outside; pure.

Source: pay.weixin.qq.com, the pages on signing (签名认证), verifying and notifications (回调通知). Of a
request is signed: method, path with query, seconds since 1970, a nonce and the body; of an answer
and a notification: seconds, nonce and body; each ends with a line feed, an empty body too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
ALGORITHM: Final = "AEAD_AES_256_GCM"
TOLERANCE_S: Final = 300
"""How far a signature's time may be off; an older one could be a replay."""
_SHANGHAI: Final = timezone(timedelta(hours=8))


class Resource(msgspec.Struct):
    """What a notification is about, encrypted. `ciphertext` is base64, its last 16 bytes the tag."""

    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Notification(msgspec.Struct):
    """A notification's outside. `id` is the same for each repeat."""

    id: str
    resource: Resource


class Subject(msgspec.Struct):
    """What is read of a decrypted resource; `appid` is there for payments, not for refunds."""

    mchid: str
    out_trade_no: str
    appid: str | None = None


def signed_request(method: str, path: str, at_s: int, nonce: str, body: bytes) -> bytes:
    """Return what is signed of a request; `path` has its query."""
    return f"{method}\n{path}\n{at_s}\n{nonce}\n".encode() + body + b"\n"


def signed_message(at_s: str, nonce: str, body: bytes) -> bytes:
    """Return what is signed of an answer or a notification."""
    return f"{at_s}\n{nonce}\n".encode() + body + b"\n"


def is_recent(at_s: str, now_ms: int) -> bool:
    """Tell whether a signature's time is a number no more than `TOLERANCE_S` away."""
    if not (at_s.isascii() and at_s.isdigit()) or len(at_s) > 12:
        return False
    return abs(now_ms // 1000 - int(at_s)) <= TOLERANCE_S


def authorisation(fields: Mapping[str, str]) -> str:
    """Write the header that signs a request."""
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in fields.items())


def china_time(at_ms: int) -> str:
    """Write a moment as RFC 3339 in China's time, to the second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(_SHANGHAI).isoformat()
