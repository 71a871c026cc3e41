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
    fail. `card` is any text: payments with the same one have the same fingerprint, None has none. A card
    whose text begins with "once" can be kept like any other, but is declined when it is charged again.
    """

    action: Action
    webhook: WebhookMode = "normal"
    capture: CaptureMode = "normal"
    card: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class CreatePayment(msgspec.Struct, forbid_unknown_fields=True):
    """Register a payment. `reference` is the merchant's id; `test` acts at once, without the page.

    `customer` asks to keep the card when the payment is approved; `means` is the token of one that was
    kept, and charges it at once.
    """

    reference: str
    amount_minor: int
    currency: str
    description: str
    seller_name: str
    return_url: str
    expires_at_ms: int
    test: Act | None = None
    customer: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    means: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class RefundPayment(msgspec.Struct, forbid_unknown_fields=True):
    """Give back a part or all of what was captured."""

    amount_minor: int


class KeptMeans(msgspec.Struct):
    """A card that was kept."""

    token: str
    label: str


class SandboxPayment(msgspec.Struct):
    """A payment in the provider's book. `state` is one of `rules.BookState`.

    `keeps` says that an approval keeps the card, `means` is the card that was kept or charged.
    """

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
    keeps: bool = False
    means: KeptMeans | None = None


class ActAnswer(msgspec.Struct):
    """Where the buyer's browser goes next."""

    return_url: str
    state: str


class WebhookBody(msgspec.Struct):
    """The body of a delivery."""

    type: Literal["payment.updated"]
    payment: SandboxPayment
