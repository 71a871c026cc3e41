"""Puts outgoing webhooks together."""

import random
from dataclasses import dataclass

from commerce.keys_crypto import Keys
from commerce.outbox_sql import Outbox
from commerce.ports import Clock
from commerce.settings import CommerceSettings
from commerce.webhooks.addresses import rules_for
from commerce.webhooks.endpoints import WebhookEndpoints
from commerce.webhooks.history import WebhookHistory
from commerce.webhooks.post_client import WebhookPost
from commerce.webhooks.sending import WebhookSending


@dataclass(slots=True)
class Webhooks:
    """Everything about outgoing webhooks; to tell of something, call `outgoing_sql.emit`."""

    endpoints: WebhookEndpoints
    history: WebhookHistory
    sending: WebhookSending

    def post_by(self, post: WebhookPost) -> None:
        """Send by another client: one with other rules, another resolver, other certificates."""
        self.endpoints.post = self.sending.post = post

    async def close(self) -> None:
        """Let running tries end."""
        await self.sending.close()


def open_webhooks(settings: CommerceSettings, outbox: Outbox, keys: Keys, now_ms: Clock) -> Webhooks:
    """Put them together by what the settings allow."""
    post = WebhookPost(rules_for(settings.public_url, settings.webhook_allow))
    return Webhooks(
        WebhookEndpoints(outbox, post, keys, now_ms),
        WebhookHistory(outbox, now_ms),
        WebhookSending(outbox, post, keys, now_ms, random.random, settings.public_url),
    )
