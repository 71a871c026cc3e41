"""The payment providers' doors: webhooks, and the sandbox provider's own API.

The sandbox's paths are whole (`/api/sandbox/…`), the webhooks' under /api/v1 like all others. While the
sandbox is off its doors know no payment.
"""

from typing import Protocol

from commerce.errors import InvalidField, NoSuchShop
from commerce.payments.methods import (
    PaymentMethodList,
    PaymentMethods,
    PaymentSettingList,
    PaymentSettingRequest,
)
from commerce.payments.refusals import BadWebhook, NoSuchProvider
from commerce.payments.sandbox.routes import SANDBOX_ROUTES
from commerce.payments.webhooks import WebhookInbox
from commerce.routing import Call, Reply, Route


class Payments(Protocol):
    """What this door needs of payments."""

    @property
    def inbox(self) -> WebhookInbox:
        """Where deliveries go."""

    @property
    def methods(self) -> PaymentMethods:
        """The shops' ways to be paid."""


class Services(Protocol):
    """The assembled services, as far as this door sees them."""

    @property
    def payments(self) -> Payments:
        """Payments."""


async def receive_webhook(services: Services, call: Call) -> Reply | None:
    """Store a delivery; it is applied after the answer."""
    text = await services.payments.inbox.receive(call.path["provider"], call.headers, call.body)
    return None if text is None else Reply(text, 200, content_type="text/plain")


async def list_methods(services: Services, call: Call) -> PaymentMethodList:
    """Show how a shop's buyers can pay."""
    return await services.payments.methods.offered(call.path["shop"])


async def list_settings(services: Services, call: Call) -> PaymentSettingList:
    """Show all ways to pay with what the shop has decided."""
    return await services.payments.methods.settings(call.path["shop"])


async def put_setting(services: Services, call: Call) -> PaymentSettingList:
    """Offer a way to pay or not, and say how to pay by hand."""
    wanted: PaymentSettingRequest = call.body
    return await services.payments.methods.put(call.path["shop"], call.path["method"], wanted)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/payments/{provider}/webhook",
        receive_webhook,
        request=bytes,
        errors=(BadWebhook, NoSuchProvider),
        summary="Webhooks of a payment provider",
        max_body_bytes=262144,
    ),
    Route("GET", "/shops/{shop}/payment-methods", list_methods, None, PaymentMethodList, (NoSuchShop,),
          summary="How a shop's buyers can pay"),
    Route("GET", "/shops/{shop}/payment-settings", list_settings, None, PaymentSettingList, (NoSuchShop,),
          role="host", summary="Every way to pay, and what the shop has decided about it"),
    Route("PUT", "/shops/{shop}/payment-settings/{method}", put_setting, PaymentSettingRequest,
          PaymentSettingList, (NoSuchShop, NoSuchProvider, InvalidField), role="host",
          summary="Offer a way to pay or not; the instructions are shown to who pays by hand"),
    *SANDBOX_ROUTES,
)  # fmt: skip
