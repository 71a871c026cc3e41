"""What providers tell, in any order, any number of times, and what is done when they tell nothing."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from commerce.orders.people_redis import people_channel
from commerce.orders.steps import Step
from commerce.payments.sandbox.messages import Act
from commerce.payments.signature import signed_headers
from commerce.payments.tables_sql import payment_inbox
from tests.commerce.orders.a_market import Buyer, Market, until
from tests.commerce.orders.conftest import OpenMarket

WEBHOOK = "/api/v1/payments/sandbox/webhook"


async def state_of(buyer: Buyer, order: str) -> str:
    """Return an order's state without asking the provider."""
    return next(str(one["state"]) for one in await buyer.mine() if one["id"] == order)


def becomes(buyer: Buyer, order: str, state: str) -> Callable[[], Any]:
    """Make a condition to wait for."""

    async def holds() -> bool:
        return await state_of(buyer, order) == state

    return holds


def lose_webhooks(market: Market) -> None:
    """Let no delivery arrive."""

    async def lost(*_: object) -> bool:
        return False

    market.services.payments.sandbox.bank._sender.send = lost


class LosesAnswers(httpx.AsyncBaseTransport):
    """Passes requests on and loses the answers of the first `count` calls to a path."""

    def __init__(self, path: str, count: int) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._path = path
        self.count = count

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Let the server do its work, then lose what it said."""
        answer = await self._inner.handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith(self._path) and self.count:
            await answer.aread()
            self.count -= 1
            raise httpx.ReadError("the answer was lost")
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def lose_answers(market: Market, path: str, count: int) -> LosesAnswers:
    """Put a lossy line between commerce and its provider."""
    transport = LosesAnswers(path, count)
    client = market.services.payments.providers["sandbox"]
    client._http._transport = transport
    client._http._mounts = {}
    return transport


@pytest.mark.parametrize("webhook", ["normal", "twice", "before_answer"])
async def test_a_webhook_pays_the_order_once(market: Market, webhook: str) -> None:
    """One sale, one charge, one mail."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    await buyer.act(made["pay_url"], "approve", webhook)
    await until(becomes(buyer, order, "paid"), "paid")
    await market.quiet()
    assert await market.counts() == (4, 0, 1)
    assert await market.book() == [("captured", 1200)]
    assert len(market.mails()) == 1


async def test_a_late_webhook_is_sent_by_the_worker(market: Market) -> None:
    """Nothing happens until its time has come."""
    bank = market.services.payments.sandbox.bank
    bank._late_ms = 0
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"], "approve", "late")
    await market.quiet()
    assert await state_of(buyer, made["order"]["id"]) == "pending"
    await bank.deliver_due()
    await until(becomes(buyer, made["order"]["id"], "paid"), "paid")


async def test_the_buyers_return_is_enough(market: Market) -> None:
    """Every webhook is lost; looking at the order asks the provider."""
    lose_webhooks(market)
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    assert await state_of(buyer, made["order"]["id"]) == "pending"
    assert (await buyer.order(made["order"]["id"]))["state"] == "paid"
    assert await market.counts() == (4, 0, 1)


async def test_the_worker_finds_a_payment_whose_webhook_was_lost(market: Market) -> None:
    """Nobody comes back and nothing is delivered; the worker asks."""
    lose_webhooks(market)
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await market.work()
    assert await state_of(buyer, made["order"]["id"]) == "pending"
    await market.due_now()
    await market.work()
    assert await state_of(buyer, made["order"]["id"]) == "paid"


async def test_a_webhook_inside_the_providers_answer_is_no_harm(market: Market) -> None:
    """The provider authorises and tells before `create` has answered."""
    market.services.payments.providers["sandbox"]._test = Act(action="approve", webhook="before_answer")
    buyer = market.buyer()
    made = await buyer.orders_one()
    await until(becomes(buyer, made["order"]["id"], "paid"), "paid")
    await market.quiet()
    assert await market.book() == [("captured", 1200)]
    assert len(market.mails()) == 1


