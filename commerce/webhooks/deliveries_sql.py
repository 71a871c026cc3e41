"""Deliveries in SQL: claimed by one sender, settled, sent again, listed, purged.

Lock order everywhere: the endpoint's row before its deliveries'.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.webhooks.schedule import DeliveryState
from commerce.webhooks.tables_sql import webhook_deliveries, webhook_endpoints, webhook_events

CLAIM_MS = 60_000
"""A claimed delivery is another sender's after this; longer than any try takes."""

_d, _e, _v = webhook_deliveries.c, webhook_endpoints.c, webhook_events.c
_VIEW = (webhook_deliveries, _v.type.label("type"))


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed delivery with what its sender needs. `claimed_until_ms` is the claim's own mark."""

    delivery: str
    event: str
    endpoint: str
    url: str
    secrets: str
    body: bytes
    tries: int
    claimed_until_ms: int


async def claim(sql: AsyncConnection, endpoint: str, now_ms: int) -> Due | None:
    """Take the longest waiting due delivery of an endpoint that is on; None when there is none."""
    query = (
        sa.select(_d.id, _d.event, _d.endpoint, _d.tries, _e.url, _e.secrets, _v.body)
        .join(webhook_endpoints, _e.id == _d.endpoint)
        .join(webhook_events, _v.id == _d.event)
        .where(_d.endpoint == endpoint, _d.next_try_at_ms <= now_ms, _e.enabled)
        .order_by(_d.next_try_at_ms, _d.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=webhook_deliveries)
    )
    found = (await sql.execute(query)).one_or_none()
    if found is None:
        return None
    until_ms = now_ms + CLAIM_MS
    claimed = sa.update(webhook_deliveries).where(_d.id == found.id)
    await sql.execute(claimed.values(next_try_at_ms=until_ms))
    return Due(
        delivery=found.id,
        event=found.event,
        endpoint=found.endpoint,
        url=found.url,
        secrets=found.secrets,
        body=found.body.encode(),
        tries=found.tries,
        claimed_until_ms=until_ms,
    )


async def endpoints_with_due(sql: AsyncConnection, now_ms: int, limit: int) -> list[tuple[str, bool, int]]:
    """Return (endpoint, whether it fails, how many are due): those that work first, then by waiting."""
    query = (
        sa.select(_d.endpoint, _e.failing_since_ms, sa.func.count().label("due"))
        .join(webhook_endpoints, _e.id == _d.endpoint)
        .where(_d.next_try_at_ms <= now_ms, _e.enabled)
        .group_by(_d.endpoint, _e.failing_since_ms)
        .order_by(_e.failing_since_ms.is_not(None), sa.func.min(_d.next_try_at_ms), _d.endpoint)
        .limit(limit)
    )
    return [(row.endpoint, row.failing_since_ms is not None, row.due) for row in await sql.execute(query)]


async def settle(
    sql: AsyncConnection, due: Due, state: DeliveryState, next_try_at_ms: int | None, **seen: object
) -> None:
    """Write down how a try ended. A failure changes nothing when the claim ran out meanwhile."""
    mine = sa.update(webhook_deliveries).where(_d.id == due.delivery)
    if state is not DeliveryState.DELIVERED:
        mine = mine.where(_d.next_try_at_ms == due.claimed_until_ms)
    await sql.execute(
        mine.values(state=state.value, next_try_at_ms=next_try_at_ms, tries=due.tries + 1, **seen)
    )


async def again(sql: AsyncConnection, delivery: str, now_ms: int) -> None:
    """Let a delivery begin from its first try."""
    values = {"state": DeliveryState.WAITING.value, "next_try_at_ms": now_ms, "tries": 0}
    await sql.execute(sa.update(webhook_deliveries).where(_d.id == delivery).values(values))


async def failed_again(sql: AsyncConnection, endpoint: str, now_ms: int) -> int:
    """Let every delivery that was given up begin from its first try; returns how many."""
    given_up = (_d.endpoint == endpoint, _d.state == DeliveryState.FAILED.value)
    values = {"state": DeliveryState.WAITING.value, "next_try_at_ms": now_ms, "tries": 0}
    return (await sql.execute(sa.update(webhook_deliveries).where(*given_up).values(values))).rowcount


async def row(sql: AsyncConnection, endpoint: str, delivery: str) -> Any | None:
    """Return one delivery of an endpoint with its event's `type` and `body`, or None."""
    query = (
        sa.select(*_VIEW, _v.body.label("body"))
        .join(webhook_events, _v.id == _d.event)
        .where(_d.id == delivery, _d.endpoint == endpoint)
    )
    return (await sql.execute(query)).one_or_none()


async def of_event(sql: AsyncConnection, event: str, endpoint: str) -> str | None:
    """Return an endpoint's delivery of an event, or None."""
    query = sa.select(_d.id).where(_d.event == event, _d.endpoint == endpoint)
    return (await sql.execute(query)).scalar_one_or_none()


async def page(sql: AsyncConnection, endpoint: str, before: tuple[int, str] | None, limit: int) -> list[Any]:
    """Return an endpoint's deliveries with their events' `type`, newest first, older than the cursor."""
    query = sa.select(*_VIEW).join(webhook_events, _v.id == _d.event).where(_d.endpoint == endpoint)
    if before is not None:
        query = query.where(sa.tuple_(_d.created_at_ms, _d.id) < sa.tuple_(*before))
    return list(await sql.execute(query.order_by(_d.created_at_ms.desc(), _d.id.desc()).limit(limit)))


async def counts(sql: AsyncConnection, shop: str) -> dict[tuple[str, str], int]:
    """Return how many deliveries of a shop's endpoints wait or were given up, by (endpoint, state)."""
    query = (
        sa.select(_d.endpoint, _d.state, sa.func.count().label("many"))
        .join(webhook_endpoints, _e.id == _d.endpoint)
        .where(_e.shop == shop, _d.state != DeliveryState.DELIVERED.value)
        .group_by(_d.endpoint, _d.state)
    )
    return {(row.endpoint, row.state): row.many for row in await sql.execute(query)}


async def purge(sql: AsyncConnection, before_ms: int) -> int:
    """Forget events made before `before_ms` and their deliveries; returns how many events."""
    old = sa.select(webhook_events.c.id).where(webhook_events.c.created_at_ms < before_ms)
    await sql.execute(sa.delete(webhook_deliveries).where(_d.event.in_(old)))
    return (await sql.execute(sa.delete(webhook_events).where(_v.created_at_ms < before_ms))).rowcount
