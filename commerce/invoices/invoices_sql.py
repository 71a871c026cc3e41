"""Invoices and credit notes in SQL, and their numbers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.invoices.content import Kind
from commerce.invoices.tables_sql import invoice_series, invoices
from commerce.orders.states import SETTLED
from commerce.orders.tables_sql import orders
from commerce.returns.states import RefundState
from commerce.returns.tables_sql import refunds


async def next_sequence(sql: AsyncConnection, shop: str, kind: Kind, year: int) -> int:
    """Return the next number of a series; the row stays locked, so that a rolled-back one leaves no gap."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(invoice_series).values(shop=shop, kind=kind, year=year, last=1)
    counted = insert.on_conflict_do_update(
        index_elements=["shop", "kind", "year"], set_={"last": invoice_series.c.last + 1}
    )
    return int((await sql.execute(counted.returning(invoice_series.c.last))).scalar_one())


async def insert(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write a document."""
    await sql.execute(sa.insert(invoices).values(values))


async def by_subject(sql: AsyncConnection, subject: str) -> Any:
    """Return the invoice of an order or the credit note of a refund, None before there is one."""
    return (await sql.execute(sa.select(invoices).where(invoices.c.subject == subject))).first()


async def of_order(sql: AsyncConnection, order: str) -> Sequence[Any]:
    """Return an order's documents, oldest first."""
    query = sa.select(invoices).where(invoices.c.order == order)
    return (await sql.execute(query.order_by(invoices.c.issued_at_ms, invoices.c.number))).all()


async def orders_without(sql: AsyncConnection, since_ms: int, limit: int) -> list[str]:
    """Return paid orders that changed since then and have no invoice, oldest first."""
    query = (
        sa.select(orders.c.id)
        .outerjoin(invoices, invoices.c.subject == orders.c.id)
        .where(orders.c.updated_at_ms >= since_ms, orders.c.state.in_(SETTLED), invoices.c.subject.is_(None))
        .order_by(orders.c.updated_at_ms, orders.c.id)
        .limit(limit)
    )
    return list((await sql.execute(query)).scalars())


async def refunds_without(sql: AsyncConnection, since_ms: int, limit: int) -> list[tuple[str, str]]:
    """Return (order, refund) of refunds that were done since then and have no credit note, oldest first."""
    query = (
        sa.select(refunds.c.order, refunds.c.id)
        .outerjoin(invoices, invoices.c.subject == refunds.c.id)
        .where(
            refunds.c.updated_at_ms >= since_ms,
            refunds.c.state == RefundState.DONE,
            invoices.c.subject.is_(None),
        )
        .order_by(refunds.c.done_at_ms, refunds.c.id)
        .limit(limit)
    )
    return [(order, refund) for order, refund in await sql.execute(query)]
