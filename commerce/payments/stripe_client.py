"""Stripe through its official library: its hosted page, money set aside first and captured after the sale.

Sources: docs.stripe.com/api/checkout/sessions, /api/payment_intents, /api/refunds, /api/idempotent_requests,
docs.stripe.com/webhooks. What decides here:

- A payment is a Checkout Session with `capture_method=manual`; no card number ever touches us. Our payment's
  id stands in the metadata of session and intent, and is the idempotency key (with the verb, because Stripe's
  keys are one space for all calls).
- A session lives half an hour at the least and our holds do not, so we expire it ourselves (`void`).
- A session makes its intent when the buyer pays; until then there is none. So our reference is the session's
  id, and what is true is always read from session and intent together.
- Deliveries come in any order and a state of theirs may be old, and no event tells intent, session and card
  together. So a delivery is only a hint (`WebhookEvent.ask`), and its state is never used.
- The library's own repeats are off: it would make up keys of its own. Ours carry the key of the first try.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import httpx
import msgspec
import stripe
from stripe.params.checkout import SessionCreateParams

from commerce.payments.http_client import open_http
from commerce.payments.provider import (
    BadSignature,
    Flow,
    NewPayment,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from commerce.payments.states import PaymentState
from commerce.payments.stripe_amounts import NotPossible, from_stripe, to_stripe

T = TypeVar("T")
Session = stripe.checkout.Session

TIMEOUT_S: Final = 10
TRIES: Final = 3
PAUSE_S: Final = 0.3
TOLERANCE_S: Final = 300
"""How old a delivery may be."""
SESSION_MIN_S: Final = 31 * 60
"""Stripe refuses a session that ends in less than 30 minutes; it counts from the end of our hold, so that a
repeated `create` has the same parameters."""
_HINTS: Final = ("checkout.session.", "payment_intent.", "charge.")
_EXPAND: Final = ["payment_intent.latest_charge"]

_INTENT_STATES: Final = {
    "requires_payment_method": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "requires_action": PaymentState.PENDING,
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.AUTHORISED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}


class _Object(msgspec.Struct):
    """What an event is about, as far as it is read."""

    id: str | None = None
    payment_intent: str | dict[str, object] | None = None
    metadata: dict[str, object] | None = None


class _Data(msgspec.Struct):
    object: _Object


class _Event(msgspec.Struct):
    """A delivery."""

    id: str
    type: str
    data: _Data


class _Http(stripe.HTTPClient):
    """The library's HTTP by our own client: no proxies of the environment, certificates read once."""

    name = "httpx"

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.client = open_http(timeout_s)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Make one request; raises what the library expects when no answer came."""
        try:
            answer = await self.client.request(method, url, headers=dict(headers), content=post_data)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(type(error).__name__) from error  # type: ignore[no-untyped-call]
        return answer.content, answer.status_code, answer.headers

    async def close_async(self) -> None:
        """Close the connections."""
        await self.client.aclose()


class StripePayments:
    """A `PaymentProvider`. `base_url` None is Stripe itself, else a proxy before it."""

    name = "stripe"
    flow = Flow.AUTHORISE
    currencies: frozenset[str] | None = None
    acknowledgement: bytes | None = None
    look_every_ms = 5_000
    needs_instructions = False

    def __init__(
        self, secret_key: str, webhook_secret: str, base_url: str | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._webhook_secret = webhook_secret
        self.http = _Http(timeout_s)
        self._stripe = stripe.StripeClient(
            secret_key,
            http_client=self.http,
            max_network_retries=0,
            base_addresses={} if base_url is None else {"api": base_url.rstrip("/")},
        )

    async def create(self, payment: NewPayment) -> ProviderPayment:
        """Make a Checkout Session."""
        try:
            params = _session_params(payment)
        except NotPossible as error:
            raise ProviderRefused("amount_not_possible", PaymentState.DECLINED) from error
        sessions = self._stripe.v1.checkout.sessions
        made = await _answered(
            lambda: sessions.create_async(params, {"idempotency_key": f"{payment.payment}-create"})
        )
        return _told(payment.payment, made)

    async def capture(self, payment: str, reference: str) -> ProviderPayment:
        """Take the authorised money."""
        intent = await self._intent(payment, reference)
        await _answered(
            lambda: self._stripe.v1.payment_intents.capture_async(
                intent, {}, {"idempotency_key": f"{payment}-capture"}
            )
        )
        return _told(payment, await self._session(reference))

    async def void(self, payment: str, reference: str) -> ProviderPayment:
        """End the session, or let go of what the buyer has authorised meanwhile."""
        for _ in range(TRIES):
            session = await self._session(reference)
            told = _told(payment, session)
            if told.state is PaymentState.AUTHORISED:
                await self._cancel(payment, session)
            elif told.state is PaymentState.PENDING:
                await self._expire(payment, session)
            else:
                return told
        raise ProviderUnavailable("a payment at Stripe is in motion and cannot be ended now")

    async def refund(self, payment: str, reference: str, refund: str, amount_minor: int) -> ProviderPayment:
        """Give back `amount_minor` of it; `refund` is the key, so that each part counts once."""
        session = await self._session(reference)
        intent = _intent_of(session)
        if intent is None or session.currency is None:
            raise ProviderRefused("not_paid", _told(payment, session).state)
        try:
            amount = to_stripe(amount_minor, session.currency.upper())
        except NotPossible as error:
            raise ProviderRefused("amount_not_possible") from error
        made = await _answered(
            lambda: self._stripe.v1.refunds.create_async(
                {"payment_intent": intent.id, "amount": amount, "metadata": {"refund": refund}},
                {"idempotency_key": refund},
            )
        )
        if made.status in {"failed", "canceled"}:
            raise ProviderRefused(f"refund_{made.status}", PaymentState.CAPTURED)
        return ProviderPayment(payment, session.id, PaymentState.CAPTURED)

    async def status(self, payment: str, reference: str | None) -> ProviderPayment | None:
        """Ask how it stands. Without a reference nobody was ever sent to a page of it: None."""
        if reference is None:
            return None
        return _told(payment, await self._session(reference))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> WebhookEvent:  # noqa: ARG002
        """Verify a delivery and read of which payment it is. The library takes the time itself."""
        try:
            stripe.WebhookSignature.verify_header(
                body, headers.get("stripe-signature"), self._webhook_secret, TOLERANCE_S
            )
            event = msgspec.json.decode(body, type=_Event)
        except stripe.SignatureVerificationError as error:
            raise BadSignature("the signature or the time of a Stripe webhook is wrong") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadSignature("a Stripe webhook cannot be read") from error
        about = event.data.object
        own = (about.metadata or {}).get("payment")
        reference = about.payment_intent if event.type.startswith("charge.") else about.id
        if not isinstance(own, str) or not isinstance(reference, str) or not event.type.startswith(_HINTS):
            return WebhookEvent(event.id, None)
        hint = ProviderPayment(own[:40], reference[:128], PaymentState.PENDING)
        return WebhookEvent(event.id, hint, ask=True)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close_async()

    async def _session(self, reference: str) -> Session:
        """Read a session with its intent and charge; a reference may also be its intent's id."""
        sessions = self._stripe.v1.checkout.sessions
        if reference.startswith("pi_"):
            found = await _answered(lambda: sessions.list_async({"payment_intent": reference, "limit": 1}))
            if not found.data:
                raise ProviderUnavailable("Stripe does not know the session of an intent yet")
            reference = found.data[0].id
        return await _answered(lambda: sessions.retrieve_async(reference, {"expand": [*_EXPAND]}))

    async def _intent(self, payment: str, reference: str) -> str:
        session = await self._session(reference)
        intent = _intent_of(session)
        if intent is None:
            raise ProviderRefused("not_paid", _told(payment, session).state)
        return intent.id

    async def _expire(self, payment: str, session: Session) -> None:
        """Take no money any more; refused when the buyer was quicker, which the next look tells."""
        await _attempted(
            lambda: self._stripe.v1.checkout.sessions.expire_async(
                session.id, {}, {"idempotency_key": f"{payment}-expire"}
            )
        )

    async def _cancel(self, payment: str, session: Session) -> None:
        intent = _intent_of(session)
        assert intent is not None  # it is authorised
        await _attempted(
            lambda: self._stripe.v1.payment_intents.cancel_async(
                intent.id, {}, {"idempotency_key": f"{payment}-cancel"}
            )
        )


