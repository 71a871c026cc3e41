"""A shop's endpoints: made, changed, rotated, removed, tried out."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from commerce import text
from commerce.errors import InvalidField, NoSuchShop
from commerce.keys_crypto import Keys
from commerce.language import Language
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock
from commerce.shops import staff_sql
from commerce.webhooks import deliveries_sql, endpoints_sql, signing
from commerce.webhooks.events import CHOICES, EventType, TrialData
from commerce.webhooks.once_sql import once
from commerce.webhooks.outgoing_sql import start_sending, write_event
from commerce.webhooks.post_client import WebhookPost
from commerce.webhooks.refusals import NoSuchWebhook, TooManyWebhooks, WebhookOff
from commerce.webhooks.schedule import DeliveryState
from commerce.webhooks.structs import Webhook, WebhookChange, WebhookList, WebhookRequest, WebhookSecret

MAX_PER_SHOP: Final = 10
DESCRIPTION_CHARS: Final = 200
CREATE: Final = "webhook.create"


class WebhookEndpoints:
    """What owners do with endpoints. Doors check roles before."""

    def __init__(self, outbox: Outbox, post: WebhookPost, keys: Keys, now_ms: Clock) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self.post = post
        self._keys = keys
        self._now_ms = now_ms

    async def list(self, shop: str) -> WebhookList:
        """Return a shop's endpoints, oldest first."""
        async with self._database.read() as sql:
            rows = await endpoints_sql.of_shop(sql, shop)
            counts = await deliveries_sql.counts(sql, shop)
        return WebhookList(tuple(self._view(row, counts) for row in rows), MAX_PER_SHOP, CHOICES)

    async def get(self, shop: str, webhook: str) -> Webhook:
        """Return one endpoint; raises NoSuchWebhook."""
        async with self._database.read() as sql:
            row = _of(shop, webhook, await endpoints_sql.row(sql, webhook))
            return self._view(row, await deliveries_sql.counts(sql, shop))

    async def create(
        self, shop: str, person: str, request: WebhookRequest, language: Language, key: str | None
    ) -> WebhookSecret:
        """Make an endpoint, once per (person, key); its secret is told here alone.

        Raises BadWebhookUrl, InvalidField, TooManyWebhooks {limit}, NoSuchShop, KeyMissing,
        IdempotencyConflict, TooManyOperations.
        """
        url = (await self.post.check(request.url)).url
        values = {
            "url": url,
            "types": _types(request.types),
            "description": text.line(request.description, "description", DESCRIPTION_CHARS, min_chars=0),
        }

        async def effect(unit: Unit) -> str:
            if not await staff_sql.lock_shop(unit.sql, shop):
                raise NoSuchShop(shop=shop)
            if len(await endpoints_sql.of_shop(unit.sql, shop)) >= MAX_PER_SHOP:
                raise TooManyWebhooks(limit=MAX_PER_SHOP)
            webhook, now_ms = unit.new_id("we"), unit.now_ms()
            secrets = signing.rotated(self._keys, webhook, "[]", now_ms)
            row = {"id": webhook, "shop": shop, "secrets": secrets, "language": language}
            await endpoints_sql.insert(unit.sql, row | values | {"created_at_ms": now_ms})
            return webhook

        webhook = await once(self._outbox, person, CREATE, key, [shop, request], effect)
        return await self._with_secret(shop, webhook)

    async def change(self, shop: str, webhook: str, change: WebhookChange) -> Webhook:
        """Change an endpoint; raises NoSuchWebhook, BadWebhookUrl, InvalidField.

        Switched on again it counts as working, and what waited is sent.
        """
        values: dict[str, Any] = {}
        if change.url is not None:
            values["url"] = (await self.post.check(change.url)).url
        if change.types is not None:
            values["types"] = _types(change.types)
        if change.description is not None:
            values["description"] = text.line(
                change.description, "description", DESCRIPTION_CHARS, min_chars=0
            )
        async with self._outbox.write() as unit:
            row = await self._locked(unit, shop, webhook)
            if change.enabled is not None and change.enabled != row.enabled:
                values |= {"enabled": change.enabled, "off_reason": None, "failing_since_ms": None}
            await endpoints_sql.change(unit.sql, webhook, values)
            changed = await self._locked(unit, shop, webhook)
            if changed.enabled:
                await start_sending(unit, [changed])
        return await self.get(shop, webhook)

    async def remove(self, shop: str, webhook: str) -> None:
        """Remove an endpoint with its deliveries; raises NoSuchWebhook."""
        async with self._outbox.write() as unit:
            await self._locked(unit, shop, webhook)
            await endpoints_sql.remove(unit.sql, webhook)

    async def rotate(self, shop: str, webhook: str, person: str, key: str | None) -> WebhookSecret:
        """Make a new secret, once per (person, key); the old one signs too for 24 h. Raises NoSuchWebhook."""

        async def effect(unit: Unit) -> str:
            row = await self._locked(unit, shop, webhook)
            secrets = signing.rotated(self._keys, webhook, row.secrets, unit.now_ms())
            await endpoints_sql.change(unit.sql, webhook, {"secrets": secrets})
            return webhook

        await once(self._outbox, person, f"webhook.rotate:{webhook}", key, webhook, effect)
        return await self._with_secret(shop, webhook)

    async def test(self, shop: str, webhook: str, person: str, key: str | None) -> str:
        """Send a test event to this endpoint, once per (person, key); returns the delivery's id.

        Raises NoSuchWebhook, WebhookOff.
        """

        async def effect(unit: Unit) -> str:
            row = await self._locked(unit, shop, webhook)
            if not row.enabled:
                raise WebhookOff
            data = TrialData("This is a test. Nothing was sold.")
            event = await write_event(unit, shop, EventType.TEST, data, [row])
            assert event is not None
            delivery = await deliveries_sql.of_event(unit.sql, event, webhook)
            assert delivery is not None
            return delivery

        return await once(self._outbox, person, f"webhook.test:{webhook}", key, webhook, effect)

    async def _locked(self, unit: Unit, shop: str, webhook: str) -> Any:
        return _of(shop, webhook, await endpoints_sql.row(unit.sql, webhook, lock=True))

    async def _with_secret(self, shop: str, webhook: str) -> WebhookSecret:
        async with self._database.read() as sql:
            row = _of(shop, webhook, await endpoints_sql.row(sql, webhook))
        secret = signing.shown(self._keys, webhook, row.secrets)
        assert secret is not None  # it was sealed a moment ago
        return WebhookSecret(await self.get(shop, webhook), secret)

    def _view(self, row: Any, counts: dict[tuple[str, str], int]) -> Webhook:
        return Webhook(
            id=row.id,
            url=row.url,
            description=row.description,
            types=tuple(msgspec.json.decode(row.types, type=list[EventType])),
            enabled=row.enabled,
            off_reason=row.off_reason,
            failing_since_ms=row.failing_since_ms,
            old_secret_until_ms=signing.old_until_ms(row.secrets, self._now_ms()),
            created_at_ms=row.created_at_ms,
            waiting=counts.get((row.id, DeliveryState.WAITING.value), 0),
            failed=counts.get((row.id, DeliveryState.FAILED.value), 0),
        )


def _of(shop: str, webhook: str, row: Any | None) -> Any:
    """Return a row of this shop's; raises NoSuchWebhook for none and for another shop's."""
    if row is None or row.shop != shop:
        raise NoSuchWebhook(webhook=webhook)
    return row


def _types(types: Sequence[EventType]) -> str:
    """Return the column for the types wanted, in the table's order; raises InvalidField."""
    wanted = [one.value for one in CHOICES if one in types]
    if not wanted or len(wanted) != len(set(types)):
        raise InvalidField("Name at least one kind of event that can be asked for.", field="types")
    return msgspec.json.encode(wanted).decode()
