"""The sandbox provider's HTTP doors, at the root and not under /api/v1.

`GET /api/sandbox/payments/{payment}` and `…/act` are what its page uses: who knows a payment's
unguessable id may. The others are the merchant's and need the API key as bearer.
"""

import hmac
from typing import Protocol

from commerce.payments.sandbox.bank import SandboxBank
from commerce.payments.sandbox.messages import Act, ActAnswer, CreatePayment, RefundPayment, SandboxPayment
from commerce.payments.sandbox.rules import (
    CaptureRefused,
    NoSuchMeans,
    NoSuchPayment,
    SandboxKeyReused,
    SandboxKeyWrong,
    SandboxRefused,
)
from commerce.routing import Call, Route


class SandboxParts(Protocol):
    """What these doors need of the sandbox."""

    @property
    def bank(self) -> SandboxBank:
        """The provider."""

    @property
    def api_key(self) -> str:
        """What the merchant authenticates with."""


class WithSandbox(Protocol):
    """Commerce's payments, when the sandbox is on."""

    @property
    def sandbox(self) -> SandboxParts | None:
        """The sandbox; None when it is off."""


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def payments(self) -> WithSandbox:
        """Payments."""


def _bank(services: Services) -> SandboxBank:
    sandbox = services.payments.sandbox
    if sandbox is None:
        raise NoSuchPayment("The sandbox provider is switched off.")
    return sandbox.bank


def _merchant(services: Services, call: Call) -> tuple[SandboxBank, str]:
    bank = _bank(services)
    sandbox = services.payments.sandbox
    wanted = "" if sandbox is None else f"Bearer {sandbox.api_key}"
    if not hmac.compare_digest(call.headers.get("authorization", "").encode(), wanted.encode()):
        raise SandboxKeyWrong
    if not call.operation_key:
        raise SandboxRefused("An Idempotency-Key is needed.")
    return bank, call.operation_key


async def create(services: Services, call: Call) -> SandboxPayment:
    """Register a payment."""
    bank, key = _merchant(services, call)
    return await bank.create(key, call.body)


async def read(services: Services, call: Call) -> SandboxPayment:
    """Show a payment to its page or its merchant."""
    return await _bank(services).read(call.path["payment"])


async def act(services: Services, call: Call) -> ActAnswer:
    """Do what the buyer chose."""
    return await _bank(services).act(call.path["payment"], call.body)


async def capture(services: Services, call: Call) -> SandboxPayment:
    """Take the authorised money."""
    bank, key = _merchant(services, call)
    return await bank.capture(key, call.path["payment"])


async def void(services: Services, call: Call) -> SandboxPayment:
    """Let go of it."""
    bank, key = _merchant(services, call)
    return await bank.void(key, call.path["payment"])


async def refund(services: Services, call: Call) -> SandboxPayment:
    """Give it back."""
    bank, key = _merchant(services, call)
    return await bank.refund(key, call.path["payment"], call.body)


async def forget(services: Services, call: Call) -> None:
    """Forget a kept card."""
    bank, _ = _merchant(services, call)
    await bank.forget(call.path["token"])


_ONE = "/api/sandbox/payments/{payment}"
_MERCHANT = (NoSuchPayment, SandboxKeyWrong, SandboxKeyReused, SandboxRefused)

SANDBOX_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/sandbox/payments", create, CreatePayment, SandboxPayment, (*_MERCHANT, NoSuchMeans),
          summary="TEST provider: register a payment (merchant)", max_body_bytes=8192),
    Route("GET", _ONE, read, None, SandboxPayment, (NoSuchPayment,),
          summary="TEST provider: show a payment"),
    Route("POST", f"{_ONE}/act", act, Act, ActAnswer, (NoSuchPayment, SandboxRefused),
          summary="TEST provider: what the buyer does on the page", max_body_bytes=1024),
    Route("POST", f"{_ONE}/capture", capture, None, SandboxPayment, (*_MERCHANT, CaptureRefused),
          summary="TEST provider: take the authorised money (merchant)"),
    Route("POST", f"{_ONE}/void", void, None, SandboxPayment, _MERCHANT,
          summary="TEST provider: let go of a payment (merchant)"),
    Route("DELETE", "/api/sandbox/means/{token}", forget, None, None, _MERCHANT, status=204,
          summary="TEST provider: forget a kept card (merchant)"),
    Route("POST", f"{_ONE}/refund", refund, RefundPayment, SandboxPayment, _MERCHANT,
          summary="TEST provider: give money back (merchant)", max_body_bytes=1024),
)  # fmt: skip
"""Paths are whole; `commerce.payments.routes` has them in its table."""