def _session_params(payment: NewPayment) -> SessionCreateParams:
    amount = to_stripe(payment.amount_minor, payment.currency)
    return {
        "mode": "payment",
        "client_reference_id": payment.payment,
        "metadata": {"payment": payment.payment},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": payment.currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": payment.description},
                },
            }
        ],
        "payment_intent_data": {
            "capture_method": "manual",
            "description": payment.description,
            "metadata": {"payment": payment.payment},
        },
        "success_url": payment.return_url,
        "cancel_url": payment.return_url,
        "expires_at": payment.expires_at_ms // 1000 + SESSION_MIN_S,
    }


def _intent_of(session: Session) -> stripe.PaymentIntent | None:
    intent = session.payment_intent
    return intent if isinstance(intent, stripe.PaymentIntent) else None


def _told(payment: str, session: Session) -> ProviderPayment:
    """Read session and intent together: what the intent says goes first, it has the money."""
    intent, is_open = _intent_of(session), session.status == "open"
    state = PaymentState.PENDING if is_open or session.status == "complete" else PaymentState.VOIDED
    if intent is not None:
        state = _INTENT_STATES.get(intent.status, PaymentState.PENDING)
        if state is PaymentState.PENDING and session.status == "expired":
            state = PaymentState.VOIDED  # tried and failed, and nobody can try again
    pay_url = session.url if is_open and state is PaymentState.PENDING else None
    return ProviderPayment(
        payment, session.id, state, pay_url, _fingerprint(intent), _amount_minor(intent, state)
    )


