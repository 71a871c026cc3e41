"""The sandbox provider as its merchant and its page see it; the market's front serves it."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from commerce.payments.provider import NewPayment, ProviderRefused
from commerce.payments.sandbox import rules
from commerce.payments.sandbox.rules import BookState
from commerce.payments.sandbox.tables_sql import sandbox_answers, sandbox_webhooks
from commerce.payments.sandbox_client import SandboxClient
from commerce.payments.states import PaymentState
from tests.commerce.orders.a_market import Market
from tests.commerce.orders.conftest import market, open_market

__all__ = ["market", "open_market"]


def a_payment(market: Market, name: str = "pa_1") -> NewPayment:
    """Make what a merchant asks for."""
    far_ms = market.services.now_ms() + 60_000
    return NewPayment(name, "7K3M-92QD", 1200, "EUR", "Clay: 7K3M-92QD", "Clay", "/back", far_ms)


def client_of(market: Market) -> SandboxClient:
    """Return the merchant's client."""
    client = market.services.payments.providers["sandbox"]
    assert isinstance(client, SandboxClient)
    return client


async def act(market: Market, reference: str, **body: Any) -> int:
    """Press a button on the page; returns the status."""
    answer = await market.http.post(f"/api/sandbox/payments/{reference}/act", json=body)
    return answer.status_code


async def test_a_payment_goes_through_its_states(market: Market) -> None:
    """Open, authorised, captured, given back; its page sees TEST and the amount."""
    client = client_of(market)
    made = await client.create(a_payment(market))
    assert made.state is PaymentState.PENDING
    assert made.pay_url == f"/pay/sandbox/{made.reference}"
    shown = (await market.http.get(f"/api/sandbox/payments/{made.reference}")).json()
    assert (shown["test"], shown["amount_minor"], shown["seller_name"]) == (True, 1200, "Clay")
    assert await act(market, made.reference, action="approve") == 200
    assert await act(market, made.reference, action="approve") == 200
    assert await act(market, made.reference, action="decline") == 409
    assert (await client.status("pa_1", None)) is not None
    assert (await client.capture("pa_1", made.reference)).state is PaymentState.CAPTURED
    with pytest.raises(ProviderRefused) as refused:
        await client.void("pa_1", made.reference)
    assert (refused.value.code, refused.value.state) == ("wrong_state", PaymentState.CAPTURED)
    with pytest.raises(ProviderRefused):
        await client.refund("pa_1", made.reference, "re_1", 1201)
    for refund, amount_minor in (("re_2", 500), ("re_2", 500), ("re_3", 700)):
        given = await client.refund("pa_1", made.reference, refund, amount_minor)
        assert given.state is PaymentState.CAPTURED
    assert await market.book() == [("refunded", 1200)]


async def test_a_repeated_call_has_one_effect(market: Market) -> None:
    """Same key at the same time: one payment; another body under the key is refused."""
    client = client_of(market)
    made = await asyncio.gather(*(client.create(a_payment(market)) for _ in range(5)), return_exceptions=True)
    references = {one.reference for one in made if not isinstance(one, BaseException)}
    assert len(references) == 1, made
    other = a_payment(market)
    with pytest.raises(ProviderRefused) as refused:
        await client.create(NewPayment(**{name: getattr(other, name) for name in other.__slots__}
                                       | {"amount_minor": 1}))  # fmt: skip
    assert refused.value.code == "idempotency_conflict"
    assert len(await market.book()) == 1


async def test_the_merchants_calls_need_the_key(market: Market) -> None:
    """Knowing a payment's id is the buyer's right to its page and nothing more."""
    made = await client_of(market).create(a_payment(market))
    for verb in ("capture", "void"):
        path = f"/api/sandbox/payments/{made.reference}/{verb}"
        answer = await market.http.post(path, headers={"idempotency-key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_api_key")
        answer = await market.http.post(path, headers={"authorization": "Bearer nonsense"})
        assert answer.status_code == 401
    assert await market.book() == [("pending", 0)]
    missing = await market.http.get("/api/sandbox/payments/sx_none")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_payment")
    assert await client_of(market).status("pa_none", None) is None


async def test_nobody_pays_after_the_time_is_over(market: Market) -> None:
    """The merchant's hold has ended; the page refuses."""
    late = a_payment(market)
    late = NewPayment(**{name: getattr(late, name) for name in late.__slots__} | {"expires_at_ms": 1})
    made = await client_of(market).create(late)
    assert await act(market, made.reference, action="approve") == 409
    assert await market.book() == [("pending", 0)]


async def test_odd_actions_are_refused(market: Market) -> None:
    """Only what the page offers."""
    made = await client_of(market).create(a_payment(market))
    odd: list[dict[str, Any]] = [{}, {"action": "steal"}, {"action": "approve", "webhook": "never"},
                                 {"action": "approve", "more": 1}]  # fmt: skip
    for body in odd:
        assert await act(market, made.reference, **body) == 400
    assert await market.book() == [("pending", 0)]


async def test_a_webhook_is_tried_again_until_it_arrives(market: Market) -> None:
    """Each failure makes the wait longer; after a day it is given up."""
    bank = market.services.payments.sandbox.bank
    real, refused = bank._sender.send, 0

    async def fails(*_: object) -> bool:
        nonlocal refused
        refused += 1
        return False

    bank._sender.send = fails
    made = await client_of(market).create(a_payment(market))
    await act(market, made.reference, action="approve")
    await market.quiet()
    assert refused == 1
    assert await bank.deliver_due() == 0
    bank._sender.send = real
    bank._now_ms = lambda: market.services.now_ms() + 6_000
    assert await bank.deliver_due() == 1
    assert await bank.deliver_due() == 0
    bank._now_ms = market.services.now_ms


async def test_what_is_over_is_forgotten_after_a_day(market: Market) -> None:
    """Answers and delivered webhooks; the book stays."""
    bank = market.services.payments.sandbox.bank
    made = await client_of(market).create(a_payment(market))
    await act(market, made.reference, action="decline")
    await market.quiet()
    bank._now_ms = lambda: market.services.now_ms() + 25 * 3600 * 1000
    await bank.purge()
    bank._now_ms = market.services.now_ms
    async with market.services.database.read() as sql:
        for table in (sandbox_answers, sandbox_webhooks):
            count = sa.select(sa.func.count()).select_from(table)
            assert (await sql.execute(count)).scalar_one() == 0
    assert await market.book() == [("declined", 0)]


def test_waits_between_tries_grow_and_end() -> None:
    """As the specification recommends."""
    waits = [rules.next_try_at_ms(tries, 0) for tries in range(1, 9)]
    assert waits == [*rules.RETRY_AFTER_MS, None]
    assert list(rules.RETRY_AFTER_MS) == sorted(rules.RETRY_AFTER_MS)


@pytest.mark.parametrize("state", list(BookState))
def test_the_merchants_verbs_need_the_right_state(state: BookState) -> None:
    """What is allowed where."""
    allowed = {
        "capture": {BookState.AUTHORISED},
        "void": {BookState.OPEN, BookState.AUTHORISED, BookState.TIMED_OUT},
        "refund": {BookState.CAPTURED, BookState.REFUNDED},
    }
    for verb, states in allowed.items():
        if state in states:
            assert rules.after(verb, state) is not state or verb == "refund"
        else:
            with pytest.raises(rules.SandboxRefused):
                rules.after(verb, state)
