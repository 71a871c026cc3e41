"""What buyer and shop say to each other about an order: reading, writing, read marks, closing.

A conversation begins with its first message. Its number of versions rises with all that a reader could see
change; a page that has seen the newest one asks by `If-None-Match` and costs two short reads. Both sides
count what they have not read; everybody of the shop shares one mark. A closed conversation takes nothing
more from the buyer, the shop may still write; nothing else about the order changes.
"""

from typing import Any, Final

from commerce import text
from commerce.accounts import people_sql as people
from commerce.accounts.throttle_redis import Allowance, Throttle
from commerce.conversations import attachments_sql, conversations_sql
from commerce.conversations.files import Addresses, window
from commerce.conversations.notices import Notices
from commerce.conversations.readers import Reader
from commerce.conversations.refusals import ConversationClosed, NoSuchAttachment, TooManyMessages
from commerce.conversations.structs import (
    PICTURES_MOST,
    TEXT_CHARS,
    Conversation,
    Message,
    MessageRequest,
    Unread,
)
from commerce.database_sql import Sql
from commerce.errors import InvalidField, TooManyAttempts, TooManyOperations
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.orders import orders_sql
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock

PAGE: Final = 50
SAYING: Final = {"buyer": Allowance("message_buyer", 10, 6_000), "shop": Allowance("message_shop", 30, 1_000)}
UPLOADING: Final = Allowance("message_upload", 12, 5_000)


