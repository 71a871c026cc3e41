"""Orders paid through Stripe's protocol: whatever is declined, lost, late, doubled or turned round."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from commerce.orders.tables_sql import payments
from commerce.payments.stripe_client import StripePayments
from commerce.payments.tables_sql import payment_inbox
from commerce.settings import StripeKeys
from tests.commerce.orders.a_bank import PaidMarket
from tests.commerce.orders.conftest import OpenMarket
from tests.doubles.stripe_double import SECRET_KEY, WEBHOOK_SECRET, stripe_double

WEBHOOK = "/api/v1/payments/stripe/webhook"


class World(PaidMarket):
    """A market whose buyers pay through Stripe, and Stripe."""

    async def press(
        self, made: dict[str, Any], action: str = "approve", card: str = "4242424242424242"
    ) -> int:
        """Press a button of Stripe's page."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            return (await browser.post(made["pay_url"], data={"action": action, "card": card})).status_code


@pytest.fixture
async def open_world(open_market: OpenMarket) -> AsyncIterator[Any]:
    """Open a market with Stripe, with settings of one's own."""
    async with stripe_double() as double:
        opened: list[World] = []

        async def open_one(timeout_s: float | None = None, **changes: Any) -> World:
            keys = StripeKeys(SECRET_KEY, WEBHOOK_SECRET, double.book.url)
            market = await open_market(payments=("stripe",), stripe=keys, **changes)
            if timeout_s is not None:
                provider = market.services.payments.providers["stripe"]
                provider.http.client.timeout = httpx.Timeout(timeout_s)
            double.webhook_url = f"{str(market.http.base_url).rstrip('/')}{WEBHOOK}"
            opened.append(World(market, double))
            return opened[-1]

        yield open_one
        for world in opened:
            await double.idle()
            await world.market.quiet()


@pytest.fixture
async def world(open_world: Any) -> World:
    """Open a market with Stripe and holds of five minutes."""
    opened: World = await open_world()
    return opened


@pytest.mark.parametrize("webhooks", ["normal", "twice", "before_answer"])
async def test_a_card_pays_the_order_once(world: World, webhooks: str) -> None:
    """One sale, one capture, one mail; also when each delivery is applied before our call is answered."""
    world.double.webhooks = webhooks
    buyer, made = await world.order(2)
    assert made["order"]["state"] == "pending"
    assert await world.press(made) == 200
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert await world.market.counts() == (3, 0, 2)
    assert world.double.money() == [("succeeded", 2400, 0)]
    assert len(world.market.mails()) == 1
    assert {status for _, status in world.double.delivered} == {204}
    await world.settle()
    assert world.double.money() == [("succeeded", 2400, 0)]


@pytest.mark.parametrize("backwards", [False, True])
async def test_the_order_of_deliveries_is_no_matter(world: World, backwards: bool) -> None:
    """Held back and delivered late, forwards or backwards, the older ones after the capture again."""
    world.double.webhooks = "held"
    buyer, made = await world.order()
    await world.press(made, "decline")
    await world.press(made, "approve")
    again = list(world.double.held)
    await world.double.deliver_held(backwards=backwards)
    await world.becomes(buyer, made["order"]["id"], "paid")
    for _, body in again:
        assert await world.double.send(body) == 204
    await world.double.deliver_held(backwards=True)
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "paid"
    assert await world.market.attempts(made["order"]["id"]) == ["captured"]
    assert world.double.money() == [("succeeded", 1200, 0)]
    assert await world.market.counts() == (4, 0, 1)


async def test_lost_webhooks_lose_no_sale(world: World) -> None:
    """The buyer's return asks; and for who does not return, the worker."""
    world.double.webhooks = "lost"
    back, made = await world.order()
    gone, other = await world.order()
    await world.press(made)
    await world.press(other)
    assert await world.state(back, made["order"]["id"]) == "pending"
    assert (await back.order(made["order"]["id"]))["state"] == "paid"
    await world.settle()
    assert await world.state(gone, other["order"]["id"]) == "paid"
    assert await world.market.count_rows(payment_inbox) == 0
    assert world.double.money() == [("succeeded", 1200, 0)] * 2


async def test_a_declined_card_and_a_challenge_end_on_the_page(world: World) -> None:
    """The order waits; another card passes its challenge and pays."""
    buyer, made = await world.order()
    for action in ("decline", "challenge"):
        await world.press(made, action)
        await world.double.idle()
        await world.market.quiet()
        seen = await buyer.order(made["order"]["id"])
        assert (seen["state"], seen["payment"]["state"]) == ("pending", "pending")
        assert seen["payment"]["pay_url"] == made["pay_url"]
    assert await world.market.counts() == (4, 1, 0)
    await world.press(made, "approve", "5555555555554444")
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert world.double.money() == [("succeeded", 1200, 0)]


