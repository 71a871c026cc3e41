"""Shows and their run of show in SQL; every function works in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.shows.states import ShowState
from commerce.shows.tables_sql import show_products, shows


async def shop_of(sql: AsyncConnection, show: str) -> str | None:
    """Answer the shop a show belongs to, or None."""
    return (await sql.execute(sa.select(shows.c.shop).where(shows.c.id == show))).scalar_one_or_none()


async def show_row(sql: AsyncConnection, show: str, *, lock: bool = False) -> Any | None:
    """Answer one show, or None; with `lock` it stays as it is until the transaction ends."""
    query = sa.select(shows).where(shows.c.id == show)
    return (await sql.execute(query.with_for_update() if lock else query)).one_or_none()


async def live_since_ms(sql: AsyncConnection, show: str) -> int | None:
    """Answer when a show went live, or None when it did not or there is none."""
    query = sa.select(shows.c.started_at_ms).where(shows.c.id == show)
    since_ms: int | None = (await sql.execute(query)).scalar_one_or_none()
    return since_ms


async def add_show(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one show."""
    await sql.execute(sa.insert(shows).values(**values))


async def change_show(sql: AsyncConnection, show: str, values: dict[str, Any]) -> None:
    """Change columns of one show."""
    await sql.execute(sa.update(shows).where(shows.c.id == show).values(**values))


async def lobby(sql: AsyncConnection, state: ShowState, limit: int) -> list[Any]:
    """Answer shows of one state: live newest first, scheduled soonest first, ended latest first."""
    order = {
        ShowState.LIVE: shows.c.started_at_ms.desc(),
        ShowState.SCHEDULED: shows.c.starts_at_ms.asc(),
        ShowState.ENDED: shows.c.ended_at_ms.desc(),
    }[state]
    query = sa.select(shows).where(shows.c.state == state).order_by(order, shows.c.id).limit(limit)
    return list(await sql.execute(query))


async def of_shop(sql: AsyncConnection, shop: str, limit: int) -> list[Any]:
    """Answer a shop's shows, latest start first."""
    query = sa.select(shows).where(shows.c.shop == shop)
    return list(await sql.execute(query.order_by(shows.c.starts_at_ms.desc(), shows.c.id).limit(limit)))


async def not_ended(sql: AsyncConnection, shop: str) -> list[str]:
    """Answer a shop's shows that are scheduled or live."""
    query = sa.select(shows.c.id).where(shows.c.shop == shop, shows.c.state != ShowState.ENDED)
    return list((await sql.execute(query)).scalars())


async def shows_of_product(sql: AsyncConnection, product: str) -> list[str]:
    """Answer the shows not ended that have this product in their run."""
    query = (
        sa.select(shows.c.id)
        .join(show_products, show_products.c.show == shows.c.id)
        .where(show_products.c.product == product, shows.c.state != ShowState.ENDED)
    )
    return list((await sql.execute(query)).scalars())


async def run_of_show(sql: AsyncConnection, show: str) -> list[str]:
    """Answer the products of a show in order."""
    query = sa.select(show_products.c.product).where(show_products.c.show == show)
    return list((await sql.execute(query.order_by(show_products.c.position))).scalars())


async def put_run_of_show(sql: AsyncConnection, show: str, products: Sequence[str]) -> None:
    """Replace the products of a show."""
    await sql.execute(sa.delete(show_products).where(show_products.c.show == show))
    if products:
        rows = [
            {"show": show, "product": product, "position": position}
            for position, product in enumerate(products)
        ]
        await sql.execute(sa.insert(show_products), rows)
