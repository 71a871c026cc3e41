"""The doors of outgoing webhooks: an owner's matter, since a secret is handed out there."""

from commerce.errors import (
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchShop,
    TooManyOperations,
)
from commerce.language import preferred_language
from commerce.routing import Call, Route
from commerce.services import CommerceServices
from commerce.webhooks.refusals import (
    BadWebhookUrl,
    NoSuchDelivery,
    NoSuchWebhook,
    TooManyWebhooks,
    WebhookOff,
)
from commerce.webhooks.structs import (
    Delivery,
    DeliveryDetail,
    DeliveryList,
    SentAgain,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookRequest,
    WebhookSecret,
)


async def list_webhooks(services: CommerceServices, call: Call) -> WebhookList:
    """List a shop's webhooks."""
    return await services.webhooks.endpoints.list(call.path["shop"])


async def create_webhook(services: CommerceServices, call: Call) -> WebhookSecret:
    """Make a webhook; the answer alone tells its secret."""
    assert call.identity is not None
    request: WebhookRequest = call.body
    language = preferred_language(call.headers.get("accept-language", ""))
    return await services.webhooks.endpoints.create(
        call.path["shop"], call.identity.person, request, language, call.operation_key
    )


async def get_webhook(services: CommerceServices, call: Call) -> Webhook:
    """Show a webhook."""
    return await services.webhooks.endpoints.get(call.path["shop"], call.path["webhook"])


async def change_webhook(services: CommerceServices, call: Call) -> Webhook:
    """Change a webhook, or switch it on or off."""
    change: WebhookChange = call.body
    return await services.webhooks.endpoints.change(call.path["shop"], call.path["webhook"], change)


async def remove_webhook(services: CommerceServices, call: Call) -> None:
    """Remove a webhook."""
    await services.webhooks.endpoints.remove(call.path["shop"], call.path["webhook"])


async def rotate_secret(services: CommerceServices, call: Call) -> WebhookSecret:
    """Make a new secret; the old one signs too for 24 hours."""
    assert call.identity is not None
    return await services.webhooks.endpoints.rotate(
        call.path["shop"], call.path["webhook"], call.identity.person, call.operation_key
    )


async def send_test(services: CommerceServices, call: Call) -> Delivery:
    """Send a test event to this webhook; how it ends is seen in its delivery."""
    assert call.identity is not None
    shop, webhook = call.path["shop"], call.path["webhook"]
    delivery = await services.webhooks.endpoints.test(shop, webhook, call.identity.person, call.operation_key)
    return (await services.webhooks.history.detail(shop, webhook, delivery)).delivery


async def list_deliveries(services: CommerceServices, call: Call) -> DeliveryList:
    """List what was sent to a webhook in the last 30 days."""
    return await services.webhooks.history.page(
        call.path["shop"], call.path["webhook"], call.query.get("cursor")
    )


async def get_delivery(services: CommerceServices, call: Call) -> DeliveryDetail:
    """Show a delivery with its body and the last answer."""
    return await services.webhooks.history.detail(
        call.path["shop"], call.path["webhook"], call.path["delivery"]
    )


async def send_again(services: CommerceServices, call: Call) -> Delivery:
    """Send a delivery again from its first try."""
    assert call.identity is not None
    return await services.webhooks.history.again(
        call.path["shop"],
        call.path["webhook"],
        call.path["delivery"],
        call.identity.person,
        call.operation_key,
    )


async def send_failed_again(services: CommerceServices, call: Call) -> SentAgain:
    """Send everything again that was given up."""
    assert call.identity is not None
    return await services.webhooks.history.failed_again(
        call.path["shop"], call.path["webhook"], call.identity.person, call.operation_key
    )


_ALL = "/shops/{shop}/webhooks"
_ONE = _ALL + "/{webhook}"
_DELIVERIES = _ONE + "/deliveries"
_KEYED = (KeyMissing, IdempotencyConflict, TooManyOperations)

ROUTES: tuple[Route, ...] = (
    Route("GET", _ALL, list_webhooks, None, WebhookList, (), "owner", summary="List webhooks"),
    Route(
        "POST", _ALL, create_webhook, WebhookRequest, WebhookSecret,
        (BadWebhookUrl, InvalidField, TooManyWebhooks, NoSuchShop, *_KEYED), "owner", 201, "Make a webhook",
    ),
    Route("GET", _ONE, get_webhook, None, Webhook, (NoSuchWebhook,), "owner", summary="Show a webhook"),
    Route(
        "PATCH", _ONE, change_webhook, WebhookChange, Webhook, (NoSuchWebhook, BadWebhookUrl, InvalidField),
        "owner", summary="Change a webhook",
    ),
    Route(
        "DELETE", _ONE, remove_webhook, None, None, (NoSuchWebhook,), "owner", 204, "Remove a webhook"
    ),
    Route(
        "POST", _ONE + "/secret", rotate_secret, None, WebhookSecret, (NoSuchWebhook, *_KEYED), "owner",
        summary="Make a new secret of a webhook",
    ),
    Route(
        "POST", _ONE + "/test", send_test, None, Delivery,
        (NoSuchWebhook, NoSuchDelivery, WebhookOff, *_KEYED), "owner", 201, "Send a test event to a webhook",
    ),
    Route(
        "GET", _DELIVERIES, list_deliveries, None, DeliveryList, (NoSuchWebhook, InvalidField), "owner",
        summary="List what was sent to a webhook", query=(("cursor", "`next` of the page before"),),
    ),
    Route(
        "GET", _DELIVERIES + "/{delivery}", get_delivery, None, DeliveryDetail,
        (NoSuchWebhook, NoSuchDelivery), "owner", summary="Show what was sent and answered",
    ),
    Route(
        "POST", _DELIVERIES + "/{delivery}/again", send_again, None, Delivery,
        (NoSuchWebhook, NoSuchDelivery, WebhookOff, *_KEYED), "owner", summary="Send it again",
    ),
    Route(
        "POST", _ONE + "/failed/again", send_failed_again, None, SentAgain,
        (NoSuchWebhook, WebhookOff, *_KEYED), "owner", summary="Send everything again that was given up",
    ),
)  # fmt: skip
