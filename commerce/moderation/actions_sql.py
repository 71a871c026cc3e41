"""The record of actions in SQL, and how far each room's log has been copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.moderation.tables_sql import moderation_actions, moderation_positions
from commerce.shows.states import ShowState
from commerce.shows.tables_sql import shows

ENDED_MS: Final = 24 * 3600 * 1000
"""How long after its end a show's log is still looked at: by then everything of it was copied."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a log was copied: the last entry's offset and its random tag; (0, "") is its beginning."""

    offset: int = 0
    tag: str = ""


async def logs_to_copy(sql: AsyncConnection, now_ms: int) -> list[Any]:
    """Return (show, shop, offset, tag) of every show that is live or ended within a day."""
    query = (
        sa.select(
            shows.c.id.label("show"), shows.c.shop, moderation_positions.c.offset, moderation_positions.c.tag
        )
        .outerjoin(moderation_positions, moderation_positions.c.show == shows.c.id)
        .where(
            sa.or_(
                shows.c.state == ShowState.LIVE,
                sa.and_(shows.c.state == ShowState.ENDED, shows.c.ended_at_ms > now_ms - ENDED_MS),
            )
        )
        .order_by(shows.c.id)
    )
    return list(await sql.execute(query))


async def advance(sql: AsyncConnection, show: str, old: Place, new: Place, now_ms: int) -> bool:
    """Move a log's place, in the transaction that copies; False when another copier was here first."""
    moved = {"offset": new.offset, "tag": new.tag, "updated_at_ms": now_ms}
    if old == Place():
        insert = _insert(sql, moderation_positions).values(show=show, **moved).on_conflict_do_nothing()
        if (await sql.execute(insert)).rowcount == 1:
            return True
    where = (
        moderation_positions.c.show == show,
        moderation_positions.c.offset == old.offset,
        moderation_positions.c.tag == old.tag,
    )
    return (await sql.execute(sa.update(moderation_positions).where(*where).values(**moved))).rowcount == 1


async def insert(sql: AsyncConnection, rows: Sequence[dict[str, Any]]) -> int:
    """Write actions down; those that are there already stay as they are. Returns how many are new."""
    new = 0
    for row in rows:
        written = await sql.execute(_insert(sql, moderation_actions).values(row).on_conflict_do_nothing())
        new += written.rowcount
    return new


async def page(
    sql: AsyncConnection, show: str, before: Place | None, limit: int, action: str = ""
) -> list[Any]:
    """Return a show's actions, newest first, from before a place on; `action` "" takes all kinds."""
    query = _with_undo().where(moderation_actions.c.show == show)
    if action:
        query = query.where(moderation_actions.c.action == action)
    if before is not None:
        query = query.where(
            sa.tuple_(moderation_actions.c.offset, moderation_actions.c.tag)
            < sa.tuple_(sa.literal(before.offset), sa.literal(before.tag))
        )
    newest = query.order_by(moderation_actions.c.offset.desc(), moderation_actions.c.tag.desc())
    return list(await sql.execute(newest.limit(limit)))


async def of_people(sql: AsyncConnection, shop: str, people: Sequence[str], limit: int) -> list[Any]:
    """Return the newest actions that concern any of these people in a shop's shows."""
    query = _with_undo().where(moderation_actions.c.shop == shop, moderation_actions.c.person.in_(people))
    newest = query.order_by(
        moderation_actions.c.at_ms.desc(), moderation_actions.c.offset.desc(), moderation_actions.c.show
    )
    return list(await sql.execute(newest.limit(limit)))


def _with_undo() -> sa.Select[Any]:
    """Select actions, each with the id of the one that took it back."""
    later = moderation_actions.alias()
    undone = (
        sa.select(sa.func.min(later.c.action_id))
        .where(later.c.undo_of == moderation_actions.c.action_id, later.c.show == moderation_actions.c.show)
        .scalar_subquery()
    )
    return sa.select(moderation_actions, undone.label("undone_by"))


def _insert(sql: AsyncConnection, table: sa.Table) -> Any:
    return (sqlite if sql.dialect.name == "sqlite" else postgresql).insert(table)
