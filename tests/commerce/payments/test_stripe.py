"""Our side of Stripe against a server that speaks its protocol."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.payments.provider import BadSignature, NewPayment, ProviderRefused, ProviderUnavailable
from commerce.payments.states import PaymentState
from commerce.payments.stripe_amounts import NotPossible, from_stripe, to_stripe
from commerce.payments.stripe_client import StripePayments
from tests.doubles.stripe_double import SECRET_KEY, WEBHOOK_SECRET, StripeDouble, stripe_double

P = PaymentState


@pytest.fixture
async def double() -> AsyncIterator[StripeDouble]:
    """Run Stripe's double; nobody hears its webhooks."""
    async with stripe_double() as running:
        running.webhooks = "lost"
        yield running


@pytest.fixture
async def stripe(double: StripeDouble) -> AsyncIterator[StripePayments]:
    """Open our client on the double."""
    client = StripePayments(SECRET_KEY, WEBHOOK_SECRET, double.book.url)
    yield client
    await client.close()


def a_payment(payment: str = "pa_1", amount_minor: int = 1200, currency: str = "EUR") -> NewPayment:
    """Ask for money within a hold of a minute."""
    soon_ms = (int(time.time()) + 60) * 1000
    return NewPayment(
        payment,
        "7K3M-92QD",
        amount_minor,
        currency,
        "Clay: 7K3M-92QD",
        "Clay",
        "https://x.test/back",
        soon_ms,
    )


async def press(url: str | None, action: str = "approve") -> int:
    """Press a button of the hosted page; returns the status."""
    assert url is not None
    async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
        return (await browser.post(url, data={"action": action})).status_code


async def test_money_is_set_aside_and_taken_when_we_say_so(
    double: StripeDouble, stripe: StripePayments
) -> None:
    """Open, authorised with the card's fingerprint, captured, given back in parts."""
    made = await stripe.create(a_payment())
    assert (made.payment, made.state, made.fingerprint) == ("pa_1", P.PENDING, None)
    assert made.reference.startswith("cs_")
    session = double.book.sessions[made.reference]
    assert session["capture_method"] == "manual"
    assert session["metadata"] == {"payment": "pa_1"}
    assert await press(made.pay_url) == 200
    told = await stripe.status("pa_1", made.reference)
    assert told is not None
    assert (told.state, told.fingerprint, told.amount_minor) == (P.AUTHORISED, "print4242424242424242", 1200)
    assert told.pay_url is None
    assert double.money() == [("requires_capture", 0, 0)]
    assert (await stripe.capture("pa_1", made.reference)).state is P.CAPTURED
    for refund, amount_minor in (("re_one", 500), ("re_one", 500), ("re_two", 700)):
        assert (await stripe.refund("pa_1", made.reference, refund, amount_minor)).state is P.CAPTURED
    assert double.money() == [("succeeded", 1200, 1200)]
    with pytest.raises(ProviderRefused) as refused:
        await stripe.refund("pa_1", made.reference, "re_three", 1)
    assert refused.value.code == "charge_already_refunded"
    assert [one["amount"] for one in double.book.refunds] == [500, 700]


async def test_the_intents_id_finds_the_session(double: StripeDouble, stripe: StripePayments) -> None:
    """A delivery about an intent may be the first we hear; and without any reference nothing is known."""
    made = await stripe.create(a_payment())
    await press(made.pay_url)
    (intent,) = double.book.intents
    told = await stripe.status("pa_1", intent)
    assert told is not None
    assert (told.reference, told.state) == (made.reference, P.AUTHORISED)
    assert await stripe.status("pa_1", None) is None


async def test_voiding_ends_whatever_there_is(double: StripeDouble, stripe: StripePayments) -> None:
    """An open page is closed, set-aside money let go, taken money told; each may be repeated."""
    page, held, taken = [await stripe.create(a_payment(name)) for name in ("pa_1", "pa_2", "pa_3")]
    await press(held.pay_url)
    await press(taken.pay_url)
    await stripe.capture("pa_3", taken.reference)
    for _ in range(2):
        assert (await stripe.void("pa_1", page.reference)).state is P.VOIDED
        assert (await stripe.void("pa_2", held.reference)).state is P.VOIDED
        assert (await stripe.void("pa_3", taken.reference)).state is P.CAPTURED
    assert await press(page.pay_url) == 410
    assert double.money() == [("canceled", 0, 0), ("succeeded", 1200, 0)]
    assert double.calls["expire"] == 1
    assert double.calls["cancel"] == 1


async def test_a_declined_card_leaves_the_page_open(double: StripeDouble, stripe: StripePayments) -> None:
    """Another card may be tried there; a challenge is waited for; after the end nothing is pending."""
    made = await stripe.create(a_payment())
    for action in ("decline", "challenge"):
        await press(made.pay_url, action)
        told = await stripe.status("pa_1", made.reference)
        assert told is not None
        assert (told.state, told.pay_url) == (P.PENDING, made.pay_url)
    assert (await stripe.void("pa_1", made.reference)).state is P.VOIDED
    assert double.money() == [("canceled", 0, 0)]


@pytest.mark.parametrize("verb", ["create", "capture", "refund"])
async def test_a_lost_answer_has_one_effect(double: StripeDouble, stripe: StripePayments, verb: str) -> None:
    """The call is repeated with the same key."""
    double.lost_answers[verb] = 2
    made = await stripe.create(a_payment())
    await press(made.pay_url)
    await stripe.capture("pa_1", made.reference)
    await stripe.refund("pa_1", made.reference, "re_one", 200)
    assert len(double.book.sessions) == 1
    assert double.money() == [("succeeded", 1200, 200)]
    assert double.calls[verb] == 3


