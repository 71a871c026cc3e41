"""The webhook inbox in SQL: every genuine delivery once, until it is applied."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.payments.provider import ProviderPayment, WebhookEvent
from commerce.payments.states import PaymentState
from commerce.payments.tables_sql import payment_inbox


async def store(
    sql: AsyncConnection, provider: str, event: WebhookEvent, payment: ProviderPayment, now_ms: int
) -> bool:
    """Write a delivery about `payment` down; False when it was there already."""
    dialect = sqlite if sql.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(payment_inbox).values(
        provider=provider,
        id=event.id,
        payment=payment.payment,
        state=payment.state,
        reference=payment.reference,
        fingerprint=payment.fingerprint,
        ask=event.ask,
        received_at_ms=now_ms,
        next_try_at_ms=now_ms,
    )
    return (await sql.execute(insert.on_conflict_do_nothing())).rowcount == 1


async def waiting(sql: AsyncConnection, now_ms: int, limit: int) -> list[tuple[str, WebhookEvent, int]]:
    """Return deliveries to apply, oldest first: provider, what was told, tries."""
    query = (
        sa.select(payment_inbox)
        .where(payment_inbox.c.next_try_at_ms <= now_ms)
        .order_by(payment_inbox.c.received_at_ms)
        .limit(limit)
    )
    return [
        (row.provider, WebhookEvent(row.id, _payment(row), row.ask), row.tries)
        for row in await sql.execute(query)
    ]


def _payment(row: Any) -> ProviderPayment:
    return ProviderPayment(row.payment, row.reference, PaymentState(row.state), None, row.fingerprint)


async def settle(
    sql: AsyncConnection, provider: str, event: str, next_try_at_ms: int | None, tries: int
) -> None:
    """Say when a delivery is tried again; None: it is applied, or nothing of ours."""
    await sql.execute(
        sa.update(payment_inbox)
        .where(payment_inbox.c.provider == provider, payment_inbox.c.id == event)
        .values(next_try_at_ms=next_try_at_ms, tries=tries)
    )


async def purge(sql: AsyncConnection, before_ms: int) -> None:
    """Forget applied deliveries received before `before_ms`."""
    await sql.execute(
        sa.delete(payment_inbox).where(
            payment_inbox.c.received_at_ms < before_ms, payment_inbox.c.next_try_at_ms.is_(None)
        )
    )