async def test_the_card_is_known_before_the_units_are_sold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever event comes first, the sale's limit sees the card's fingerprint, and only a hash of it."""
    seen: list[str | None] = []
    engine = world.market.services.engine
    real = engine.commit

    async def watched(*given: Any, **named: Any) -> Any:
        seen.append(named["fingerprint"])
        return await real(*given, **named)

    monkeypatch.setattr(engine, "commit", watched)
    buyer, made = await world.order()
    await world.press(made, "approve", "4000056655665556")
    await world.becomes(buyer, made["order"]["id"], "paid")
    mark = world.market.services.keys.digest("buyer-limits", "card print4000056655665556")
    assert set(seen) == {mark}
    async with world.market.services.database.read() as sql:
        kept = (await sql.execute(sa.select(payments.c.fingerprint))).scalar_one()
    assert kept == "print4000056655665556"


async def test_the_page_ends_with_the_hold(open_world: Any) -> None:
    """Half an hour of Stripe's is cut to our minutes: nobody can pay there afterwards, nothing is charged."""
    world = await open_world(hold_s=1, pay_extra_s=0)
    buyer, made = await world.order()
    await world.expire(buyer, made["order"]["id"])
    await world.settle()
    (session,) = world.double.book.sessions.values()
    assert session["status"] == "expired"
    assert await world.press(made) == 410
    assert await world.market.counts() == (5, 0, 0)
    assert await world.market.attempts(made["order"]["id"]) == ["voided"]
    assert world.double.money() == []


