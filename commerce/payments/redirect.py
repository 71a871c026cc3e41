"""Providers that know no authorisation: the buyer is sent away, pays, and the money is taken at once.

`RedirectGateway` is what one of them has to offer; `RedirectProvider` makes a `PaymentProvider` of it: pay,
commit, else refund. There are Alipay (`alipay_client.py`) and WeChat Pay (`wechat_pay_client.py`).

A gateway knows a trade perhaps only from when the buyer arrives on its page. So `look` may answer None for a
page that can still be paid; it is given up only when the page's own time is over (`orders/settlement.py`).
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from commerce.payments.provider import (
    Flow,
    NewPayment,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from commerce.payments.states import PaymentState


class TradeState(Enum):
    """What has become of a trade there."""

    WAITING = auto()
    PAID = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade as the gateway sees it. `fingerprint` stands for the buyer's account there.

    `amount_minor` is there when it is paid; before that a gateway may not say.
    """

    state: TradeState
    amount_minor: int | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A genuine notification: `id` is the same for each repeat, `payment` is ours."""

    id: str
    payment: str


class RedirectGateway(Protocol):
    """What a provider without authorisations offers. All calls raise ProviderUnavailable, ProviderRefused."""

    @property
    def name(self) -> str:
        """The order's `method`."""

    @property
    def currencies(self) -> frozenset[str] | None:
        """The currencies it takes, None for any."""

    @property
    def acknowledgement(self) -> bytes | None:
        """What it wants to read as the answer to a notification."""

    async def page(self, payment: NewPayment) -> str:
        """Return where the buyer pays until `expires_at_ms`; a repeat makes no second trade."""

    async def look(self, payment: str) -> Trade | None:
        """Return the trade of our payment; None while there is none."""

    async def end(self, payment: str) -> None:
        """Let nobody pay it any more; refused when it is paid or there is no trade."""

    async def give_back(self, payment: str, refund: str, amount_minor: int) -> None:
        """Give back a part or all, once for each `refund`."""

    def read(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Notice:
        """Verify and read a notification; raises BadSignature, also when it is too old."""

    async def close(self) -> None:
        """Close the connections."""


_STATES = {
    TradeState.WAITING: PaymentState.PENDING,
    TradeState.PAID: PaymentState.CAPTURED,
    TradeState.CLOSED: PaymentState.VOIDED,
}


class RedirectProvider:
    """A `PaymentProvider` whose money is taken at once. Its reference is our own payment's id."""

    flow = Flow.IMMEDIATE
    look_every_ms = 5_000
    needs_instructions = False

    def __init__(self, gateway: RedirectGateway) -> None:
        self.gateway = gateway
        self.name = gateway.name
        self.currencies = gateway.currencies
        self.acknowledgement = gateway.acknowledgement

    async def create(self, payment: NewPayment) -> ProviderPayment:
        """Return the page."""
        url = await self.gateway.page(payment)
        return ProviderPayment(payment.payment, payment.payment, PaymentState.PENDING, url)

    async def renew(self, payment: NewPayment) -> ProviderPayment:
        """Return a page that works now: an address may live shorter than its trade."""
        return await self.create(payment)

    async def capture(self, payment: str, reference: str) -> ProviderPayment:
        """Say whether the money was taken: there is nothing else to do."""
        told = await self.status(payment, reference)
        if told is None or told.state is not PaymentState.CAPTURED:
            raise ProviderRefused("not_paid", None if told is None else told.state)
        return told

    async def void(self, payment: str, reference: str) -> ProviderPayment:
        """Let nobody pay it any more; a trade that is paid stays so and is told."""
        told = await self.status(payment, reference)
        if told is not None and told.state is PaymentState.PENDING:
            with contextlib.suppress(ProviderRefused):  # paid, or ended, in this moment
                await self.gateway.end(payment)
            told = await self.status(payment, reference)
        if told is None:
            return ProviderPayment(payment, reference, PaymentState.VOIDED)
        if told.state is PaymentState.PENDING:
            raise ProviderUnavailable(f"{self.name} does not close a trade now")
        return told

    async def refund(self, payment: str, reference: str, refund: str, amount_minor: int) -> ProviderPayment:
        """Give back `amount_minor` of it; `refund` is the key, so that each part counts once."""
        await self.gateway.give_back(payment, refund, amount_minor)
        return ProviderPayment(payment, reference, PaymentState.CAPTURED)

    async def status(self, payment: str, reference: str | None) -> ProviderPayment | None:
        """Ask how it stands; None while there is no trade."""
        trade = await self.gateway.look(payment)
        if trade is None:
            return None
        amount_minor = trade.amount_minor if trade.state is TradeState.PAID else None
        return ProviderPayment(
            payment, reference or payment, _STATES[trade.state], None, trade.fingerprint, amount_minor
        )

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> WebhookEvent:
        """Verify a notification; what is true is asked."""
        notice = self.gateway.read(headers, body, now_ms)
        hint = ProviderPayment(notice.payment, notice.payment, PaymentState.PENDING)
        return WebhookEvent(notice.id, hint, ask=True)

    async def close(self) -> None:
        """Close the connections."""
        await self.gateway.close()
