"""The record of what staff did: in pages for screens, whole as CSV, and about one person."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from commerce.accounts import people_sql as people
from commerce.csv_rows import BOM, csv_row, moment
from commerce.database_sql import Database, Sql
from commerce.errors import InvalidField, NoSuchShow
from commerce.moderation import actions_sql
from commerce.moderation.actions_sql import Place
from commerce.moderation.structs import Action, ActionList
from commerce.shows import shows_sql

PAGE: Final = 50
ROWS_PER_READ: Final = 200
COLUMNS: Final = (
    "at", "action", "by", "by_id", "person", "person_id", "target", "reason", "seconds", "expires_at",
    "action_id", "undo_of", "undone_by", "detail", "show",
)  # fmt: skip


class AuditLog:
    """Reads; changes nothing. Doors check roles before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, show: str, cursor: str | None, action: str = "") -> ActionList:
        """Return a page of a show's actions, newest first; `action` "" takes all kinds.

        Raises NoSuchShow, and InvalidField for a cursor that is not one of ours.
        """
        before = None if not cursor else _place(cursor)
        async with self._database.read() as sql:
            if await shows_sql.shop_of(sql, show) is None:
                raise NoSuchShow(show=show)
            rows = await actions_sql.page(sql, show, before, PAGE + 1, action)
            seen = await views(sql, rows[:PAGE])
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        return ActionList(seen, None if last is None else f"{last.offset}.{last.tag}")

    async def csv(self, show: str) -> AsyncIterator[bytes]:
        """Answer all of a show's actions as CSV, newest first, piece by piece; raises NoSuchShow at once."""
        async with self._database.read() as sql:
            if await shows_sql.shop_of(sql, show) is None:
                raise NoSuchShow(show=show)
        return self._rows(show)

    async def _rows(self, show: str) -> AsyncIterator[bytes]:
        yield BOM + csv_row(COLUMNS)
        before: Place | None = None
        while True:
            async with self._database.read() as sql:
                rows = await actions_sql.page(sql, show, before, ROWS_PER_READ)
                seen = await views(sql, rows)
            if seen:
                yield b"".join(csv_row(_cells(one)) for one in seen)
            if len(rows) < ROWS_PER_READ:
                return
            before = Place(rows[-1].offset, rows[-1].tag)


async def views(sql: Sql, rows: Sequence[Any]) -> tuple[Action, ...]:
    """Return actions as people read them, with the names of whom they speak."""
    ids = {row.actor for row in rows} | {row.person for row in rows if row.person}
    names = await people.names(sql, ids)
    return tuple(_view(row, names) for row in rows)


def _view(row: Any, names: dict[str, str]) -> Action:
    return Action(
        show=row.show,
        action_id=row.action_id,
        action=row.action,
        actor=row.actor,
        actor_name=names.get(row.actor, ""),
        target=row.target,
        person=row.person,
        person_name=names.get(row.person, "") if row.person else "",
        reason=row.reason,
        seconds=row.seconds,
        expires_at_ms=row.expires_at_ms,
        undo_of=row.undo_of,
        undone_by=row.undone_by if row.action_id else None,
        detail=msgspec.json.decode(row.detail),
        at_ms=row.at_ms,
    )


def _cells(one: Action) -> list[object]:
    detail = msgspec.json.encode(one.detail).decode() if one.detail else ""
    return [
        moment(one.at_ms), one.action, one.actor_name, one.actor, one.person_name, one.person, one.target,
        one.reason, one.seconds, None if one.expires_at_ms is None else moment(one.expires_at_ms),
        one.action_id, one.undo_of, one.undone_by, detail,
        one.show,
    ]  # fmt: skip


def _place(cursor: str) -> Place:
    offset, _, tag = cursor.partition(".")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 17 and len(tag) <= 32 and tag.isascii()):
        raise InvalidField("The cursor is not one of ours.", field="cursor")
    return Place(int(offset), tag)