class Conversations:
    """Conversations as their two sides see them; who a reader is has been judged before."""

    def __init__(
        self, outbox: Outbox, gate: Throttle, addresses: Addresses, notices: Notices, now_ms: Clock
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._gate = gate
        self._addresses = addresses
        self._notices = notices
        self._now_ms = now_ms

    async def mark(self, sql: Sql, order: str) -> str:
        """Return what changes whenever a reader of this order would see something else (an ETag's inside)."""
        row = await conversations_sql.row(sql, order)
        return f"{0 if row is None else row.version}.{window(self._now_ms())}"

    async def read(self, sql: Sql, reader: Reader, before: int | None = None) -> Conversation:
        """Return a page of a conversation; an empty one before its first message."""
        row = await conversations_sql.row(sql, reader.order)
        if row is None:
            return Conversation(reader.order, [], None, 0, 0, closed=False)
        found = await conversations_sql.page(sql, reader.order, before, PAGE + 1)
        shown = found[:PAGE][::-1]
        unread, seen = (
            (row.buyer_unread, row.shop_read) if reader.side == "buyer" else (row.shop_unread, row.buyer_read)
        )
        cursor = shown[0].number if len(found) > PAGE else None
        views = await self._views(sql, reader, shown)
        return Conversation(reader.order, views, cursor, unread, seen, closed=row.closed)

    async def say(self, reader: Reader, ask: MessageRequest, key: str | None) -> Message:
        """Write a message; a repeat with the same key answers what was written.

        Raises InvalidField, NoSuchAttachment, ConversationClosed, TooManyMessages, KeyMissing,
        IdempotencyConflict.
        """
        key, hashed = check_key(key), body_hash(ask)
        words = text.paragraph(ask.text, "text", TEXT_CHARS)
        _check_shape(words, ask)
        known = await self._said(reader, key, hashed)
        if known is None:
            await self.slow_down(SAYING[reader.side], reader)
            async with self._outbox.write() as unit:
                await orders_sql.row(unit.sql, reader.order, lock=True)
                known = await stored_answer(unit.sql, reader.person, _saying(reader), key, hashed, int)
                if known is None:
                    known = await self._say(unit, reader, words, ask.attachments)
                    await self._store(unit.sql, reader, key, hashed, known)
        async with self._database.read() as sql:
            row = await conversations_sql.one(sql, reader.order, known)
            return (await self._views(sql, reader, [row]))[0]

    async def mark_read(self, reader: Reader, number: int) -> None:
        """Note that a side has read up to a message; an earlier mark stays, repeating is harmless."""
        async with self._database.write() as sql:
            row = await conversations_sql.row(sql, reader.order, lock=True)
            if row is None:
                return
            reached, before = min(number, row.last), getattr(row, f"{reader.side}_read")
            if reached <= before:
                return
            left = await conversations_sql.unread_after(sql, reader.order, reader.side, reached)
            values: dict[str, object] = {f"{reader.side}_read": reached, f"{reader.side}_unread": left}
            if not left:
                values[f"{reader.side}_told_ms"] = None
            await conversations_sql.change(sql, reader.order, self._now_ms(), **values)

    async def put_state(self, reader: Reader, *, closed: bool) -> None:
        """Take no more of a buyer's messages, or take them again; who did it stands in the conversation."""
        async with self._database.write() as sql:
            await orders_sql.row(sql, reader.order, lock=True)
            row = await conversations_sql.opened(sql, reader.order, reader.shop, self._now_ms())
            if row.closed == closed:
                return
            kind = "closed" if closed else "reopened"
            await self._add(sql, reader, row, kind, "")
            await conversations_sql.change(
                sql, reader.order, self._now_ms(), last=row.last + 1, closed=closed
            )

    async def unread_of_shop(self, shop: str) -> Unread:
        """Return how many of a shop's orders have messages nobody of it has read."""
        async with self._database.read() as sql:
            return Unread(await conversations_sql.unread_of_shop(sql, shop))

    async def slow_down(self, allowance: Allowance, reader: Reader) -> None:
        """Count one attempt of a side; raises TooManyMessages {retry_after_ms}."""
        subject = reader.order if reader.side == "buyer" else reader.person
        try:
            await self._gate.take(allowance, subject)
        except TooManyAttempts as error:
            wait_s = error.retry_after_s or 1.0
            raise TooManyMessages(retry_after_s=wait_s, retry_after_ms=round(wait_s * 1000)) from error

    async def _said(self, reader: Reader, key: str, hashed: str) -> int | None:
        async with self._database.read() as sql:
            return await stored_answer(sql, reader.person, _saying(reader), key, hashed, int)

    async def _store(self, sql: Sql, reader: Reader, key: str, hashed: str, number: int) -> None:
        try:
            await store_answer(sql, reader.person, _saying(reader), key, hashed, number, self._now_ms())
        except TooManyOperations as error:
            raise TooManyMessages(retry_after_s=3600, retry_after_ms=3_600_000) from error

    async def _say(self, unit: Unit, reader: Reader, words: str, ids: tuple[str, ...]) -> int:
        sql, now_ms, order = unit.sql, self._now_ms(), reader.order
        row = await conversations_sql.opened(sql, order, reader.shop, now_ms)
        if row.closed and reader.side == "buyer":
            raise ConversationClosed
        if ids:
            waiting = await attachments_sql.waiting(sql, order, reader.side, ids)
            _check_attachments({one.id: one.kind for one in waiting}, ids)
        number = await self._add(sql, reader, row, "said", words)
        await attachments_sql.send(sql, number, ids)
        other = conversations_sql.OTHER[reader.side]
        values: dict[str, object] = {"last": number, f"{other}_unread": getattr(row, f"{other}_unread") + 1}
        if reader.side == "shop":
            values["shop_language"] = reader.language
        values |= await self._notices.begin(unit, row, other)
        await conversations_sql.change(sql, order, now_ms, **values)
        return number

    async def _add(self, sql: Sql, reader: Reader, row: Any, kind: str, words: str) -> int:
        number = int(row.last) + 1
        values = {
            "order": reader.order,
            "number": number,
            "kind": kind,
            "side": reader.side,
            "author": reader.author,
            "text": words,
            "at_ms": self._now_ms(),
        }
        await conversations_sql.add(sql, values)
        return number

    async def _views(self, sql: Sql, reader: Reader, rows: list[Any]) -> list[Message]:
        names = await people.names(sql, {row.author for row in rows if row.author})
        sent = await attachments_sql.of_messages(sql, reader.order, [row.number for row in rows])
        buyer = reader.row.contact_name or ""
        return [
            Message(
                number=row.number,
                kind=row.kind,
                side=row.side,
                author=names.get(row.author, "") if row.author else buyer,
                text=row.text,
                at_ms=row.at_ms,
                attachments=[self._addresses.view(one, self._now_ms()) for one in sent.get(row.number, ())],
            )
            for row in rows
        ]


def _saying(reader: Reader) -> str:
    return f"message {reader.order}"


def _check_shape(words: str, ask: MessageRequest) -> None:
    if not words and not ask.attachments:
        raise InvalidField("Say something.", field="text", reason="missing")
    if len(set(ask.attachments)) != len(ask.attachments) or len(ask.attachments) > PICTURES_MOST + 1:
        raise InvalidField("These are too many, or one of them twice.", field="attachments")


def _check_attachments(waiting: dict[str, str], ids: tuple[str, ...]) -> None:
    """Raise NoSuchAttachment, or InvalidField for more than four pictures and a voice note."""
    missing = next((one for one in ids if one not in waiting), None)
    if missing is not None:
        raise NoSuchAttachment(attachment=missing)
    kinds = list(waiting.values())
    if kinds.count("picture") > PICTURES_MOST or kinds.count("voice") > 1:
        raise InvalidField(
            f"A message has {PICTURES_MOST} pictures and one voice note at most.", field="attachments"
        )
