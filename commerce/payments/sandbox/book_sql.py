"""The sandbox provider's book in SQL."""

import hashlib
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.payments.sandbox.messages import CreatePayment, KeptMeans, SandboxPayment
from commerce.payments.sandbox.rules import BookState, NoSuchMeans, NoSuchPayment, SandboxKeyReused
from commerce.payments.sandbox.tables_sql import (
    sandbox_answers,
    sandbox_means,
    sandbox_payments,
    sandbox_webhooks,
)


def as_answer(row: Any, page_url: str) -> SandboxPayment:
    """Return a row of the book as the API tells it; `page_url` is where the provider's pages are."""
    return SandboxPayment(
        id=row.id,
        reference=row.reference,
        state=row.state,
        amount_minor=row.amount_minor,
        captured_minor=row.captured_minor,
        refunded_minor=row.refunded_minor,
        currency=row.currency,
        description=row.description,
        seller_name=row.seller_name,
        return_url=row.return_url,
        pay_url=f"{page_url}/{row.id}",
        expires_at_ms=row.expires_at_ms,
        fingerprint=row.fingerprint,
        keeps=row.customer is not None,
        means=None if row.card is None else KeptMeans(row.means, f"TEST {row.card}"),
    )


async def payment_row(connection: AsyncConnection, payment: str, *, lock: bool = False) -> Any:
    """Return the payment's row; `payment` is the provider's id or the merchant's reference."""
    card = sa.select(sandbox_means.c.card).where(sandbox_means.c.token == sandbox_payments.c.means)
    query = sa.select(sandbox_payments, card.scalar_subquery().label("card")).where(
        sa.or_(sandbox_payments.c.id == payment, sandbox_payments.c.reference == payment)
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise NoSuchPayment
    return row


async def insert_payment(connection: AsyncConnection, new: CreatePayment, payment: str, now_ms: int) -> None:
    """Write a new, open payment."""
    await connection.execute(
        sa.insert(sandbox_payments).values(
            id=payment,
            reference=new.reference,
            state=BookState.OPEN,
            amount_minor=new.amount_minor,
            currency=new.currency,
            description=new.description,
            seller_name=new.seller_name,
            return_url=new.return_url,
            created_at_ms=now_ms,
            expires_at_ms=new.expires_at_ms,
            customer=new.customer,
        )
    )


async def keep_card(connection: AsyncConnection, customer: str, card: str, token: str, now_ms: int) -> str:
    """Keep a customer's card under `token`, unless it is kept already; returns its token."""
    query = sa.select(sandbox_means.c.token).where(
        sandbox_means.c.customer == customer, sandbox_means.c.card == card
    )
    kept: str | None = (await connection.execute(query)).scalar_one_or_none()
    if kept is not None:
        return kept
    values = {"token": token, "customer": customer, "card": card, "created_at_ms": now_ms}
    await connection.execute(sa.insert(sandbox_means).values(**values))
    return token


async def kept_card(connection: AsyncConnection, token: str) -> str:
    """Return the card of a token; raises NoSuchMeans."""
    query = sa.select(sandbox_means.c.card).where(sandbox_means.c.token == token)
    card: str | None = (await connection.execute(query)).scalar_one_or_none()
    if card is None:
        raise NoSuchMeans
    return card


async def forget_card(connection: AsyncConnection, token: str) -> None:
    """Forget a card; harmless when it is not there."""
    await connection.execute(sa.delete(sandbox_means).where(sandbox_means.c.token == token))


async def change_payment(connection: AsyncConnection, payment: str, **values: object) -> None:
    """Change columns of one payment."""
    await connection.execute(
        sa.update(sandbox_payments).where(sandbox_payments.c.id == payment).values(**values)
    )


def call_hash(what: str, body: object) -> str:
    """Return what tells one call from another: the verb, the payment and the body."""
    return hashlib.sha256(what.encode() + b"\n" + msgspec.json.encode(body, order="sorted")).hexdigest()


async def stored_answer(connection: AsyncConnection, key: str, digest: str) -> SandboxPayment | None:
    """Return what the call with this key was answered, None when it is new."""
    query = sa.select(sandbox_answers).where(sandbox_answers.c.key == key)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    if row.call_hash != digest:
        raise SandboxKeyReused
    return msgspec.json.decode(row.answer, type=SandboxPayment)


async def store_answer(
    connection: AsyncConnection, key: str, digest: str, answer: SandboxPayment, now_ms: int
) -> None:
    """Remember an answer beside its effect, in the same transaction."""
    await connection.execute(
        sa.insert(sandbox_answers).values(
            key=key,
            call_hash=digest,
            status=200,
            answer=msgspec.json.encode(answer).decode(),
            created_at_ms=now_ms,
        )
    )


async def insert_webhook(
    connection: AsyncConnection,
    webhook: str,
    payment: str,
    body: bytes,
    *,
    deliveries: int,
    due_at_ms: int,
    now_ms: int,
) -> None:
    """Write a delivery that is due at `due_at_ms`, to be made `deliveries` times."""
    await connection.execute(
        sa.insert(sandbox_webhooks).values(
            id=webhook,
            payment=payment,
            body=body.decode(),
            deliveries_left=deliveries,
            next_try_at_ms=due_at_ms,
            created_at_ms=now_ms,
        )
    )


async def due_webhooks(connection: AsyncConnection, now_ms: int, limit: int) -> list[str]:
    """Return the ids of deliveries that are due, oldest first."""
    query = (
        sa.select(sandbox_webhooks.c.id)
        .where(sandbox_webhooks.c.next_try_at_ms <= now_ms)
        .order_by(sandbox_webhooks.c.next_try_at_ms)
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


async def webhook_row(connection: AsyncConnection, webhook: str) -> Any | None:
    """Return one delivery, None when there is none."""
    query = sa.select(sandbox_webhooks).where(sandbox_webhooks.c.id == webhook)
    return (await connection.execute(query)).first()


async def change_webhook(connection: AsyncConnection, webhook: str, **values: object) -> None:
    """Change columns of one delivery."""
    await connection.execute(
        sa.update(sandbox_webhooks).where(sandbox_webhooks.c.id == webhook).values(**values)
    )


async def purge(connection: AsyncConnection, before_ms: int) -> None:
    """Forget answers and finished deliveries from before `before_ms`."""
    await connection.execute(sa.delete(sandbox_answers).where(sandbox_answers.c.created_at_ms < before_ms))
    await connection.execute(
        sa.delete(sandbox_webhooks).where(
            sandbox_webhooks.c.created_at_ms < before_ms, sandbox_webhooks.c.next_try_at_ms.is_(None)
        )
    )