async def test_a_forged_webhook_is_refused_and_not_stored(market: Market) -> None:
    """Wrong key, no signature, unknown provider; and the order is as it was."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    body = b'{"type":"payment.updated","payment":{}}'
    now_s = market.services.now_ms() // 1000
    forged = signed_headers(b"x" * 32, "wh_forged", now_s, body)
    for headers in (forged, {}):
        answer = await market.http.post(WEBHOOK, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    answer = await market.http.post(WEBHOOK.replace("sandbox", "gold"), content=body, headers=forged)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_provider")
    assert await market.count_rows(payment_inbox) == 0
    assert await state_of(buyer, made["order"]["id"]) == "pending"


async def test_old_news_changes_nothing(market: Market) -> None:
    """A genuine "open" after "captured", and a payment that is not ours."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    lose_webhooks(market)
    await buyer.act(made["pay_url"])
    assert (await buyer.order(order))["state"] == "paid"
    told = (await market.http.get(f"/api/sandbox/payments/{made['pay_url'].rpartition('/')[2]}")).json()
    secret = market.services.keys.derive("sandbox-webhooks")
    for number, changes in enumerate(
        ({"state": "pending"}, {"state": "authorised"}, {"reference": "pa_unknown"})
    ):
        body = msgspec.json.encode({"type": "payment.updated", "payment": told | changes})
        headers = signed_headers(secret, f"wh_{number}", market.services.now_ms() // 1000, body)
        for _ in range(2):
            assert (await market.http.post(WEBHOOK, content=body, headers=headers)).status_code == 204
    await market.quiet()
    await market.due_now()
    await market.work()
    assert (await buyer.order(order))["state"] == "paid"
    assert await market.attempts(order) == ["captured"]
    assert await market.count_rows(payment_inbox) == 3
    assert await market.counts() == (4, 0, 1)


async def test_a_capture_that_is_refused_is_told_to_the_host(market: Market) -> None:
    """The units stay sold; the host's control view hears of it through the ledger."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    await buyer.act(made["pay_url"], "approve", "normal", capture="refuse")
    await until(becomes(buyer, order, "capture_failed"), "capture failed")
    await market.quiet()
    assert await market.counts() == (4, 0, 1)
    notes = [one for one in await market.services.engine.ledger_read(market.shop) if one.note]
    failed = [one.body for one in notes if one.note == "payment_failed"]
    assert [(one["order"], one["total_minor"]) for one in failed] == [(order, 1200)]
    assert market.mails() == []


@pytest.mark.parametrize("path", ["/payments", "/capture"])
async def test_a_lost_answer_of_the_provider_charges_once(market: Market, path: str) -> None:
    """The client repeats with the same key; the provider did it once."""
    line = lose_answers(market, path, 2)
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await market.quiet()
    await market.due_now()
    await market.work()
    assert await state_of(buyer, made["order"]["id"]) == "paid"
    await market.quiet()
    assert line.count == 0
    assert await market.book() == [("captured", 1200)]


async def test_a_provider_that_stays_silent_is_a_temporary_refusal(market: Market) -> None:
    """The order and its hold stand; the same key goes on where it stopped, with one payment."""
    lose_answers(market, "/payments", 3)
    buyer = market.buyer()
    held = await buyer.holds()
    failed = await buyer.check_out(held["id"], key="key-same-same")
    assert (failed.status_code, failed.json()["code"]) == (503, "payment_unavailable")
    assert await market.counts() == (4, 1, 0)
    made = (await buyer.check_out(held["id"], key="key-same-same")).json()
    assert made["order"]["id"] == failed.json()["order"]
    await buyer.act(made["pay_url"])
    await until(becomes(buyer, made["order"]["id"], "paid"), "paid")
    assert await market.book() == [("captured", 1200)]


@pytest.mark.parametrize("step", [Step.CLAIM, Step.COMMIT, Step.CAPTURE, Step.FINISH])
async def test_a_crash_after_any_step_is_carried_on_by_the_worker(market: Market, step: Step) -> None:
    """The process dies right after a step; nothing is sold, charged or mailed twice."""
    settlement = market.services.orders.settlement
    real, died = settlement._do[step], asyncio.Event()

    async def dies(*given: Any) -> None:
        await real(*given)
        if not died.is_set():
            died.set()
            raise asyncio.CancelledError

    settlement._do = {**settlement._do, step: dies}
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    async with asyncio.timeout(5):
        await died.wait()
    await market.due_now()
    await market.work()
    await market.quiet()
    assert await state_of(buyer, made["order"]["id"]) == "paid"
    assert await market.counts() == (4, 0, 1)
    assert await market.book() == [("captured", 1200)]
    assert len(market.mails()) == 1


async def test_an_order_that_breaks_does_not_hold_up_the_others(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker logs it, puts it off and carries on the next."""
    lose_webhooks(market)
    broken, fine = market.buyer(), market.buyer()
    first, second = await broken.orders_one(), await fine.orders_one()
    for buyer, made in ((broken, first), (fine, second)):
        await buyer.act(made["pay_url"])
    settlement = market.services.orders.settlement
    real = settlement.advance

    async def breaks(order: str, *, ask: bool = False) -> Any:
        if order == first["order"]["id"]:
            raise ZeroDivisionError
        return await real(order, ask=ask)

    await market.due_now()
    with monkeypatch.context() as breaking:
        breaking.setattr(settlement, "advance", breaks)
        await market.services.orders.settle_due()
    assert await state_of(fine, second["order"]["id"]) == "paid"
    assert await state_of(broken, first["order"]["id"]) == "pending"
    await market.due_now()
    await market.services.orders.settle_due()
    assert await state_of(broken, first["order"]["id"]) == "paid"


async def heard(pubsub: Any) -> list[dict[str, Any]]:
    """Return what was published to a shop's people so far."""
    told: list[dict[str, Any]] = []
    while (message := await pubsub.get_message(timeout=0.05)) is not None:
        if message["type"] == "message":
            told.append(msgspec.json.decode(message["data"]))
    return told


async def test_the_buyers_other_screens_hear_of_it(market: Market) -> None:
    """Authorised, paid, and the hold that became a sale; without name and address."""
    channel = market.services.redis.pubsub()
    await channel.subscribe(people_channel(market.shop))
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await until(becomes(buyer, made["order"]["id"], "paid"), "paid")
    await market.quiet()
    await market.services.jobs.sweep.copy_ledgers()
    told = await heard(channel)
    await channel.aclose()
    assert {one["person"] for one in told} == {buyer.person}
    orders = [one["order"] for one in told if one["event"] == "order"]
    assert [order["state"] for order in orders] == ["authorised", "paid"]
    assert {order["contact"] for order in orders} == {None}
    assert {order["token"] for order in orders} == {None}
    assert [one["reservation"]["state"] for one in told if one["event"] == "reservation"] == ["committed"]


async def expired(market: Market, buyer: Buyer, order: str) -> None:
    """Let the hold run out and the worker notice."""

    async def noticed() -> bool:
        await market.work()
        return await state_of(buyer, order) != "pending"

    await until(noticed, "the hold has run out")


async def test_a_hold_that_runs_out_while_paying_ends_the_order(open_market: OpenMarket) -> None:
    """The units go back, the provider's page takes no money any more, the buyer is told."""
    market = await open_market(hold_s=1, pay_extra_s=0)
    redis = market.services.redis.pubsub()
    await redis.subscribe(people_channel(market.shop))
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    await expired(market, buyer, order)
    await market.due_now()
    await market.work()
    assert await state_of(buyer, order) == "expired"
    assert await market.counts() == (5, 0, 0)
    assert await market.book() == [("voided", 0)]
    assert (await buyer.act(made["pay_url"])).status_code == 409
    refused = await buyer.call("POST", f"/orders/{order}/pay")
    assert refused.json()["code"] in {"wrong_state", "reservation_ended"}
    told = await heard(redis)
    await redis.aclose()
    assert {(one["person"], one["event"]) for one in told} == {
        (buyer.person, "order"),
        (buyer.person, "reservation"),
    }
    assert [one["order"]["state"] for one in told if one["event"] == "order"][-1] == "expired"
    assert all(one["order"]["contact"] is None for one in told if one["event"] == "order")


async def test_a_late_success_is_honoured_while_units_are_left(open_market: OpenMarket) -> None:
    """Paid in time, heard of too late: the units are there, so the sale stands."""
    market = await open_market(hold_s=1, pay_extra_s=0)
    lose_webhooks(market)
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await expired(market, buyer, made["order"]["id"])
    await market.due_now()
    await market.work()
    assert await state_of(buyer, made["order"]["id"]) == "paid"
    assert await market.counts() == (4, 0, 1)
    assert await market.book() == [("captured", 1200)]


async def test_who_lost_the_last_units_is_not_charged(open_market: OpenMarket) -> None:
    """The hold ran out, another bought them: the first payment is voided, the order expires."""
    market = await open_market(hold_s=1, pay_extra_s=60)
    lose_webhooks(market)
    late, quick = market.buyer(), market.buyer()
    made = await late.orders_one(5)
    await late.act(made["pay_url"])
    order = made["order"]["id"]
    # The hold ends under the order, as a sweep with another clock would do it.
    for reservation in await market.services.engine.reservations_of(market.shop, late.person):
        await market.services.engine.release(market.shop, reservation=reservation.id, while_paying=True)
    second = await quick.orders_one(5)
    await quick.act(second["pay_url"])
    assert (await quick.order(second["order"]["id"]))["state"] == "paid"
    assert (await late.order(order))["state"] == "expired"
    assert await market.attempts(order) == ["voided"]
    assert sorted(await market.book()) == [("captured", 6000), ("voided", 0)]
    assert await market.counts() == (0, 0, 5)


async def test_two_buyers_cannot_both_pay_for_the_last_unit(open_market: OpenMarket) -> None:
    """The first hold ran out before it was heard that it is paid; the second was paid too. One is sold."""
    market = await open_market(hold_s=1, pay_extra_s=0)
    lose_webhooks(market)
    await market.buyer().holds(4)
    first, second = market.buyer(), market.buyer()
    one = await first.orders_one()
    await first.act(one["pay_url"])
    market.services.door._hold_ms = 60_000  # the second buyer has time
    other: dict[str, Any] = {}

    async def second_holds() -> bool:
        if other:
            return True
        await market.services.jobs.sweep.expire_due()
        answer = await second.reserve(5)
        if answer.status_code == 201:
            made = await second.check_out(answer.json()["id"])
            assert made.status_code == 201, made.text
            other.update(made.json())
        return bool(other)

    await until(second_holds, "the units came free")
    await second.act(other["pay_url"])
    await asyncio.gather(first.order(one["order"]["id"]), second.order(other["order"]["id"]))
    await market.due_now()
    await market.work()
    states = {await state_of(first, one["order"]["id"]), await state_of(second, other["order"]["id"])}
    assert states == {"paid", "expired"}
    captured = [minor for state, minor in await market.book() if state == "captured"]
    sold = (await market.stock()).sold
    assert captured == [sold * 1200]