async def test_who_gives_up_closes_the_page(world: World) -> None:
    """Cancelled: the units are back and the page takes no money."""
    buyer, made = await world.order()
    cancelled = await buyer.call("POST", f"/orders/{made['order']['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert await world.press(made) == 410
    assert await world.market.counts() == (5, 0, 0)
    await world.settle()
    assert await world.market.attempts(made["order"]["id"]) == ["voided"]


async def test_paid_in_time_and_heard_too_late(open_world: Any) -> None:
    """The hold ended before the webhooks came; the units are there, so the sale stands."""
    world = await open_world(hold_s=1, pay_extra_s=0)
    world.double.webhooks = "held"
    buyer, made = await world.order()
    await world.press(made)
    await world.expire(buyer, made["order"]["id"])
    await world.double.deliver_held(backwards=True)
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "paid"
    assert world.double.money() == [("succeeded", 1200, 0)]
    assert await world.market.counts() == (4, 0, 1)


async def test_a_lost_race_is_a_void(open_world: Any) -> None:
    """Another bought the last units meanwhile: the money is let go, never taken, never refunded."""
    world = await open_world(hold_s=60, pay_extra_s=60)
    world.double.webhooks = "held"
    late, made = await world.order(5)
    await world.press(made)
    await world.take_holds(late)
    quick, other = await world.order(5)
    await world.press(other)
    assert (await quick.order(other["order"]["id"]))["state"] == "paid"
    await world.double.deliver_held()
    await world.settle()
    assert await world.state(late, made["order"]["id"]) == "expired"
    assert await world.market.attempts(made["order"]["id"]) == ["voided"]
    assert world.double.money() == [("canceled", 0, 0), ("succeeded", 6000, 0)]
    assert world.double.book.refunds == []
    assert await world.market.counts() == (0, 0, 5)


async def test_a_session_that_ended_there_can_be_followed_by_another(world: World) -> None:
    """Two attempts within one hold: the first page is dead, the second pays, one charge."""
    buyer, made = await world.order()
    order = made["order"]["id"]
    (first,) = world.double.book.sessions
    world.double.book.expire(first)
    await world.double._deliver()
    await world.double.idle()
    await world.market.quiet()
    assert await world.market.attempts(order) == ["voided"]
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    assert again["pay_url"] != made["pay_url"]
    assert await world.press(made) == 410
    await world.press(again)
    await world.becomes(buyer, order, "paid")
    assert await world.market.attempts(order) == ["voided", "captured"]
    assert world.double.money() == [("succeeded", 1200, 0)]


@pytest.mark.parametrize("verb", ["create", "read", "capture"])
async def test_lost_answers_charge_once(world: World, verb: str) -> None:
    """Three in a row: a worker's next try has the same key."""
    buyer = world.market.buyer()
    held = await buyer.holds()
    if verb == "create":
        world.double.lost_answers[verb] = 3
        silent = await buyer.check_out(held["id"], key="key-same-same", method="stripe")
        assert (silent.status_code, silent.json()["code"]) == (503, "payment_unavailable")
        assert await world.market.counts() == (4, 1, 0)
    made = (await buyer.check_out(held["id"], key="key-same-same", method="stripe")).json()
    if verb != "create":
        world.double.lost_answers[verb] = 3
    await world.press(made)
    await world.settle()
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert world.double.lost_answers[verb] == 0
    assert len(world.double.book.sessions) == 1
    assert world.double.money() == [("succeeded", 1200, 0)]
    assert await world.market.counts() == (4, 0, 1)


async def test_a_lost_answer_to_closing_leaves_nothing_open(open_world: Any) -> None:
    """The page was ended and we did not hear it."""
    world = await open_world(hold_s=1, pay_extra_s=0)
    world.double.lost_answers["expire"] = 3
    buyer, made = await world.order()
    await world.expire(buyer, made["order"]["id"])
    await world.settle()
    assert await world.press(made) == 410
    assert await world.market.attempts(made["order"]["id"]) == ["voided"]
    assert await world.market.counts() == (5, 0, 0)


async def test_a_slow_stripe_is_asked_again_with_the_same_key(open_world: Any) -> None:
    """No answer within the time: the hold stands, and the repeat finds the one session."""
    world = await open_world(timeout_s=0.4)
    world.double.slow["create"] = 3
    buyer = world.market.buyer()
    held = await buyer.holds()
    silent = await buyer.check_out(held["id"], key="key-same-same", method="stripe")
    assert (silent.status_code, silent.json()["code"]) == (503, "payment_unavailable")
    world.double.go_on.set()
    provider = world.market.services.payments.providers["stripe"]
    assert isinstance(provider, StripePayments)
    provider.http.client.timeout = httpx.Timeout(10)
    made = (await buyer.check_out(held["id"], key="key-same-same", method="stripe")).json()
    await world.press(made)
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert len(world.double.book.sessions) == 1
    assert world.double.money() == [("succeeded", 1200, 0)]


async def test_a_capture_that_is_refused_is_the_hosts_matter(world: World) -> None:
    """The units stay sold, nothing was charged, the host is told."""
    buyer, made = await world.order()
    world.double.book.refused_captures.add(made["order"]["payment"]["id"])
    await world.press(made)
    await world.becomes(buyer, made["order"]["id"], "capture_failed")
    await world.settle()
    assert await world.market.counts() == (4, 0, 1)
    assert world.double.money() == [("canceled", 0, 0)]
    notes = [one.note for one in await world.market.services.engine.ledger_read(world.market.shop)]
    assert notes.count("payment_failed") == 1
    assert world.market.mails() == []


async def test_forged_and_foreign_deliveries_change_nothing(world: World) -> None:
    """Another secret, an old signature, other people's payments; and no state is taken from a delivery."""
    world.double.webhooks = "lost"
    buyer, made = await world.order()
    about = {"id": "pi_x", "object": "payment_intent", "status": "succeeded", "amount_received": 1200}
    own = {"metadata": {"payment": made["order"]["payment"]["id"]}}
    for extra in (own, {}, {"metadata": {"payment": "pa_of_nobody"}}):
        world.double._emit("payment_intent.succeeded", about | extra)
    (claims, foreign, unknown), world.double._events = world.double._events, []
    assert await world.double.send(claims, secret="whsec_another") == 400
    assert await world.double.send(claims, at_s=1_700_000_000) == 400
    assert await world.market.count_rows(payment_inbox) == 0
    assert [await world.double.send(body) for body in (claims, claims, foreign, unknown)] == [204] * 4
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "pending"
    assert await world.market.counts() == (4, 1, 0)
    assert world.double.money() == []


async def test_both_ends_at_once_have_one_outcome(open_world: Any) -> None:
    """The buyer pays while the worker ends the hold, many times: charged and sold, or neither."""
    world = await open_world(hold_s=1, pay_extra_s=0)
    made = [await world.order() for _ in range(4)]
    for buyer, one in made:
        await world.expire(buyer, one["order"]["id"])
    await asyncio.gather(
        *(world.press(one) for _, one in made),
        world.market.due_now(),
        world.market.work(),
        world.market.work(),
    )
    await world.settle()
    states = [await world.state(buyer, one["order"]["id"]) for buyer, one in made]
    assert set(states) <= {"paid", "expired"}
    paid = states.count("paid")
    assert [minor for state, minor, _ in world.double.money() if state == "succeeded"] == [1200] * paid
    assert (await world.market.stock()).sold == paid
    assert {state for state, _, _ in world.double.money()} <= {"succeeded", "canceled"}


async def test_a_waiting_page_does_not_flood_stripe(world: World) -> None:
    """Stripe is asked once in five seconds, and not again at once when it says that this is too often."""
    buyer, made = await world.order()
    for _ in range(5):
        assert (await buyer.order(made["order"]["id"]))["state"] == "pending"
    assert world.double.calls["read"] == 1
    world.double.limited["create"] = 1
    other = world.market.buyer()
    held = await other.holds()
    refused = await other.check_out(held["id"], key="key-same-same", method="stripe")
    assert (refused.status_code, refused.json()["code"]) == (503, "payment_unavailable")
    assert world.double.calls["create"] == 2
    assert (await other.check_out(held["id"], key="key-same-same", method="stripe")).status_code == 201
    assert len(world.double.book.sessions) == 2
