"""Refunds in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.returns.states import COUNTED, RefundState
from commerce.returns.tables_sql import refund_lines, refunds


@dataclass(frozen=True, slots=True)
class RefundUnits:
    """Units of one line in a refund; `unsent` of them were never sent."""

    position: int
    quantity: int
    unsent: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund: its row, and the units it is for (none: money alone)."""

    row: Any
    units: tuple[RefundUnits, ...]

    @property
    def counted(self) -> bool:
        """Whether its money and units are spoken for."""
        return self.row.state in COUNTED


async def of_orders(sql: AsyncConnection, orders: Sequence[str]) -> dict[str, list[Refund]]:
    """Return the refunds of each order, oldest first."""
    found: dict[str, list[Refund]] = {order: [] for order in orders}
    if not orders:
        return found
    query = sa.select(refunds).where(refunds.c.order.in_(orders))
    rows = (await sql.execute(query.order_by(refunds.c.created_at_ms, refunds.c.id))).all()
    inside = (
        sa.select(refund_lines)
        .where(refund_lines.c.refund.in_([row.id for row in rows]))
        .order_by(refund_lines.c.position)
    )
    units: dict[str, list[RefundUnits]] = {row.id: [] for row in rows}
    for line in await sql.execute(inside):
        units[line.refund].append(RefundUnits(line.position, line.quantity, line.unsent))
    for row in rows:
        found[row.order].append(Refund(row, tuple(units[row.id])))
    return found


async def order_of(sql: AsyncConnection, refund: str) -> str | None:
    """Return the order of a refund, None for an unknown one."""
    query = sa.select(refunds.c.order).where(refunds.c.id == refund)
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return found


async def insert(sql: AsyncConnection, values: dict[str, Any], units: Sequence[RefundUnits]) -> None:
    """Write a refund before the provider hears of it."""
    await sql.execute(sa.insert(refunds).values(values))
    inside = [
        {
            "refund": values["id"],
            "position": one.position,
            "quantity": one.quantity,
            "unsent": one.unsent,
        }
        for one in units
    ]
    if inside:
        await sql.execute(sa.insert(refund_lines), inside)


async def change(sql: AsyncConnection, refund: str, now_ms: int, **values: object) -> None:
    """Change columns of a refund whose order is locked."""
    await sql.execute(sa.update(refunds).where(refunds.c.id == refund).values(updated_at_ms=now_ms, **values))


async def due(sql: AsyncConnection, now_ms: int, limit: int) -> list[str]:
    """Return refunds the provider must be asked for, longest waiting first."""
    query = (
        sa.select(refunds.c.id)
        .where(refunds.c.next_step_at_ms <= now_ms)
        .order_by(refunds.c.next_step_at_ms)
        .limit(limit)
    )
    return list((await sql.execute(query)).scalars())


async def done_minor(sql: AsyncConnection, payment: str) -> int:
    """Return how much of a payment went back, as far as the provider has said so."""
    query = sa.select(sa.func.coalesce(sa.func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.payment == payment, refunds.c.state == RefundState.DONE
    )
    return int((await sql.execute(query)).scalar_one())
