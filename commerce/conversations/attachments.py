"""Taking in pictures and voice notes for conversations, serving them, and sweeping what was never sent.

The row is written before the bytes: whatever breaks between the two, the sweep finds the row and removes
both. What is refused has written neither.
"""

import asyncio
from typing import Any, Final

from commerce.catalogue.pictures import Pictures
from commerce.catalogue.pictures_image import sniff
from commerce.conversations import attachments_sql, conversations_sql
from commerce.conversations.files import (
    CONTENT_TYPES,
    PICTURE_WIDTHS,
    VOICE_NAME,
    Addresses,
    blob_of,
    blobs_of,
    names_of,
)
from commerce.conversations.readers import Reader
from commerce.conversations.refusals import (
    AttachmentType,
    ConversationClosed,
    NoSuchAttachment,
    TooManyWaiting,
)
from commerce.conversations.structs import Attachment
from commerce.conversations.voice_av import voice_note
from commerce.conversations.voice_limits import is_voice
from commerce.database_sql import Sql
from commerce.errors import Busy
from commerce.orders import orders_sql
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.ports import Blobs, Clock, NewId

OUTBOX_KIND: Final = "forget_blobs"
WAITING_MOST: Final = 20
UNSENT_MS: Final = 24 * 3_600_000
SWEPT_AT_ONCE: Final = 200
VOICES_AT_ONCE: Final = 2
VOICES_WAITING: Final = 16
"""More are told to come again: a minute's voice takes a second of a core."""


class Attachments:
    """Stores, serves and removes; who may is judged before."""

    def __init__(
        self,
        outbox: Outbox,
        blobs: Blobs,
        pictures: Pictures,
        addresses: Addresses,
        now_ms: Clock,
        new_id: NewId,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._blobs = blobs
        self._pictures = pictures
        self._addresses = addresses
        self._now_ms = now_ms
        self._new_id = new_id
        self._turns = asyncio.Semaphore(VOICES_AT_ONCE)
        self._voices = 0

    async def take(self, reader: Reader, raw: bytes) -> Attachment:
        """Take in an upload of one side; it waits for its message for a day.

        Raises ConversationClosed, TooManyWaiting, AttachmentType, PictureTooLarge, BadPicture, VoiceTooLarge,
        VoiceTooLong, BadVoice, Busy.
        """
        async with self._database.read() as sql:
            await _check_room(sql, reader)
        if not is_voice(raw) and sniff(raw) is None:
            raise AttachmentType
        values, files = await (self._voice(raw) if is_voice(raw) else self._picture(raw))
        made = self._new_id("af")
        values |= {
            "id": made,
            "order": reader.order,
            "side": reader.side,
            "created_at_ms": self._now_ms(),
        }
        async with self._database.write() as sql:
            # Others of this side's may have come meanwhile, or come right now.
            await orders_sql.row(sql, reader.order, lock=True)
            await _check_room(sql, reader)
            await attachments_sql.add(sql, values)
        for name, content in files.items():
            await self._blobs.put(blob_of(made, name), content)
        async with self._database.read() as sql:
            (row,) = await attachments_sql.waiting(sql, reader.order, reader.side, [made])
        return self._addresses.view(row, self._now_ms())

    async def read(self, attachment: str, name: str, until: str, signature: str) -> tuple[bytes, str]:
        """Return what a signed address stands for, and its content type; raises NoSuchAttachment."""
        if not self._addresses.opens(attachment, name, until, signature, self._now_ms()):
            raise NoSuchAttachment
        async with self._database.read() as sql:
            kind = await attachments_sql.kind_of(sql, attachment)
        if kind is None or name not in names_of(kind):
            raise NoSuchAttachment
        content = await self._blobs.get(blob_of(attachment, name))
        if content is None:
            raise NoSuchAttachment
        return content, CONTENT_TYPES[name.rpartition(".")[2]]

    async def sweep(self) -> int:
        """Remove uploads older than a day that were never sent (the worker's job); returns how many."""
        before_ms = self._now_ms() - UNSENT_MS
        async with self._outbox.write() as unit:
            gone = await attachments_sql.take_unsent(unit.sql, before_ms, SWEPT_AT_ONCE)
            if gone:
                await unit.add(OUTBOX_KIND, {"blobs": blobs_of(gone)})
        return len(gone)

    async def forget(self, row: OutboxRow) -> None:
        """Remove blobs whose rows are gone (carries the outbox's rows out); repeating it is harmless."""
        for name in row.payload["blobs"]:
            await self._blobs.delete(name)

    async def _picture(self, raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
        rendered = await self._pictures.render(raw)
        files = {f"{width}.webp": rendered.files[width] for width in PICTURE_WIDTHS}
        return {"kind": "picture", "width": rendered.width, "height": rendered.height}, files

    async def _voice(self, raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
        if self._voices >= VOICES_WAITING:
            raise Busy(retry_after_s=2)
        self._voices += 1
        try:
            async with self._turns:
                note = await asyncio.to_thread(voice_note, raw)
        finally:
            self._voices -= 1
        return {"kind": "voice", "duration_ms": note.duration_ms}, {VOICE_NAME: note.content}


async def _check_room(sql: Sql, reader: Reader) -> None:
    """Raise ConversationClosed for a buyer who may not write, TooManyWaiting where enough waits already."""
    row = await conversations_sql.row(sql, reader.order)
    if row is not None and row.closed and reader.side == "buyer":
        raise ConversationClosed
    if await attachments_sql.waiting_total(sql, reader.order, reader.side) >= WAITING_MOST:
        raise TooManyWaiting(limit=WAITING_MOST)
