"""Returns, withdrawals and asked-for cancellations in SQL, and a shop's rules about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.orders.tables_sql import orders as order_table
from commerce.orders.units import LineUnits
from commerce.returns.states import OPEN_RETURNS
from commerce.returns.tables_sql import return_lines, return_rules, returns


@dataclass(frozen=True, slots=True)
class Return:
    """A return: its row, and the units it is for."""

    row: Any
    units: tuple[LineUnits, ...]

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.row.state in OPEN_RETURNS


async def of_orders(sql: AsyncConnection, orders: Sequence[str]) -> dict[str, list[Return]]:
    """Return what was asked for of each order, oldest first."""
    found: dict[str, list[Return]] = {order: [] for order in orders}
    if not orders:
        return found
    query = sa.select(returns).where(returns.c.order.in_(orders))
    rows = (await sql.execute(query.order_by(returns.c.created_at_ms, returns.c.id))).all()
    inside = (
        sa.select(return_lines)
        .where(return_lines.c.return_id.in_([row.id for row in rows]))
        .order_by(return_lines.c.position)
    )
    units: dict[str, list[LineUnits]] = {row.id: [] for row in rows}
    for line in await sql.execute(inside):
        units[line.return_id].append(LineUnits(line.position, line.quantity))
    for row in rows:
        found[row.order].append(Return(row, tuple(units[row.id])))
    return found


async def insert(sql: AsyncConnection, values: dict[str, Any], units: Sequence[LineUnits]) -> None:
    """Write what a buyer asks for."""
    await sql.execute(sa.insert(returns).values(values))
    inside = [
        {"return_id": values["id"], "position": one.position, "quantity": one.quantity} for one in units
    ]
    if inside:
        await sql.execute(sa.insert(return_lines), inside)


async def change(sql: AsyncConnection, found: str, now_ms: int, **values: object) -> None:
    """Change columns of a return whose order is locked."""
    await sql.execute(sa.update(returns).where(returns.c.id == found).values(updated_at_ms=now_ms, **values))


async def telling(sql: AsyncConnection, shop: str) -> tuple[bool, int | None]:
    """Tell whether requests wait to be told to the shop, and when it was told last; None: never."""
    query = sa.select(sa.func.count(), sa.func.count(returns.c.told_ms), sa.func.max(returns.c.told_ms))
    total, told, last_ms = (await sql.execute(query.where(returns.c.shop == shop))).one()
    return total > told, last_ms


async def untold(sql: AsyncConnection, shop: str) -> list[Any]:
    """Return id, kind, state, created_at_ms of what was not told yet, and the order's number and language."""
    query = (
        sa.select(
            returns.c.id, returns.c.kind, returns.c.state, returns.c.created_at_ms,
            order_table.c.number, order_table.c.language,
        )
        .join(order_table, order_table.c.id == returns.c.order)
        .where(returns.c.shop == shop, returns.c.told_ms.is_(None))
        .order_by(returns.c.created_at_ms, returns.c.id)
    )  # fmt: skip
    return list(await sql.execute(query))


async def tell(sql: AsyncConnection, ids: Sequence[str], now_ms: int) -> None:
    """Remember when the shop was told of these."""
    await sql.execute(sa.update(returns).where(returns.c.id.in_(ids)).values(told_ms=now_ms))


async def rules(sql: AsyncConnection, shop: str) -> Any:
    """Return a shop's row of rules, None when it has laid down none."""
    return (await sql.execute(sa.select(return_rules).where(return_rules.c.shop == shop))).first()


async def put_rules(sql: AsyncConnection, shop: str, **values: object) -> None:
    """Write a shop's rules."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(return_rules).values(shop=shop, **values)
    await sql.execute(insert.on_conflict_do_update(index_elements=["shop"], set_=values))


async def forget_person(sql: AsyncConnection, person: str) -> None:
    """Remove the words a person wrote; what was returned stays for the books."""
    theirs = sa.select(order_table.c.id).where(order_table.c.person == person)
    await sql.execute(sa.update(returns).where(returns.c.order.in_(theirs)).values(reason=""))
