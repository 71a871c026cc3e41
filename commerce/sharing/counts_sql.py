"""Counting who came by a link, each device once a day; each function works in the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.sharing.tables_sql import share_links, share_seen

_ROWS: Final = 200
"""Rows of one statement: SQLite takes 32,766 values, older ones 999."""
_SUMS: Final = {"visit": share_links.c.visits, "entry": share_links.c.entries}


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A device at a link on a day. `kind` is "visit" or "entry", `device` a keyed hash of device and day."""

    code: str
    kind: str
    day: int
    device: str


@dataclass(frozen=True, slots=True)
class Link:
    """Who shares a link, and to which show it leads."""

    owner: str
    show: str


async def links(sql: AsyncConnection, codes: Collection[str]) -> dict[str, Link]:
    """Return the links of these codes; unknown ones are left out."""
    table = share_links.c
    query = sa.select(table.code, table.owner, table.show).where(table.code.in_(sorted(codes)))
    return {row.code: Link(row.owner, row.show) for row in await sql.execute(query)}


async def count(sql: AsyncConnection, seen: Collection[Seen]) -> None:
    """Count what was not counted before. In one order, so that two fronts never wait for each other."""
    rows = [
        {"code": one.code, "kind": one.kind, "day": one.day, "device": one.device} for one in sorted(seen)
    ]
    new: dict[tuple[str, str], int] = {}
    for first in range(0, len(rows), _ROWS):
        insert = _insert(sql, share_seen).values(rows[first : first + _ROWS]).on_conflict_do_nothing()
        for row in await sql.execute(insert.returning(share_seen.c.code, share_seen.c.kind)):
            new[row.code, row.kind] = new.get((row.code, row.kind), 0) + 1
    for (code, kind), total in sorted(new.items()):
        column = _SUMS[kind]
        change = sa.update(share_links).where(share_links.c.code == code)
        await sql.execute(change.values({column: column + total}))


async def purge(sql: AsyncConnection, before_day: int) -> int:
    """Forget which devices came before a day; the sums stay. Returns how many rows went."""
    return (await sql.execute(sa.delete(share_seen).where(share_seen.c.day < before_day))).rowcount


def _insert(sql: AsyncConnection, table: sa.Table) -> Any:
    return (sqlite if sql.dialect.name == "sqlite" else postgresql).insert(table)
