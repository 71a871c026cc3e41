"""The payment providers' door: webhooks."""

from typing import Protocol

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
)
