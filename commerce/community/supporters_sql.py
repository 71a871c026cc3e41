"""Who supports a show most, read from orders and share links."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.accounts.tables_sql import accounts, guests
from commerce.orders.tables_sql import order_lines, orders
from commerce.returns.states import RefundState
from commerce.returns.tables_sql import refund_lines, refunds
from commerce.sharing.tables_sql import share_links
from commerce.shops.tables_sql import bans, shop_staff, shops, show_staff
from commerce.shows.figures_sql import PAID
from commerce.shows.states import ShowState
from commerce.shows.tables_sql import shows


@dataclass(slots=True)
class Did:
    """What somebody did for a show: units they bought and kept, orders and entries by their link."""

    units: int = 0
    orders: int = 0
    entries: int = 0


async def live_shows(sql: AsyncConnection, limit: int) -> list[Any]:
    """Return (id, shop, supporters) of live shows; `supporters`: the shop shows the list."""
    query = (
        sa.select(shows.c.id, shows.c.shop, shops.c.supporters)
        .join(shops, shops.c.id == shows.c.shop)
        .where(shows.c.state == ShowState.LIVE)
    )
    return list(await sql.execute(query.order_by(shows.c.started_at_ms.desc(), shows.c.id).limit(limit)))


async def did_for(sql: AsyncConnection, show: str) -> dict[str, Did]:
    """Return what each person did for a show. Orders that were not to be announced are left out."""
    found: dict[str, Did] = defaultdict(Did)
    counted = (orders.c.show == show, orders.c.state.in_(PAID), orders.c.announced.is_(sa.true()))
    bought = (
        sa.select(orders.c.person, sa.func.sum(order_lines.c.quantity))
        .join(order_lines, order_lines.c.order == orders.c.id)
        .where(*counted)
        .group_by(orders.c.person)
    )
    for person, units in await sql.execute(bought):
        found[person].units += int(units)
    returned = (
        sa.select(orders.c.person, sa.func.sum(refund_lines.c.quantity))
        .join(refunds, refunds.c.order == orders.c.id)
        .join(refund_lines, refund_lines.c.refund == refunds.c.id)
        .where(*counted, refunds.c.state == RefundState.DONE)
        .group_by(orders.c.person)
    )
    for person, units in await sql.execute(returned):
        found[person].units -= int(units)
    await _brought(sql, show, found)
    return dict(found)


async def _brought(sql: AsyncConnection, show: str, found: dict[str, Did]) -> None:
    links = (share_links.c.show == show, share_links.c.owner != "")
    by_link = sa.select(share_links.c.owner, sa.func.sum(share_links.c.entries)).where(*links)
    for owner, entries in await sql.execute(by_link.group_by(share_links.c.owner)):
        if entries:
            found[owner].entries += int(entries)
    owed = (
        sa.select(share_links.c.owner, sa.func.count(orders.c.id))
        .join(orders, orders.c.via == share_links.c.code)
        .where(
            *links, orders.c.show == show, orders.c.state.in_(PAID), orders.c.person != share_links.c.owner
        )
        .group_by(share_links.c.owner)
    )
    for owner, total in await sql.execute(owed):
        found[owner].orders += int(total)


async def may_be_named(
    sql: AsyncConnection, shop: str, show: str, people: Iterable[str], now_ms: int
) -> dict[str, str]:
    """Return the names of those who let themselves be named; without who works there or is banned."""
    wanted = sorted(people)
    names: dict[str, str] = {}
    for table in (accounts, guests):
        query = sa.select(table.c.id, table.c.name).where(
            table.c.id.in_(wanted), table.c.announce_purchases.is_(sa.true())
        )
        names |= {row.id: row.name for row in await sql.execute(query)}
    hidden = sa.union(
        sa.select(shop_staff.c.person).where(shop_staff.c.shop == shop),
        sa.select(show_staff.c.person).where(show_staff.c.show == show),
        sa.select(bans.c.person).where(
            bans.c.shop == shop,
            bans.c.banned.is_(sa.true()),
            sa.or_(bans.c.expires_at_ms.is_(None), bans.c.expires_at_ms > now_ms),
        ),
    )
    for row in await sql.execute(hidden):
        names.pop(row.person, None)
    return names
