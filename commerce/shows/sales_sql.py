"""Flash sales in SQL; every function works in the caller's transaction."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.outbox_tables_sql import operations
from commerce.shows.tables_sql import flash_sales


async def add_sale(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one sale."""
    await sql.execute(sa.insert(flash_sales).values(**values))


async def sale_row(sql: AsyncConnection, sale: str, *, lock: bool = False) -> Any | None:
    """Answer one sale, or None."""
    query = sa.select(flash_sales).where(flash_sales.c.id == sale)
    return (await sql.execute(query.with_for_update() if lock else query)).one_or_none()


async def change_sale(sql: AsyncConnection, sale: str, values: dict[str, Any]) -> None:
    """Change columns of one sale."""
    await sql.execute(sa.update(flash_sales).where(flash_sales.c.id == sale).values(**values))


async def mark_opened(sql: AsyncConnection, sale: str, now_ms: int) -> None:
    """Write that Redis has the record and its units."""
    change = sa.update(flash_sales).where(flash_sales.c.id == sale, flash_sales.c.opened_at_ms.is_(None))
    await sql.execute(change.values(opened_at_ms=now_ms))


async def mark_refused(sql: AsyncConnection, sale: str, code: str, facts: dict[str, object]) -> bool:
    """Write why a sale did not come about; False when it was opened or refused before."""
    change = sa.update(flash_sales).where(
        flash_sales.c.id == sale, flash_sales.c.opened_at_ms.is_(None), flash_sales.c.refused.is_(None)
    )
    written = change.values(refused=code, refused_facts=msgspec.json.encode(facts).decode())
    return (await sql.execute(written)).rowcount == 1


async def sales_of_show(sql: AsyncConnection, show: str) -> list[Any]:
    """Answer a show's sales that came about, newest first."""
    query = sa.select(flash_sales).where(flash_sales.c.show == show, flash_sales.c.opened_at_ms.is_not(None))
    return list(await sql.execute(query.order_by(flash_sales.c.starts_at_ms.desc(), flash_sales.c.id)))


async def coming_or_open(sql: AsyncConnection, shows: list[str], at_ms: int) -> list[Any]:
    """Answer the sales of these shows that came about and have not ended."""
    query = sa.select(flash_sales).where(flash_sales.c.show.in_(shows), *_not_over(at_ms))
    return list(await sql.execute(query.where(flash_sales.c.opened_at_ms.is_not(None))))


async def running_sale(sql: AsyncConnection, variant: str, at_ms: int) -> str | None:
    """Answer a sale of this variant that has not ended (it may not have started), or None."""
    query = sa.select(flash_sales.c.id).where(
        flash_sales.c.variant == variant, *_not_over(at_ms), flash_sales.c.refused.is_(None)
    )
    return (await sql.execute(query.limit(1))).scalar_one_or_none()


async def unended_sales(sql: AsyncConnection, show: str, at_ms: int) -> list[str]:
    """Answer a show's sales that are scheduled or open."""
    query = sa.select(flash_sales.c.id).where(
        flash_sales.c.show == show, *_not_over(at_ms), flash_sales.c.refused.is_(None)
    )
    return list((await sql.execute(query)).scalars())


async def shops_with_sales_ended(sql: AsyncConnection, from_ms: int, to_ms: int) -> list[str]:
    """Answer the shops of which a sale came to its end between two times."""
    query = sa.select(flash_sales.c.shop).where(
        flash_sales.c.ends_at_ms > from_ms, flash_sales.c.ends_at_ms <= to_ms
    )
    return list((await sql.execute(query.distinct())).scalars())


async def forget_operation(sql: AsyncConnection, person: str, operation: str, key: str) -> None:
    """Drop a stored answer whose effect was refused after all, so that a repeat is judged anew."""
    where = (operations.c.person == person, operations.c.operation == operation, operations.c.key == key)
    await sql.execute(sa.delete(operations).where(*where))


def _not_over(at_ms: int) -> tuple[sa.ColumnElement[bool], ...]:
    return flash_sales.c.ended_at_ms.is_(None), flash_sales.c.ends_at_ms > at_ms
