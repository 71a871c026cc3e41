"""What travels between commerce and the sandbox provider, as its API documents it."""

from typing import Annotated, Literal

import msgspec

Action = Literal["approve", "decline", "time_out"]
WebhookMode = Literal["normal", "late", "twice", "before_answer"]
CaptureMode = Literal["normal", "refuse"]


class Act(msgspec.Struct, forbid_unknown_fields=True):
    """What the buyer does on the provider's page, and how the provider shall behave.

    `webhook`: "late" sends it some seconds later, "twice" sends it two times, "before_answer" sends it
    and waits for the merchant before this call is answered. `capture` "refuse" lets the later capture
    fail. `card` is any text: payments with the same one have the same fingerprint, None has none.
    """

    action: Action
    webhook: WebhookMode = "normal"
    capture: CaptureMode = "normal"
    card: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class CreatePayment(msgspec.Struct, forbid_unknown_fields=True):
    """Register a payment. `reference` is the merchant's id; `test` acts at once, without the page."""

    reference: str
    amount_minor: int
    currency: str
    description: str
    seller_name: str
    return_url: str
    expires_at_ms: int
    test: Act | None = None


class RefundPayment(msgspec.Struct, forbid_unknown_fields=True):
    """Give back a part or all of what was captured."""

    amount_minor: int


class SandboxPayment(msgspec.Struct):
    """A payment in the provider's book. `state` is one of `rules.BookState`."""

    id: str
    reference: str
    state: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    description: str
    seller_name: str
    return_url: str
    pay_url: str
    expires_at_ms: int
    fingerprint: str | None
    test: bool = True


class ActAnswer(msgspec.Struct):
    """Where the buyer's browser goes next."""

    return_url: str
    state: str


class WebhookBody(msgspec.Struct):
    """The body of a delivery."""

    type: Literal["payment.updated"]
    payment: SandboxPayment