def _amount_minor(intent: stripe.PaymentIntent | None, state: PaymentState) -> int | None:
    if intent is None or state not in {PaymentState.AUTHORISED, PaymentState.CAPTURED}:
        return None
    amount = intent.amount_received if state is PaymentState.CAPTURED else intent.amount_capturable
    return from_stripe(amount, intent.currency.upper())


def _fingerprint(intent: stripe.PaymentIntent | None) -> str | None:
    """Return what stands for the card (or account) that paid; the same for one card of one merchant."""
    charge = None if intent is None else intent.latest_charge
    if not isinstance(charge, stripe.Charge) or charge.payment_method_details is None:
        return None
    details = charge.payment_method_details
    means = getattr(details, details.type, None)  # an object named for its kind: card, sepa_debit, ...
    found = getattr(means, "fingerprint", None)
    return found if isinstance(found, str) else None


async def _attempted(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call whose refusal is no matter: how things stand is read again afterwards."""
    try:
        await _answered(call)
    except ProviderRefused:
        return


async def _answered(call: Callable[[], Awaitable[T]]) -> T:
    """Make one call, repeated with the same key while no usable answer comes."""
    fault = ""
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(PAUSE_S * attempt)
        try:
            return await call()
        except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise ProviderRefused(_code(error), _state_in(error)) from error
        except (stripe.AuthenticationError, stripe.PermissionError) as error:
            raise ProviderUnavailable("Stripe does not accept LIVESHOP_STRIPE_SECRET_KEY") from error
        except stripe.RateLimitError as error:
            raise ProviderUnavailable("Stripe is asked too often") from error  # more of it would not help
        except stripe.StripeError as error:
            fault = f"{error.http_status or error.user_message or type(error).__name__}"
    raise ProviderUnavailable(f"Stripe gave no answer: {fault}")


def _code(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_conflict"
    return str(error.code or "invalid_request")


def _state_in(error: stripe.StripeError) -> PaymentState | None:
    """Return the payment's state if the refusal tells it, as it does for an intent in a wrong state."""
    told = (error.json_body or {}).get("error", {}) if isinstance(error.json_body, dict) else {}
    intent = told.get("payment_intent") or {}
    return _INTENT_STATES.get(str(intent.get("status")))
