"""Commerce's side of the sandbox provider: its API over HTTP, as one would speak to a real provider."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from commerce.payments.http_client import open_http
from commerce.payments.provider import (
    BadSignature,
    Flow,
    Means,
    NewPayment,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from commerce.payments.sandbox.messages import Act, CreatePayment, RefundPayment, SandboxPayment, WebhookBody
from commerce.payments.signature import is_genuine
from commerce.payments.states import PaymentState

TIMEOUT_S = 5
TRIES = 3
"""A call without a usable answer is repeated with the same key; only then is it reported."""
PAUSE_S = 0.2

_STATES = {
    "pending": PaymentState.PENDING,
    "authorised": PaymentState.AUTHORISED,
    "captured": PaymentState.CAPTURED,
    "refunded": PaymentState.CAPTURED,
    "declined": PaymentState.DECLINED,
    "timed_out": PaymentState.TIMED_OUT,
    "voided": PaymentState.VOIDED,
}


class _Problem(msgspec.Struct):
    code: str = "unknown"
    state: str | None = None


class SandboxClient:
    """A `PaymentProvider`. `base_url` is the provider's; `test` makes each payment act at once."""

    name = "sandbox"
    flow = Flow.AUTHORISE
    currencies: frozenset[str] | None = None
    acknowledgement: bytes | None = None
    look_every_ms = 1_000
    needs_instructions = False

    def __init__(self, base_url: str, api_key: str, webhook_secret: bytes, test: Act | None = None) -> None:
        self._webhook_secret = webhook_secret
        self._test = test
        self._http = open_http(TIMEOUT_S, base_url, {"authorization": f"Bearer {api_key}"})

    async def create(self, payment: NewPayment) -> ProviderPayment:
        """Register a payment."""
        body = msgspec.structs.replace(_new(payment), test=self._test, customer=payment.customer)
        return await self._post("/api/sandbox/payments", payment.payment, body)

    async def charge(self, payment: NewPayment, token: str) -> ProviderPayment:
        """Register a payment that charges a kept card at once."""
        body = msgspec.structs.replace(_new(payment), means=token)
        return await self._post("/api/sandbox/payments", payment.payment, body)

    async def forget(self, token: str) -> None:
        """Forget a kept card."""
        answer = await self._answer("DELETE", f"/api/sandbox/means/{token}", f"forget-{token}", None)
        if not answer.is_success:
            _read(answer)  # raises what was refused

    async def capture(self, payment: str, reference: str) -> ProviderPayment:
        """Take the authorised money."""
        return await self._post(f"/api/sandbox/payments/{reference}/capture", payment, None)

    async def void(self, payment: str, reference: str) -> ProviderPayment:
        """Let go of it."""
        return await self._post(f"/api/sandbox/payments/{reference}/void", payment, None)

    async def refund(
        self,
        payment: str,  # noqa: ARG002 - `refund` is the key
        reference: str,
        refund: str,
        amount_minor: int,
    ) -> ProviderPayment:
        """Give back `amount_minor` of it; `refund` is the key, so that each part counts once."""
        body = RefundPayment(amount_minor=amount_minor)
        return await self._post(f"/api/sandbox/payments/{reference}/refund", refund, body)

    async def status(self, payment: str, reference: str | None) -> ProviderPayment | None:
        """Ask how it stands; None when the provider never heard of it."""
        try:
            return await self._call("GET", f"/api/sandbox/payments/{reference or payment}", None, None)
        except ProviderRefused as error:
            if error.code == "no_such_payment":
                return None
            raise

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> WebhookEvent:
        """Verify and read a delivery."""
        if not is_genuine(self._webhook_secret, headers, body, now_ms // 1000):
            raise BadSignature("the signature or the time of a sandbox webhook is wrong")
        try:
            told = msgspec.json.decode(body, type=WebhookBody)
            return WebhookEvent(id=headers["webhook-id"], payment=_payment(told.payment))
        except (msgspec.MsgspecError, ProviderUnavailable) as error:
            raise BadSignature("a signed sandbox webhook cannot be read") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, path: str, key: str, body: msgspec.Struct | None) -> ProviderPayment:
        return await self._call("POST", path, key, body)

    async def _call(self, method: str, path: str, key: str | None, body: Any) -> ProviderPayment:
        return _read(await self._answer(method, path, key, body))

    async def _answer(self, method: str, path: str, key: str | None, body: Any) -> httpx.Response:
        """Make one call, repeated with the same key while no usable answer comes."""
        headers = {"content-type": "application/json"} | ({} if key is None else {"idempotency-key": key})
        content = None if body is None else msgspec.json.encode(body)
        fault = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            try:
                answer = await self._http.request(method, path, content=content, headers=headers)
            except httpx.HTTPError as error:
                fault = type(error).__name__
                continue
            if answer.status_code < 500:
                return answer
            fault = f"status {answer.status_code}"
        raise ProviderUnavailable(f"the sandbox provider gave no answer: {fault}")


def _new(payment: NewPayment) -> CreatePayment:
    return CreatePayment(
        reference=payment.payment,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.description,
        seller_name=payment.seller_name,
        return_url=payment.return_url,
        expires_at_ms=payment.expires_at_ms,
    )


def _read(answer: httpx.Response) -> ProviderPayment:
    try:
        if answer.is_success:
            return _payment(msgspec.json.decode(answer.content, type=SandboxPayment))
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError as error:
        raise ProviderUnavailable(
            f"the sandbox provider answered {answer.status_code} and no JSON"
        ) from error
    raise ProviderRefused(problem.code, _STATES.get(problem.state or ""))


def _payment(told: SandboxPayment) -> ProviderPayment:
    if told.state not in _STATES:
        raise ProviderUnavailable(f"the sandbox provider has an unknown state {told.state!r}")
    state = _STATES[told.state]
    pay_url = told.pay_url if state is PaymentState.PENDING else None
    means = None if told.means is None else Means(told.means.token, told.means.label)
    return ProviderPayment(told.reference, told.id, state, pay_url, told.fingerprint, means=means)
