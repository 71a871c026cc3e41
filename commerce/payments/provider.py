"""The surface a payment provider plugs into.

A provider is registered by name (the order's `method`). Commerce never sees card data: `create`
returns a page of the provider's to which the buyer's browser is sent. What happens to the money is
the provider's `flow`; the process (`orders/steps.py`) goes by the states a provider tells:

    authorise   pending -> authorised, captured after the stock is committed: a lost race is a void
    immediate   pending -> captured at once: a lost race is a refund
    manual      promised at once: the stock is committed, the host says when the money has come

Every writing call carries an idempotency key: a repeat with the same key after a lost answer must
have no second effect and give the same answer. Commerce uses the payment's id (and the verb).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from commerce.payments.states import PaymentState


class ProviderError(Exception):
    """The provider did not do what was asked."""


class ProviderUnavailable(ProviderError):  # noqa: N818 - named for what happened
    """No usable answer came: it may or may not have happened. Ask again with the same key."""


class ProviderRefused(ProviderError):  # noqa: N818 - named for what happened
    """The provider understood and said no; a repeat would be refused again.

    `code` is the provider's word for the reason, `state` the payment's state there, None if unknown.
    """

    def __init__(self, code: str, state: PaymentState | None = None) -> None:
        super().__init__(f"the provider refused: {code}")
        self.code = code
        self.state = state


class BadSignature(ProviderError):  # noqa: N818 - named for what happened
    """A webhook that is not from the provider, or too old."""


class Flow(StrEnum):
    """When money moves; the values are those of the API."""

    AUTHORISE = "authorise"
    """Set aside while the hold stands, taken after the stock is committed."""
    IMMEDIATE = "immediate"
    """Taken at once; given back when the order cannot have its units."""
    MANUAL = "manual"
    """Promised: the units are sold at once, the host says when the money has come."""


@dataclass(frozen=True, slots=True)
class Device:
    """The buyer's browser: whether it is a phone's, and its network address ("" when nobody knows)."""

    mobile: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a provider is told to collect.

    `payment` is our id and the idempotency key; `return_url` is where the buyer's browser goes
    afterwards; `expires_at_ms` is when the hold ends, after which nobody should be able to pay.
    `device` is the browser that will open the page.
    `customer` is set when the buyer asked to have the means of payment kept for next time: our name for
    them. Only providers that are `KeepsMeans` heed it.
    """

    payment: str
    order_number: str
    amount_minor: int
    currency: str
    description: str
    seller_name: str
    return_url: str
    expires_at_ms: int
    device: Device = Device()
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """A means of payment the provider keeps: its token there, and what to call it before its owner."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider sees it.

    `payment` is our id, `reference` the provider's. `pay_url` is its page, None when there is nothing
    for the buyer to do. `fingerprint` identifies the means of payment (a card) without telling it;
    None when the provider has none or nothing was paid yet. `amount_minor` is what was set aside or
    taken, None when the provider did not say: one that is not the order's is no payment of it. `means`
    is what it kept of an authorised payment that had a `customer`.
    """

    payment: str
    reference: str
    state: PaymentState
    pay_url: str | None = None
    fingerprint: str | None = None
    amount_minor: int | None = None
    means: Means | None = None


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A genuine webhook. `id` is the provider's and the same for each repeat of one delivery.

    With `ask` it only says that something has happened to `payment`: the provider is asked how it stands.
    That makes the order of deliveries unimportant. `payment` None is a delivery that is none of our business.
    """

    id: str
    payment: ProviderPayment | None
    ask: bool = False


class PaymentProvider(Protocol):
    """One way to pay. All calls raise `ProviderUnavailable` or `ProviderRefused`."""

    @property
    def name(self) -> str:
        """The order's `method`, and the provider's part of the webhook path."""

    @property
    def flow(self) -> Flow:
        """When its money moves."""

    @property
    def currencies(self) -> frozenset[str] | None:
        """The currencies it takes, None for any."""

    @property
    def look_every_ms(self) -> int:
        """How often a buyer's waiting page may ask it; its webhooks tell sooner, and a worker asks, too."""

    @property
    def acknowledgement(self) -> bytes | None:
        """The text it wants as the answer to a webhook, None for none."""

    @property
    def needs_instructions(self) -> bool:
        """Whether nobody can pay without being told by the shop how: it is offered only with a text."""

    async def create(self, payment: NewPayment) -> ProviderPayment:
        """Register a payment; its `pay_url` is where the buyer's browser goes."""

    async def capture(self, payment: str, reference: str) -> ProviderPayment:
        """Take the authorised money, all of it. `ProviderRefused` when the authorisation is gone."""

    async def void(self, payment: str, reference: str) -> ProviderPayment:
        """Let go of an authorisation, or close a payment the buyer has not made yet."""

    async def refund(self, payment: str, reference: str, refund: str, amount_minor: int) -> ProviderPayment:
        """Give back `amount_minor` of captured money; `refund` is our id of it and the idempotency key."""

    async def status(self, payment: str, reference: str | None) -> ProviderPayment | None:
        """Ask how it stands. `reference` None asks by our id; None is returned when it is unknown."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> WebhookEvent:
        """Verify and read a delivery; raises `BadSignature` for anything that is not genuine."""


@runtime_checkable
class KeepsMeans(Protocol):
    """What a provider may offer beside: to keep a means of payment, and to charge it without its page."""

    async def charge(self, payment: NewPayment, token: str) -> ProviderPayment:
        """Register a payment and authorise it with a means that was kept; the same key, the same answer.

        The answer's `pay_url` is set where the buyer must confirm it on the provider's page after all.
        `ProviderRefused` when the means is gone or was declined.
        """

    async def forget(self, token: str) -> None:
        """Forget a means of payment; harmless when it is not there."""


@runtime_checkable
class RenewsPages(Protocol):
    """What a provider may offer beside: a page for a payment that is open already."""

    async def renew(self, payment: NewPayment) -> ProviderPayment:
        """Return a page that works now, for the same payment; nothing else is changed."""
