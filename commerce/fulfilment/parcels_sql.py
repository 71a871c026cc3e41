"""Parcels in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.fulfilment.tables_sql import parcel_lines, parcels
from commerce.orders.units import LineUnits


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel: its row, and what is in it."""

    row: Any
    units: tuple[LineUnits, ...]


async def of_orders(sql: AsyncConnection, orders: Sequence[str]) -> dict[str, list[Parcel]]:
    """Return the parcels of each order, in the order in which they were packed."""
    found: dict[str, list[Parcel]] = {order: [] for order in orders}
    if not orders:
        return found
    query = sa.select(parcels).where(parcels.c.order.in_(orders))
    rows = (await sql.execute(query.order_by(parcels.c.packed_at_ms, parcels.c.id))).all()
    inside = (
        sa.select(parcel_lines)
        .where(parcel_lines.c.parcel.in_([row.id for row in rows]))
        .order_by(parcel_lines.c.position)
    )
    units: dict[str, list[LineUnits]] = {row.id: [] for row in rows}
    for line in await sql.execute(inside):
        units[line.parcel].append(LineUnits(line.position, line.quantity))
    for row in rows:
        found[row.order].append(Parcel(row, tuple(units[row.id])))
    return found


async def insert(sql: AsyncConnection, values: dict[str, Any], units: Sequence[LineUnits]) -> None:
    """Write a parcel with what is in it."""
    await sql.execute(sa.insert(parcels).values(values))
    inside = [{"parcel": values["id"], "position": one.position, "quantity": one.quantity} for one in units]
    await sql.execute(sa.insert(parcel_lines), inside)


async def change(sql: AsyncConnection, parcel: str, **values: object) -> None:
    """Change columns of a parcel whose order is locked."""
    await sql.execute(sa.update(parcels).where(parcels.c.id == parcel).values(**values))


async def delete(sql: AsyncConnection, ids: Sequence[str]) -> None:
    """Unpack parcels."""
    await sql.execute(sa.delete(parcel_lines).where(parcel_lines.c.parcel.in_(ids)))
    await sql.execute(sa.delete(parcels).where(parcels.c.id.in_(ids)))
