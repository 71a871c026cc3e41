# ruff: noqa: ARG002 - what a provider is asked, and nobody is here to tell
"""Paying by hand: a bank transfer, or cash at the door. Pure: there is nobody to ask.

The order is committed at once on the buyer's promise. The money comes later and past this program; the
host says that it has come (`orders/placed.py`), or that it will not.
"""

from collections.abc import Mapping

from commerce.payments.provider import (
    BadSignature,
    Flow,
    NewPayment,
    ProviderPayment,
    ProviderRefused,
    WebhookEvent,
)
from commerce.payments.states import PaymentState


class ManualProvider:
    """A `PaymentProvider` without a provider."""

    flow = Flow.MANUAL
    currencies: frozenset[str] | None = None
    acknowledgement: bytes | None = None
    look_every_ms = 60_000

    def __init__(self, name: str, *, needs_instructions: bool) -> None:
        self.name = name
        self.needs_instructions = needs_instructions

    async def create(self, payment: NewPayment) -> ProviderPayment:
        """Take the buyer's word."""
        return ProviderPayment(payment.payment, payment.payment, PaymentState.PROMISED)

    async def capture(self, payment: str, reference: str) -> ProviderPayment:
        """Refuse: only the host knows whether the money has come."""
        raise ProviderRefused("paid_by_hand", PaymentState.PROMISED)

    async def void(self, payment: str, reference: str) -> ProviderPayment:
        """Wait for it no more."""
        return ProviderPayment(payment, reference, PaymentState.VOIDED)

    async def refund(self, payment: str, reference: str, refund: str, amount_minor: int) -> ProviderPayment:
        """Note it: the host gives money back the way it came, past this program."""
        return ProviderPayment(payment, reference, PaymentState.CAPTURED)

    async def status(self, payment: str, reference: str | None) -> ProviderPayment | None:
        """Know nothing."""
        return None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> WebhookEvent:
        """Refuse: nobody sends any."""
        raise BadSignature("there are no webhooks about payments by hand")

    async def close(self) -> None:
        """Do nothing: nothing is open."""


def bank_transfer() -> ManualProvider:
    """Return the provider `bank_transfer`: the shop's instructions say to which account."""
    return ManualProvider("bank_transfer", needs_instructions=True)


def cash_on_delivery() -> ManualProvider:
    """Return the provider `cash_on_delivery`."""
    return ManualProvider("cash_on_delivery", needs_instructions=False)
