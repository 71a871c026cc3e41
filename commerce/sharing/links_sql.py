"""Share links in SQL; each function works in the caller's transaction."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.orders.tables_sql import orders
from commerce.returns.states import RefundState
from commerce.returns.tables_sql import refunds
from commerce.sharing.tables_sql import share_links
from commerce.shows.figures_sql import PAID

THE_SHOP = ""
"""The owner of a shop's own links."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of links: devices that opened them, devices that entered the room, orders, money kept."""

    visits: int
    entries: int
    orders: int
    amount_minor: int


async def link(sql: AsyncConnection, code: str) -> Any | None:
    """Return one link, or None."""
    return (await sql.execute(sa.select(share_links).where(share_links.c.code == code))).one_or_none()


async def of_owner(sql: AsyncConnection, show: str, owner: str, label: str = "") -> Any | None:
    """Return a person's link of a show, or the shop's of a label; None when there is none yet."""
    query = sa.select(share_links).where(
        share_links.c.show == show, share_links.c.owner == owner, share_links.c.label == label
    )
    return (await sql.execute(query)).one_or_none()


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert one link; AlreadyThere when the code is taken, or the owner has one."""
    await sql.execute(sa.insert(share_links).values(**values))


async def count_links(sql: AsyncConnection, show: str) -> int:
    """Count the links of a show."""
    query = sa.select(sa.func.count()).where(share_links.c.show == show)
    return int((await sql.execute(query)).scalar_one())


async def count_named(sql: AsyncConnection, show: str) -> int:
    """Count the links that the shop named itself, not those it keeps for people who were forgotten."""
    query = sa.select(sa.func.count()).where(
        share_links.c.show == show,
        share_links.c.owner == THE_SHOP,
        share_links.c.label != share_links.c.code,
    )
    return int((await sql.execute(query)).scalar_one())


async def brought_by(sql: AsyncConnection, show: str, owner: str) -> Brought:
    """Return what all of a person's links of a show brought."""
    rows = await report(sql, show, 1_000, owner)
    return Brought(
        sum(row.visits for row in rows),
        sum(row.entries for row in rows),
        sum(row.orders for row in rows),
        sum(row.amount_minor for row in rows),
    )


async def report(
    sql: AsyncConnection, show: str, limit: int, owner: str | None = None, code: str | None = None
) -> list[Any]:
    """Return a show's links (or those of an owner, or one) with what they brought, most first.

    Orders count as they do in the show's summary. One's own orders never count for one's own link, also
    where guest and account became one person only later.
    """
    back = (
        sa.select(refunds.c.order, sa.func.sum(refunds.c.amount_minor).label("back_minor"))
        .where(refunds.c.state == RefundState.DONE)
        .group_by(refunds.c.order)
        .subquery()
    )
    counted = sa.and_(
        orders.c.via == share_links.c.code,
        orders.c.state.in_(PAID),
        orders.c.person != share_links.c.owner,
    )
    count = sa.func.count(orders.c.id)
    amount = sa.func.coalesce(sa.func.sum(orders.c.total_minor - sa.func.coalesce(back.c.back_minor, 0)), 0)
    query = (
        sa.select(share_links, count.label("orders"), amount.label("amount_minor"))
        .outerjoin(orders, counted)
        .outerjoin(back, back.c.order == orders.c.id)
        .where(share_links.c.show == show)
        .group_by(*share_links.c)
        .order_by(amount.desc(), count.desc(), share_links.c.entries.desc(), share_links.c.visits.desc(),
                  share_links.c.created_at_ms, share_links.c.code)
        .limit(limit)
    )  # fmt: skip
    if owner is not None:
        query = query.where(share_links.c.owner == owner)
    if code is not None:
        query = query.where(share_links.c.code == code)
    return list(await sql.execute(query))


async def attributed(sql: AsyncConnection, code: str, shop: str, person: str) -> str | None:
    """Return the code an order of this shop and person is owed to, None where the link is not one for it."""
    found = await link(sql, code)
    if found is None or found.shop != shop or found.owner == person:
        return None
    return str(found.code)


async def give_to(sql: AsyncConnection, guest: str, account: str) -> None:
    """Move a guest's links to the account they signed in with; where both have one, both go on working."""
    own = share_links.alias()
    there = sa.exists().where(own.c.owner == account, own.c.show == share_links.c.show)
    mine = sa.update(share_links).where(share_links.c.owner == guest)
    await sql.execute(mine.where(there).values(owner=account, label=share_links.c.code))
    await sql.execute(mine.values(owner=account))


async def forget(sql: AsyncConnection, person: str) -> None:
    """Forget whose links they were; the links and what they brought stay for the shop's books."""
    mine = sa.update(share_links).where(share_links.c.owner == person)
    await sql.execute(mine.values(owner=THE_SHOP, label=share_links.c.code))
