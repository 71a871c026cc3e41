"""What the doors of outgoing webhooks refuse.

CommerceError
├── Invalid
│   └── BadWebhookUrl      422 bad_webhook_url {field, reason}: see `UrlReason`
├── Missing
│   ├── NoSuchWebhook      404 no_such_webhook
│   └── NoSuchDelivery     404 no_such_delivery
└── Conflict
    ├── TooManyWebhooks    409 too_many_webhooks {limit}
    └── WebhookOff         409 webhook_off: nothing is sent to an endpoint that is switched off
"""

from enum import StrEnum

from commerce import errors


class UrlReason(StrEnum):
    """Why an address is refused. `not_public` does not tell whether the name exists inside."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    NOT_PUBLIC = "not_public"


class BadWebhookUrl(errors.Invalid):
    """The address cannot be sent to."""

    status = 422
    code = "bad_webhook_url"
    sentence = "Nothing can be sent to this address."

    def __init__(self, reason: UrlReason, sentence: str) -> None:
        super().__init__(sentence, field="url", reason=reason.value)
        self.reason = reason


class NoSuchWebhook(errors.Missing):
    """The shop has no such webhook."""

    status = 404
    code = "no_such_webhook"
    sentence = "The shop has no such webhook."


class NoSuchDelivery(errors.Missing):
    """The webhook has no such delivery."""

    status = 404
    code = "no_such_delivery"
    sentence = "The webhook has no such delivery; it may be older than 30 days."


class TooManyWebhooks(errors.Conflict):
    """A shop has ten webhooks at most."""

    code = "too_many_webhooks"
    sentence = "The shop has as many webhooks as it can have."


class WebhookOff(errors.Conflict):
    """The webhook is switched off."""

    code = "webhook_off"
    sentence = "The webhook is switched off; switch it on first."
