"""Webhooks of all providers: checked, stored, answered, and only then applied."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from commerce.database_sql import Database
from commerce.errors import CommerceError
from commerce.payments import inbox_sql
from commerce.payments.after_answer import AfterAnswer
from commerce.payments.provider import (
    BadSignature,
    PaymentProvider,
    ProviderError,
    ProviderPayment,
    WebhookEvent,
)
from commerce.payments.refusals import BadWebhook, NoSuchProvider
from commerce.ports import Clock

log = logging.getLogger(__name__)

KEEP_MS: Final = 30 * 24 * 3600 * 1000
"""Applied deliveries are kept as evidence, and so that a late repeat is known."""
MAX_TRIES: Final = 12
_RESEND_AFTER_MS: Final = 3_000


class Settles(Protocol):
    """What applies a provider's word: `commerce.orders.settlement.Settlement`."""

    async def told(self, news: ProviderPayment) -> str | None:
        """Write it down; returns the order to advance."""

    async def asked(self, provider: str, hint: ProviderPayment) -> str | None:
        """Ask the provider how the payment stands and write that down; returns the order to advance."""

    @property
    def advance(self) -> Callable[[str], Awaitable[object]]:
        """Do what follows for an order."""


class WebhookInbox:
    """Receives deliveries and applies them, in any order and any number of times."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, PaymentProvider],
        settlement: Settles,
        background: AfterAnswer,
        now_ms: Clock,
    ) -> None:
        self._database = database
        self._providers = providers
        self._settlement = settlement
        self._background = background
        self._now_ms = now_ms

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> bytes | None:
        """Store a genuine delivery and start to apply it; raises BadWebhook and stores nothing else.

        Returns what the provider wants to read as an answer, None for nothing.
        """
        known = self._providers.get(provider)
        if known is None:
            raise NoSuchProvider
        try:
            event = known.parse_webhook(headers, body, self._now_ms())
        except BadSignature as error:
            log.warning("a webhook for %s was refused: %s", provider, error)
            raise BadWebhook from error
        if event.payment is None:
            return known.acknowledgement
        async with self._database.write() as sql:
            new = await inbox_sql.store(sql, provider, event, event.payment, self._now_ms())
        if new:
            self._background.start(self._apply(provider, event, 0))
        return known.acknowledgement

    async def apply_waiting(self, limit: int = 100) -> int:
        """Apply what was stored and not applied; the worker's job. Returns how many were tried."""
        overdue_ms = self._now_ms() - _RESEND_AFTER_MS
        async with self._database.read() as sql:
            found = await inbox_sql.waiting(sql, overdue_ms, limit)
        for provider, event, tries in found:
            try:
                await self._apply(provider, event, tries)
            except Exception:  # one that breaks must not hold up the others; it is in the log and comes again
                log.exception("webhook %s %s could not be applied", provider, event.id)
        return len(found)

    async def purge(self) -> None:
        """Forget old deliveries that are applied."""
        async with self._database.write() as sql:
            await inbox_sql.purge(sql, self._now_ms() - KEEP_MS)

    async def _apply(self, provider: str, event: WebhookEvent, tries: int) -> None:
        """Write the news down, mark the delivery as applied, then do what follows for the order.

        What follows has a mark of its own in the order (`next_step_at_ms`), so it survives a crash here.
        """
        again_at_ms: int | None = None
        order: str | None = None
        try:
            order = await self._heard(provider, event)
        except (ProviderError, CommerceError) as error:
            tries += 1
            again_at_ms = None if tries >= MAX_TRIES else self._now_ms() + (1_000 << tries)
            log.warning("webhook %s %s is tried again: %s", provider, event.id, error)
        async with self._database.write() as sql:
            await inbox_sql.settle(sql, provider, event.id, again_at_ms, tries)
        if order is not None:
            await self._settlement.advance(order)

    async def _heard(self, provider: str, event: WebhookEvent) -> str | None:
        if event.payment is None:
            return None
        if event.ask:
            return await self._settlement.asked(provider, event.payment)
        return await self._settlement.told(event.payment)
