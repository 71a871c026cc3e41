"""Where the bytes of attachments are, and the addresses under which they are served for a while; pure.

A blob of an attachment is named by the attachment's random id, not by its content: so what is forgotten for
one order cannot be needed by another. Addresses are signed and end: `until_ms` is the end of the hour after
the present one, so that an address stays the same for a while and browsers may keep what they loaded.
"""

import hmac
from collections.abc import Iterable
from typing import Any, Final

from commerce.conversations.structs import Attachment
from commerce.keys_crypto import Keys

HOUR_MS: Final = 3_600_000
PICTURE_WIDTHS: Final = (320, 1280)
VOICE_NAME: Final = "voice.mp3"
CONTENT_TYPES: Final = {"webp": "image/webp", "mp3": "audio/mpeg"}
_PURPOSE: Final = "attachment"


def names_of(kind: str) -> tuple[str, ...]:
    """Return the names of an attachment's files."""
    return (VOICE_NAME,) if kind == "voice" else tuple(f"{width}.webp" for width in PICTURE_WIDTHS)


def blob_of(attachment: str, name: str) -> str:
    """Return the blob of one of an attachment's files."""
    return f"conversations/{attachment.partition('_')[2]}-{name}"


def blobs_of(rows: Iterable[Any]) -> list[str]:
    """Return all blobs of these attachments (rows with `id` and `kind`)."""
    return [blob_of(row.id, name) for row in rows for name in names_of(row.kind)]


def window(now_ms: int) -> int:
    """Return a number that changes when addresses do."""
    return now_ms // HOUR_MS


class Addresses:
    """Writes and checks the addresses of attachments."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def view(self, row: Any, now_ms: int) -> Attachment:
        """Return an attachment as its two sides see it."""
        if row.kind == "voice":
            url = self._url(row.id, VOICE_NAME, now_ms)
            return Attachment(row.id, "voice", url, duration_ms=row.duration_ms)
        small, large = (self._url(row.id, f"{width}.webp", now_ms) for width in PICTURE_WIDTHS)
        return Attachment(row.id, "picture", large, small, row.width, row.height)

    def opens(self, attachment: str, name: str, until: str, signature: str, now_ms: int) -> bool:
        """Tell whether an address is one of ours and not too old."""
        if not (until.isascii() and until.isdigit() and len(until) < 16) or int(until) <= now_ms:
            return False
        mark = self._mark(attachment, name, int(until))
        return hmac.compare_digest(mark.encode(), signature.encode())

    def _url(self, attachment: str, name: str, now_ms: int) -> str:
        until_ms = (window(now_ms) + 2) * HOUR_MS
        mark = self._mark(attachment, name, until_ms)
        return f"/api/v1/attachments/{attachment}/{name}?until={until_ms}&signature={mark}"

    def _mark(self, attachment: str, name: str, until_ms: int) -> str:
        return self._keys.digest(_PURPOSE, f"{attachment} {name} {until_ms}")[:32]
