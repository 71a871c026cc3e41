"""What the comparison of the books reads from SQL."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.orders.tables_sql import ledger_entries, orders, payments
from commerce.payments.states import PaymentState

BATCH = 200


async def orders_since(sql: AsyncConnection, shop: str, since_ms: int, after: tuple[int, str]) -> list[str]:
    """Return ids of a shop's orders made since then, oldest first, those after (created_at_ms, id)."""
    place = sa.tuple_(orders.c.created_at_ms, orders.c.id)
    query = (
        sa.select(orders.c.id)
        .where(orders.c.shop == shop, orders.c.created_at_ms >= since_ms, place > sa.tuple_(*after))
        .order_by(orders.c.created_at_ms, orders.c.id)
        .limit(BATCH)
    )
    return list((await sql.execute(query)).scalars())


async def ledger_units(sql: AsyncConnection, ids: Sequence[str], kind: str) -> dict[str, int]:
    """Return the units that the ledger moved for each order, by entries of one kind."""
    query = (
        sa.select(ledger_entries.c.order, sa.func.coalesce(sa.func.sum(ledger_entries.c.quantity), 0))
        .where(ledger_entries.c.order.in_(ids), ledger_entries.c.kind == kind)
        .group_by(ledger_entries.c.order)
    )
    return {str(order): int(units) for order, units in await sql.execute(query)}


async def payments_since(sql: AsyncConnection, since_ms: int, after: tuple[int, str]) -> Sequence[Any]:
    """Return payments the provider knows, made since then, oldest first, those after (created_at_ms, id)."""
    place = sa.tuple_(payments.c.created_at_ms, payments.c.id)
    query = (
        sa.select(payments)
        .where(
            payments.c.created_at_ms >= since_ms,
            payments.c.state != PaymentState.CREATED,
            place > sa.tuple_(*after),
        )
        .order_by(payments.c.created_at_ms, payments.c.id)
        .limit(BATCH)
    )
    return (await sql.execute(query)).all()
