"""The one way to tell a shop's webhooks what happened: `emit`, inside the change that made it happen.

    from commerce.webhooks import outgoing_sql as webhooks

    await webhooks.emit(unit, shop, EventType.SHOW_LIVE, ShowData(...))

The event and a delivery for each endpoint that wants it are written in the caller's transaction. An outbox
row starts the sending right after the commit; the deliveries themselves are what survives a crash, and the
worker carries on with them. A shop without endpoints costs one small read.
"""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from commerce.outbox_sql import Unit
from commerce.webhooks.events import EventData, EventType, encode_body
from commerce.webhooks.schedule import DeliveryState
from commerce.webhooks.tables_sql import webhook_deliveries, webhook_endpoints, webhook_events

log = logging.getLogger(__name__)

OUTBOX_KIND = "webhook"


async def emit(unit: Unit, shop: str, kind: EventType, data: EventData) -> str | None:
    """Tell a shop's endpoints; returns the event's id, None when none of them wants it.

    A body that cannot be sent is a fault of ours: it is logged, and the caller's change goes on.
    """
    # The lock keeps an endpoint from being removed under its new delivery.
    query = (
        sa.select(webhook_endpoints)
        .where(webhook_endpoints.c.shop == shop, webhook_endpoints.c.enabled)
        .with_for_update(read=True, key_share=True)
    )
    wanting = [
        row
        for row in await unit.sql.execute(query)
        if kind.value in msgspec.json.decode(row.types, type=list[str])
    ]
    return await write_event(unit, shop, kind, data, wanting) if wanting else None


async def write_event(
    unit: Unit, shop: str, kind: EventType, data: EventData, endpoints: Sequence[Any]
) -> str | None:
    """Write an event for these endpoints' rows, whatever they want; returns its id (see `emit`)."""
    event, now_ms = unit.new_id("ev"), unit.now_ms()
    try:
        body = encode_body(kind, shop, data, now_ms)
    except (TypeError, ValueError):
        log.exception("an event of shop %s is not sent", shop)
        return None
    await unit.sql.execute(
        sa.insert(webhook_events).values(
            id=event, shop=shop, type=kind.value, body=body.decode(), created_at_ms=now_ms
        )
    )
    rows = [
        {
            "id": unit.new_id("wd"),
            "event": event,
            "endpoint": endpoint.id,
            "state": DeliveryState.WAITING.value,
            "next_try_at_ms": now_ms,
            "created_at_ms": now_ms,
        }
        for endpoint in endpoints
    ]
    await unit.sql.execute(sa.insert(webhook_deliveries), rows)
    await start_sending(unit, endpoints)
    return event


async def start_sending(unit: Unit, endpoints: Sequence[Any]) -> None:
    """Have what waits for these endpoints' rows sent right after the commit.

    What fails already is left to the worker, which gives it less room.
    """
    healthy = [endpoint.id for endpoint in endpoints if endpoint.failing_since_ms is None]
    if healthy:
        await unit.add(OUTBOX_KIND, {"endpoints": healthy})
