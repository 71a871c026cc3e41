"""What the doors of outgoing webhooks take and answer."""

import msgspec

from commerce.webhooks.events import EventType


class Webhook(msgspec.Struct, frozen=True):
    """An endpoint. `off_reason` is "gone" or "failing" when it was switched off by itself.

    `failing_since_ms` None: the last delivery was taken. `old_secret_until_ms` is until when the secret
    before the last rotation signs too. `waiting` and `failed` count deliveries of the last 30 days.
    """

    id: str
    url: str
    description: str
    types: tuple[EventType, ...]
    enabled: bool
    off_reason: str | None
    failing_since_ms: int | None
    old_secret_until_ms: int | None
    created_at_ms: int
    waiting: int
    failed: int


class WebhookList(msgspec.Struct, frozen=True):
    """A shop's endpoints, oldest first; `limit` is how many it can have, `types` what can be asked for."""

    webhooks: tuple[Webhook, ...]
    limit: int
    types: tuple[EventType, ...]


class WebhookRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new endpoint: where to, and the kinds of events wanted."""

    url: str
    types: tuple[EventType, ...]
    description: str = ""


class WebhookChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of an endpoint; None leaves it. Switching on sends what waited meanwhile."""

    url: str | None = None
    types: tuple[EventType, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


class WebhookSecret(msgspec.Struct, frozen=True):
    """An endpoint and its secret, which is told here and never again."""

    webhook: Webhook
    secret: str


class Delivery(msgspec.Struct, frozen=True):
    """One event on its way to one endpoint. `event` is the `webhook-id` of all its tries.

    `state` is waiting, delivered or failed (given up). `status` is the last answer's; None: there was none,
    and `trouble` says why once it was tried.
    """

    id: str
    event: str
    type: EventType
    state: str
    tries: int
    created_at_ms: int
    tried_at_ms: int | None
    next_try_at_ms: int | None
    took_ms: int | None
    status: int | None
    trouble: str | None


class DeliveryDetail(msgspec.Struct, frozen=True):
    """A delivery with the body as it is sent, and the first 2 kB of the last answer."""

    delivery: Delivery
    body: str
    answer: str


class DeliveryList(msgspec.Struct, frozen=True):
    """Deliveries, newest first. `next` is the cursor of the following page, None on the last."""

    deliveries: tuple[Delivery, ...]
    next: str | None = None


class SentAgain(msgspec.Struct, frozen=True):
    """How many deliveries begin anew."""

    count: int
