"""Imports in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.feeds.drafts import Remark
from commerce.feeds.plan import Report
from commerce.feeds.structs import Import, ImportProgress
from commerce.feeds.tables_sql import imports, picture_waits

MAX_LATER = 1_000
"""So many faults found after the dry run are kept; the counts go on."""


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one import."""
    await sql.execute(sa.insert(imports).values(**values))


async def get(sql: AsyncConnection, shop: str, import_id: str) -> Import | None:
    """Answer an import of the shop, or None."""
    progress = await progress_of(sql, shop, import_id)
    if progress is None:
        return None
    query = sa.select(imports.c.report, imports.c.later).where(imports.c.id == import_id)
    row = (await sql.execute(query)).one()
    later = msgspec.json.decode(row.later, type=tuple[Remark, ...])
    return Import(msgspec.json.decode(row.report, type=Report), progress, later)


async def progress_of(sql: AsyncConnection, shop: str, import_id: str) -> ImportProgress | None:
    """Answer how far an import of the shop is, or None."""
    query = _progress().where(imports.c.id == import_id, imports.c.shop == shop)
    row = (await sql.execute(query)).one_or_none()
    return None if row is None else _view(row)


async def newest(sql: AsyncConnection, shop: str, limit: int) -> list[ImportProgress]:
    """Answer a shop's imports, newest first."""
    query = _progress().where(imports.c.shop == shop)
    rows = await sql.execute(query.order_by(imports.c.created_at_ms.desc(), imports.c.id).limit(limit))
    return [_view(row) for row in rows]


async def start(sql: AsyncConnection, shop: str, import_id: str, now_ms: int) -> bool:
    """Let a checked import run; False when it was not waiting for that."""
    where = (imports.c.id == import_id, imports.c.shop == shop, imports.c.state == "checked")
    change = sa.update(imports).where(*where).values(state="running", started_at_ms=now_ms)
    return (await sql.execute(change)).rowcount == 1


async def unfinished(sql: AsyncConnection, limit: int) -> list[Any]:
    """Answer the rows of imports at work, oldest first."""
    columns = (
        imports.c.id,
        imports.c.shop,
        imports.c.actor,
        imports.c.blob,
        imports.c.state,
        imports.c.position,
    )
    query = sa.select(*columns).where(imports.c.state.in_(["running", "pictures"]))
    return list(await sql.execute(query.order_by(imports.c.started_at_ms, imports.c.id).limit(limit)))


async def advance(sql: AsyncConnection, import_id: str, position: int, counts: dict[str, int]) -> bool:
    """Count one more product as done; False when another worker has done it already."""
    where = (imports.c.id == import_id, imports.c.position == position, imports.c.state == "running")
    raised = {name: imports.c[name] + count for name, count in counts.items()}
    change = sa.update(imports).where(*where).values(position=position + 1, **raised)
    return (await sql.execute(change)).rowcount == 1


async def add_later(sql: AsyncConnection, import_id: str, remarks: Sequence[Remark]) -> None:
    """Keep what went wrong after the dry run."""
    query = sa.select(imports.c.later).where(imports.c.id == import_id).with_for_update()
    kept = msgspec.json.decode((await sql.execute(query)).scalar_one(), type=list[Remark])
    kept = [*kept, *remarks][:MAX_LATER]
    change = sa.update(imports).where(imports.c.id == import_id)
    await sql.execute(change.values(later=msgspec.json.encode(kept).decode()))


async def enter(sql: AsyncConnection, import_id: str, state: str, now_ms: int) -> None:
    """Let an import go on to fetching pictures, or be done."""
    ended = {"ended_at_ms": now_ms} if state == "done" else {}
    await sql.execute(sa.update(imports).where(imports.c.id == import_id).values(state=state, **ended))


async def add_wait(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Note a picture that is still to be fetched."""
    query = sa.select(sa.func.max(picture_waits.c.seq)).where(
        picture_waits.c.import_id == values["import_id"]
    )
    last = (await sql.execute(query)).scalar_one_or_none()
    await sql.execute(sa.insert(picture_waits).values(**values, seq=0 if last is None else last + 1))


async def waits(sql: AsyncConnection, import_id: str, limit: int) -> list[Any]:
    """Answer pictures that are still to be fetched, in the file's order."""
    query = sa.select(picture_waits).where(picture_waits.c.import_id == import_id)
    return list(await sql.execute(query.order_by(picture_waits.c.seq).limit(limit)))


async def end_wait(sql: AsyncConnection, import_id: str, seq: int) -> bool:
    """Forget a picture that came or cannot come; False when somebody else did."""
    where = (picture_waits.c.import_id == import_id, picture_waits.c.seq == seq)
    return (await sql.execute(sa.delete(picture_waits).where(*where))).rowcount == 1


async def purge(sql: AsyncConnection, before_ms: int) -> list[str]:
    """Forget imports made before then; answers the files that no import names any more."""
    old = sa.select(imports.c.id).where(imports.c.created_at_ms < before_ms)
    named = sa.select(imports.c.blob).where(imports.c.created_at_ms < before_ms).distinct()
    blobs = set((await sql.execute(named)).scalars())
    await sql.execute(sa.delete(picture_waits).where(picture_waits.c.import_id.in_(old)))
    await sql.execute(sa.delete(imports).where(imports.c.created_at_ms < before_ms))
    kept = sa.select(imports.c.blob).where(imports.c.blob.in_(blobs))
    return sorted(blobs - set((await sql.execute(kept)).scalars()))


def _progress() -> Any:
    """Select what tells how far imports are, without their long reports."""
    table = imports.c
    left = sa.select(sa.func.count()).where(picture_waits.c.import_id == table.id).scalar_subquery()
    plain = [table[name] for name in ImportProgress.__struct_fields__ if name in table]
    return sa.select(*plain, table.rows_unread, table.rows_bad, left.label("pictures_left"))


def _view(row: Any) -> ImportProgress:
    told = {name: getattr(row, name) for name in ImportProgress.__struct_fields__}
    failed = row.rows_bad if row.state == "checked" else row.rows_unread + row.rows_failed
    return ImportProgress(**told | {"rows_failed": failed})