async def test_silence_is_told_as_silence(double: StripeDouble, stripe: StripePayments) -> None:
    """Errors of the server, a wrong key, no server: unavailable, in words that show no key."""
    double.failures["create"] = 3
    with pytest.raises(ProviderUnavailable, match="500"):
        await stripe.create(a_payment())
    assert double.book.sessions == {}
    wrong = StripePayments("sk_test_wrong", WEBHOOK_SECRET, double.book.url)
    with pytest.raises(ProviderUnavailable) as silent:
        await wrong.create(a_payment())
    assert "sk_test_wrong" not in str(silent.value)
    await wrong.close()
    assert double.calls["create"] == 4
    nobody = StripePayments(SECRET_KEY, WEBHOOK_SECRET, "http://127.0.0.1:9", timeout_s=0.2)
    with pytest.raises(ProviderUnavailable):
        await nobody.status("pa_1", "cs_1")
    await nobody.close()


async def test_refusals_say_why(double: StripeDouble, stripe: StripePayments) -> None:
    """The key of another body, too little money, an unpaid capture; nothing was made of them."""
    payment = a_payment()
    made = await stripe.create(payment)
    assert (await stripe.create(payment)).reference == made.reference
    refusals = []
    for call in (
        stripe.create(replace(payment, amount_minor=1300)),
        stripe.create(a_payment("pa_2", 10)),
        stripe.create(a_payment("pa_3", 1234, "KWD")),
        stripe.capture("pa_1", made.reference),
        stripe.status("pa_9", "cs_unknown"),
    ):
        with pytest.raises(ProviderRefused) as refused:
            await call
        refusals.append((refused.value.code, refused.value.state))
    assert refusals == [
        ("idempotency_conflict", None),
        ("amount_too_small", None),
        ("amount_not_possible", P.DECLINED),
        ("not_paid", P.PENDING),
        ("resource_missing", None),
    ]
    assert len(double.book.sessions) == 1


async def test_a_refused_capture_tells_the_state(double: StripeDouble, stripe: StripePayments) -> None:
    """The authorisation was gone."""
    double.book.refused_captures.add("pa_1")
    made = await stripe.create(a_payment())
    await press(made.pay_url)
    with pytest.raises(ProviderRefused) as refused:
        await stripe.capture("pa_1", made.reference)
    assert (refused.value.code, refused.value.state) == ("charge_expired_for_capture", P.VOIDED)
    assert double.money() == [("canceled", 0, 0)]


def signed(double: StripeDouble, kind: str, about: Any) -> bytes:
    """Write an event as Stripe does."""
    double._emit(kind, about)
    return double._events.pop()


async def test_a_delivery_is_a_hint_and_nothing_more(double: StripeDouble, stripe: StripePayments) -> None:
    """Whatever state it tells: the payment's name is read, and how to ask for it."""

    def header(body: bytes, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> dict[str, str]:
        stamp = int(time.time()) - age_s
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={stamp},v1={mac}"}

    named = {"metadata": {"payment": "pa_1"}}
    for kind, about, reference in (
        ("checkout.session.completed", {"id": "cs_1", "object": "checkout.session", **named}, "cs_1"),
        ("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent", **named}, "pi_1"),
        ("charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", **named}, "pi_1"),
    ):
        body = signed(double, kind, about)
        event = stripe.parse_webhook(header(body), body, 0)
        assert event.payment is not None
        assert (event.ask, event.payment.payment, event.payment.reference) == (True, "pa_1", reference)
        assert event.id == json.loads(body)["id"]
    foreign = signed(double, "payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})
    assert stripe.parse_webhook(header(foreign), foreign, 0).payment is None
    other = signed(double, "customer.created", {"id": "cus_1", "object": "customer", **named})
    assert stripe.parse_webhook(header(other), other, 0).payment is None
    for headers, content in (
        ({}, body),
        (header(body, "whsec_another"), body),
        (header(body, age_s=301), body),
        (header(body), body + b" "),
        (header(b"\xff\xfe"), b"\xff\xfe"),
        (header(b"[]"), b"[]"),
        ({"stripe-signature": "t=x,v1=,"}, body),
    ):
        with pytest.raises(BadSignature):
            stripe.parse_webhook(headers, content, 0)


@pytest.mark.parametrize(
    ("currency", "minor", "theirs"),
    [("EUR", 1250, 1250), ("JPY", 500, 500), ("KWD", 12340, 12340), ("ISK", 5, 500), ("UGX", 7, 700),
     ("MGA", 1200, 12)],
)  # fmt: skip
def test_amounts_are_counted_as_stripe_counts(currency: str, minor: int, theirs: int) -> None:
    """Two places, none, three, and the special cases."""
    assert to_stripe(minor, currency) == theirs
    assert from_stripe(theirs, currency) == minor


@pytest.mark.parametrize(("currency", "minor"), [("KWD", 12345), ("MGA", 1250)])
def test_no_money_is_rounded(currency: str, minor: int) -> None:
    """What Stripe cannot collect to the unit is refused."""
    with pytest.raises(NotPossible):
        to_stripe(minor, currency)


@given(st.integers(0, 10**12), st.sampled_from(["USD", "CNY", "JPY", "KWD", "ISK", "UGX", "MGA", "CLP"]))
def test_amounts_come_back_as_they_went(minor: int, currency: str) -> None:
    """There and back, or refused."""
    try:
        theirs = to_stripe(minor, currency)
    except NotPossible:
        assert currency in {"KWD", "MGA"}
    else:
        assert from_stripe(theirs, currency) == minor
