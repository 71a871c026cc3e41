"""What a shop's staff knows of a person, the notes they leave each other, and their ready answers."""

from typing import Any, Final

from commerce import text
from commerce.accounts import people_sql as people
from commerce.database_sql import Sql
from commerce.errors import NoSuchPerson, NoSuchShop
from commerce.moderation import actions_sql, files_sql, standing_sql
from commerce.moderation.audit import views
from commerce.moderation.refusals import NoSuchNote
from commerce.moderation.structs import (
    NOTE_CHARS,
    REPLY_CHARS,
    TITLE_CHARS,
    Note,
    PersonFile,
    SavedReplies,
    SavedReply,
)
from commerce.outbox_sql import Outbox, Unit
from commerce.shops import staff_sql
from commerce.shops.bans_sql import Bans
from commerce.webhooks.once_sql import once

ACTIONS: Final = 50
NOTES: Final = 50


class PersonFiles:
    """People as a shop's staff sees them. Doors check roles before."""

    def __init__(self, outbox: Outbox, bans: Bans) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._bans = bans

    async def get(self, shop: str, person: str) -> PersonFile:
        """Answer all that is known of a person; raises NoSuchPerson."""
        async with self._database.read() as sql:
            known = await people.since_when(sql, person)
            if known is None:
                raise NoSuchPerson(person=person)
            everybody = [person, *await people.merged_guests(sql, person)]
            rows = await actions_sql.of_people(sql, shop, everybody, ACTIONS)
            return PersonFile(
                person=person,
                name=known[0],
                kind="guest" if person.startswith("gu_") else "account",
                created_at_ms=known[1],
                bought=await standing_sql.bought(sql, shop, everybody),
                role=await staff_sql.role_of(sql, shop, person),
                ban=await self._bans.ban_of(sql, shop, person),
                actions=await views(sql, rows),
                notes=await _notes(sql, await files_sql.notes_about(sql, shop, everybody, NOTES)),
            )

    async def add_note(self, shop: str, person: str, author: str, said: str, key: str | None) -> Note:
        """Write a note about a person, once for each key; raises NoSuchPerson, InvalidField, KeyMissing."""
        words = text.paragraph(said, "text", NOTE_CHARS) or text.line(said, "text", NOTE_CHARS)

        async def effect(unit: Unit) -> str:
            if await people.name_of(unit.sql, person) is None:
                raise NoSuchPerson(person=person)
            note = unit.new_id("mn")
            values = {"shop": shop, "person": person, "author": author, "text": words, "at_ms": unit.now_ms()}
            await files_sql.add_note(unit.sql, {"id": note, **values})
            return note

        made = await once(self._outbox, author, f"moderation.note:{shop}", key, [person, words], effect)
        async with self._database.read() as sql:
            for note in await _notes(sql, await files_sql.notes_about(sql, shop, [person], NOTES)):
                if note.id == made:
                    return note
        raise NoSuchNote(note=made)

    async def remove_note(self, shop: str, note: str) -> None:
        """Remove a note; raises NoSuchNote."""
        async with self._database.write() as sql:
            if not await files_sql.remove_note(sql, shop, note):
                raise NoSuchNote(note=note)

    async def replies(self, shop: str) -> SavedReplies:
        """Answer a shop's ready answers."""
        async with self._database.read() as sql:
            rows = await files_sql.replies(sql, shop)
        return SavedReplies(tuple(SavedReply(row.title, row.text) for row in rows))

    async def put_replies(self, shop: str, wanted: SavedReplies) -> SavedReplies:
        """Replace a shop's ready answers; raises NoSuchShop, InvalidField."""
        pairs = [
            (text.line(one.title, "title", TITLE_CHARS), text.line(one.text, "text", REPLY_CHARS))
            for one in wanted.replies
        ]
        async with self._database.write() as sql:
            if not await staff_sql.lock_shop(sql, shop):
                raise NoSuchShop(shop=shop)
            await files_sql.put_replies(sql, shop, pairs)
        return await self.replies(shop)


async def _notes(sql: Sql, rows: list[Any]) -> tuple[Note, ...]:
    names = await people.names(sql, {row.author for row in rows})
    return tuple(
        Note(row.id, row.person, row.author, names.get(row.author, ""), row.text, row.at_ms) for row in rows
    )
