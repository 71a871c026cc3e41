"""The payment providers' doors: webhooks, and the sandbox provider's own API.

The sandbox's paths are whole (`/api/sandbox/…`), the webhooks' under /api/v1 like all others. While the
sandbox is off its doors know no payment.
"""

from typing import Protocol

from commerce.payments.sandbox.routes import SANDBOX_ROUTES
from commerce.payments.webhooks import BadWebhook, NoSuchProvider, WebhookInbox
from commerce.routing import Call, Route


class Payments(Protocol):
    """What this door needs of payments."""

    @property
    def inbox(self) -> WebhookInbox:
        """Where deliveries go."""


class Services(Protocol):
    """The assembled services, as far as this door sees them."""

    @property
    def payments(self) -> Payments:
        """Payments."""


async def receive_webhook(services: Services, call: Call) -> None:
    """Store a delivery; it is applied after the answer."""
    await services.payments.inbox.receive(call.path["provider"], call.headers, call.body)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/payments/{provider}/webhook",
        receive_webhook,
        request=bytes,
        errors=(BadWebhook, NoSuchProvider),
        summary="Webhooks of a payment provider",
        max_body_bytes=32768,
    ),
    *SANDBOX_ROUTES,
)
