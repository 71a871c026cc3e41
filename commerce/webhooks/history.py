"""What was sent to an endpoint and how it ended, and sending it again."""

from typing import Any, Final

from commerce.errors import InvalidField
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock
from commerce.webhooks import deliveries_sql, endpoints_sql
from commerce.webhooks.events import EventType
from commerce.webhooks.once_sql import once
from commerce.webhooks.outgoing_sql import start_sending
from commerce.webhooks.refusals import NoSuchDelivery, NoSuchWebhook, WebhookOff
from commerce.webhooks.schedule import KEEP_MS
from commerce.webhooks.structs import Delivery, DeliveryDetail, DeliveryList, SentAgain

PAGE: Final = 50


class WebhookHistory:
    """Deliveries as a shop's owner sees them. Doors check roles before."""

    def __init__(self, outbox: Outbox, now_ms: Clock) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._now_ms = now_ms

    async def page(self, shop: str, webhook: str, cursor: str | None) -> DeliveryList:
        """Return a page of deliveries, newest first; raises NoSuchWebhook, InvalidField for a bad cursor."""
        before = None if cursor is None else _cursor(cursor)
        async with self._database.read() as sql:
            _check(shop, webhook, await endpoints_sql.row(sql, webhook))
            rows = await deliveries_sql.page(sql, webhook, before, PAGE + 1)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = None if last is None else f"{last.created_at_ms}.{last.id}"
        return DeliveryList(tuple(_view(row) for row in rows[:PAGE]), following)

    async def detail(self, shop: str, webhook: str, delivery: str) -> DeliveryDetail:
        """Return one delivery with its body and the last answer; raises NoSuchWebhook, NoSuchDelivery."""
        async with self._database.read() as sql:
            _check(shop, webhook, await endpoints_sql.row(sql, webhook))
            row = await deliveries_sql.row(sql, webhook, delivery)
        if row is None:
            raise NoSuchDelivery(delivery=delivery)
        return DeliveryDetail(_view(row), row.body, row.answer)

    async def again(self, shop: str, webhook: str, delivery: str, person: str, key: str | None) -> Delivery:
        """Send a delivery again from its first try, once per (person, key), with the same event id.

        Raises NoSuchWebhook, NoSuchDelivery, WebhookOff.
        """

        async def effect(unit: Unit) -> str:
            row = await self._locked(unit, shop, webhook)
            if await deliveries_sql.row(unit.sql, webhook, delivery) is None:
                raise NoSuchDelivery(delivery=delivery)
            await deliveries_sql.again(unit.sql, delivery, unit.now_ms())
            await start_sending(unit, [row])
            return delivery

        operation = f"webhook.again:{webhook}"
        await once(self._outbox, person, operation, key, delivery, effect)
        return (await self.detail(shop, webhook, delivery)).delivery

    async def failed_again(self, shop: str, webhook: str, person: str, key: str | None) -> SentAgain:
        """Send everything again that was given up, once per (person, key). Raises as `again`."""

        async def effect(unit: Unit) -> str:
            row = await self._locked(unit, shop, webhook)
            count = await deliveries_sql.failed_again(unit.sql, webhook, unit.now_ms())
            await start_sending(unit, [row])
            return str(count)

        operation = f"webhook.failed:{webhook}"
        return SentAgain(int(await once(self._outbox, person, operation, key, webhook, effect)))

    async def purge(self) -> int:
        """Forget events and deliveries after 30 days; the worker's job. Returns how many events."""
        async with self._database.write() as sql:
            return await deliveries_sql.purge(sql, self._now_ms() - KEEP_MS)

    async def _locked(self, unit: Unit, shop: str, webhook: str) -> Any:
        row = await endpoints_sql.row(unit.sql, webhook, lock=True)
        _check(shop, webhook, row)
        assert row is not None
        if not row.enabled:
            raise WebhookOff
        return row


def _check(shop: str, webhook: str, row: Any | None) -> None:
    if row is None or row.shop != shop:
        raise NoSuchWebhook(webhook=webhook)


def _cursor(text: str) -> tuple[int, str]:
    at_ms, _, delivery = text.partition(".")
    if not (at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 16 and delivery.startswith("wd_")):
        raise InvalidField("The cursor is not one of ours.", field="cursor")
    return int(at_ms), delivery


def _view(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        event=row.event,
        type=EventType(row.type),
        state=row.state,
        tries=row.tries,
        created_at_ms=row.created_at_ms,
        tried_at_ms=row.tried_at_ms,
        next_try_at_ms=row.next_try_at_ms,
        took_ms=row.took_ms,
        status=row.status,
        trouble=row.trouble,
    )
