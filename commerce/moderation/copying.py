"""Copies what staff does in the rooms from their logs into SQL, each action once.

The rooms' logs are trimmed and go with their rooms; the record stays. The place in a log moves in the same
transaction in which its actions are written, and only from where this copier found it, so any number of
copiers may run or die. An action is known by its place **and** its random tag: when an older state of a log
comes back, the copy begins at its start again: what was written is found there, what is new has other tags.
"""

import logging
from typing import Any, Final

import msgspec

from commerce.database_sql import Database
from commerce.moderation import actions_sql
from commerce.moderation.actions_sql import Place
from commerce.ports import Clock, RoomAction, RoomLogs

log = logging.getLogger(__name__)

PAGE: Final = 500
PAGES_AT_ONCE: Final = 100
"""Reads of one log in one run; what is left waits for the next."""
KNOWN: Final = frozenset(
    {
        "kind",
        "action_id",
        "action",
        "actor",
        "target",
        "reason",
        "seconds",
        "expires_at_ms",
        "undo_of",
        "at_ms",
        "seq",
    }
)


class RoomRecord:
    """The worker's copier. `rooms` is handed in by the composition root; without it nothing is copied."""

    def __init__(self, database: Database, now_ms: Clock) -> None:
        self._database = database
        self._now_ms = now_ms
        self.rooms: RoomLogs | None = None

    async def copy_due(self) -> int:
        """Copy every log that may have something new; returns how many actions were.

        A log that fails does not hold up the others; the last failure is raised at the end.
        """
        if self.rooms is None:
            return 0
        async with self._database.read() as sql:
            due = await actions_sql.logs_to_copy(sql, self._now_ms())
        copied, failure = 0, None
        for row in due:
            try:
                copied += await self._copy(
                    self.rooms, row.show, row.shop, Place(row.offset or 0, row.tag or "")
                )
            except Exception as error:  # noqa: BLE001 - whatever broke, the other rooms go on; it is raised below
                log.warning("the actions of %s could not be copied: %s", row.show, error)
                failure = error
        if failure is not None:
            raise failure
        return copied

    async def _copy(self, rooms: RoomLogs, show: str, shop: str, place: Place) -> int:
        copied = 0
        for _ in range(PAGES_AT_ONCE):
            page = await rooms.read(show, place.offset, place.tag, PAGE)
            reached = Place(page.offset, page.tag)
            if reached == place:
                return copied
            rows = [_row(show, shop, action) for action in page.actions]
            async with self._database.write() as sql:
                if not await actions_sql.advance(sql, show, place, reached, self._now_ms()):
                    return copied  # another copier is at it
                copied += await actions_sql.insert(sql, rows)
            place = reached
        return copied


def _row(show: str, shop: str, action: RoomAction) -> dict[str, Any]:
    """Return the columns of one entry; what this release does not know of it goes into `detail`."""
    fields = action.fields
    detail = {name: value for name, value in fields.items() if name not in KNOWN}
    inner = detail.pop("detail", None)
    detail |= inner if isinstance(inner, dict) else {}
    target = _text(fields.get("target"))
    return {
        "show": show,
        "offset": action.offset,
        "tag": action.tag,
        "shop": shop,
        "action_id": _text(fields.get("action_id")),
        "action": str(fields.get("action", ""))[:32],
        "actor": str(fields.get("actor") or "")[:64],
        "target": target,
        "person": target if _is_person(target) else _text(detail.get("person")),
        "reason": str(fields.get("reason") or ""),
        "seconds": _number(fields.get("seconds")),
        "expires_at_ms": _number(fields.get("expires_at_ms")),
        "undo_of": _text(fields.get("undo_of")),
        "detail": msgspec.json.encode(detail).decode(),
        "at_ms": action.at_ms,
    }


def _is_person(target: str | None) -> bool:
    return target is not None and target.startswith(("ac_", "gu_"))


def _text(value: object) -> str | None:
    return value[:64] if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
