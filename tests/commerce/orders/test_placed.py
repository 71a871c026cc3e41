"""Orders that are paid by hand: committed at once, paid by the host's word, or given up."""

import asyncio
from typing import Any

import pytest

from commerce.orders.steps import Step
from commerce.outbox_tables_sql import outbox
from commerce.payments.methods import PaymentSettingRequest
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.orders.conftest import OpenMarket
from tests.commerce.returns.a_desk import Desk

HOW = "Clay GmbH\nDE02 1203 0000 0000 2020 51"


@pytest.fixture
async def by_hand(open_market: OpenMarket) -> Market:
    """Open a market whose buyers may pay by bank transfer or at the door."""
    market = await open_market(payments=("bank_transfer", "cash_on_delivery", "sandbox"))
    for method in ("bank_transfer", "cash_on_delivery"):
        await market.services.payments.methods.put(market.shop, method, PaymentSettingRequest(True, HOW))
    return market


async def placed(buyer: Buyer, quantity: int = 1, method: str = "bank_transfer") -> dict[str, Any]:
    """Hold and order, to be paid by hand."""
    held = await buyer.holds(quantity)
    answer = await buyer.check_out(held["id"], method=method)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def host(market: Market) -> Buyer:
    """Let the shop's owner speak."""
    return Buyer(market, market.owner, 0)


async def says(market: Market, order: str, word: str) -> tuple[int, dict[str, Any]]:
    """Let the host say that the money has come, or will not."""
    answer = await host(market).call("POST", f"/shops/{market.shop}/orders/{order}/payment-{word}")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("method", ["bank_transfer", "cash_on_delivery"])
async def test_an_order_paid_by_hand_is_sold_at_once(by_hand: Market, method: str) -> None:
    """The units are the buyer's, who is told how to pay, on the page and by mail; nothing is charged."""
    buyer = by_hand.buyer()
    made = await placed(buyer, 2, method)
    order = made["order"]
    assert (order["state"], made["pay_url"]) == ("placed", None)
    assert (order["payment"]["state"], order["payment"]["instructions"]) == ("promised", HOW)
    assert order["deadline_ms"] is None
    await by_hand.quiet()
    assert await by_hand.counts() == (3, 0, 2)
    assert await by_hand.book() == []
    (mail,) = by_hand.mails()
    assert "DE02 1203 0000 0000 2020 51" in mail
    assert "waits for your payment" in mail
    await by_hand.due_now()
    await by_hand.work()
    assert (await buyer.order(order["id"]))["state"] == "placed"


async def test_the_hosts_word_makes_it_paid_once(by_hand: Market) -> None:
    """Pressed twice at once and again later: one payment, one confirmation."""
    buyer = by_hand.buyer()
    order = (await placed(buyer))["order"]["id"]
    await by_hand.quiet()
    answers = await asyncio.gather(*(says(by_hand, order, "received") for _ in range(3)))
    assert {(status, body["state"]) for status, body in answers} == {(200, "paid")}
    assert (await says(by_hand, order, "received"))[1]["payment"]["state"] == "captured"
    await by_hand.quiet()
    assert await by_hand.counts() == (4, 0, 1)
    assert len(by_hand.mails()) == 2
    status, body = await says(by_hand, order, "missing")
    assert (status, body["code"], body["state"]) == (409, "wrong_state", "paid")
    refused = await buyer.call("POST", f"/orders/{order}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert await by_hand.counts() == (4, 0, 1)


@pytest.mark.parametrize("who", ["buyer", "host"])
async def test_who_gives_up_sends_the_units_back_once(by_hand: Market, who: str) -> None:
    """Buyer or host, as often as they press: sold units are on the shelf again, in the same numbers."""
    buyer = by_hand.buyer()
    order = (await placed(buyer, 3))["order"]["id"]
    assert await by_hand.counts() == (2, 0, 3)
    for _ in range(2):
        if who == "buyer":
            assert (await buyer.call("POST", f"/orders/{order}/cancel")).json()["state"] == "cancelled"
        else:
            assert (await says(by_hand, order, "missing"))[1]["state"] == "cancelled"
    await by_hand.work()
    assert await by_hand.counts() == (5, 0, 0)
    assert await by_hand.attempts(order) == ["voided"]
    assert await by_hand.count_rows(outbox) == 0
    status, body = await says(by_hand, order, "received")
    assert (status, body["code"]) == (409, "wrong_state")
    assert (await buyer.order(order))["state"] == "cancelled"


async def test_giving_up_and_the_money_at_once_have_one_winner(by_hand: Market) -> None:
    """Either paid and sold, or cancelled and back; never both."""
    order = (await placed(by_hand.buyer()))["order"]["id"]
    one, two = await asyncio.gather(says(by_hand, order, "received"), says(by_hand, order, "missing"))
    assert sorted((one[0], two[0])) == [200, 409]
    await by_hand.work()
    assert await by_hand.counts() == ((4, 0, 1) if one[0] == 200 else (5, 0, 0))


async def test_units_wait_in_the_outbox_while_redis_is_busy(
    by_hand: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is cancelled in SQL; the worker brings the units back, once."""
    buyer = by_hand.buyer()
    order = (await placed(buyer))["order"]["id"]
    engine = by_hand.services.engine

    async def away(*_: object, **__: object) -> None:
        raise ConnectionError("the store is away")

    with monkeypatch.context() as broken:
        broken.setattr(engine, "return_sold", away)
        assert (await buyer.call("POST", f"/orders/{order}/cancel")).json()["state"] == "cancelled"
    assert await by_hand.counts() == (4, 0, 1)
    assert await by_hand.count_rows(outbox) == 1
    real = by_hand.services.now_ms
    monkeypatch.setattr(by_hand.services.outbox, "now_ms", lambda: real() + 120_000)
    await by_hand.work()
    assert await by_hand.counts() == (5, 0, 0)


@pytest.mark.parametrize("step", [Step.CLAIM, Step.COMMIT, Step.PLACE])
async def test_a_crash_while_placing_is_carried_on(by_hand: Market, step: Step) -> None:
    """After any step the worker ends it: placed once, told once."""
    settlement = by_hand.services.orders.settlement
    real = settlement._do[step]
    dead: list[Step] = []

    async def dies(*given: Any) -> None:
        await real(*given)
        if not dead:
            dead.append(step)
            raise ZeroDivisionError

    settlement._do = {**settlement._do, step: dies}
    buyer = by_hand.buyer()
    held = await buyer.holds()
    assert (await buyer.check_out(held["id"], method="bank_transfer")).status_code == 500
    await by_hand.due_now()
    await by_hand.work()
    await by_hand.quiet()
    (order,) = await buyer.mine()
    assert (order["state"], dead) == ("placed", [step])
    assert await by_hand.counts() == (4, 0, 1)
    assert len(by_hand.mails()) == 1


async def test_a_promise_that_came_too_late_sells_nothing(by_hand: Market) -> None:
    """The hold was gone when the order was placed: it expires, and no unit is taken."""
    buyer = by_hand.buyer()
    held = await buyer.holds(5)
    desk = by_hand.services.orders.desk
    real = desk._create

    async def late(*given: Any, **named: Any) -> None:
        await by_hand.services.engine.release(by_hand.shop, reservation=held["id"], while_paying=True)
        await real(*given, **named)

    desk._create = late
    made = (await buyer.check_out(held["id"], method="bank_transfer")).json()
    assert made["order"]["state"] == "expired"
    await by_hand.quiet()
    assert await by_hand.attempts(made["order"]["id"]) == ["voided"]
    assert await by_hand.counts() == (5, 0, 0)
    assert by_hand.mails() == []


async def test_another_shops_host_has_no_say(by_hand: Market) -> None:
    """The order is not found under another shop, and stays as it is."""
    order = (await placed(by_hand.buyer()))["order"]["id"]
    other = Market(by_hand.services, by_hand.http)
    other.owner = await by_hand.services.accounts.create(
        "o@example.com", "correct horse", "O", confirmed=True
    )
    from commerce.shops.structs import ShopRequest

    other.shop = (
        await by_hand.services.shops.found(other.owner, ShopRequest(name="Other", currency="EUR"))
    ).id
    for word in ("received", "missing"):
        status, body = await says(other, order, word)
        assert (status, body["code"]) == (404, "no_such_order")
    assert await by_hand.attempts(order) == ["promised"]
    assert await by_hand.counts() == (4, 0, 1)


async def test_an_order_paid_elsewhere_needs_no_word(by_hand: Market) -> None:
    """The sandbox takes its money itself; the host cannot say so for it."""
    made = await by_hand.buyer().orders_one()
    for word in ("received", "missing"):
        status, body = await says(by_hand, made["order"]["id"], word)
        assert (status, body["code"], body["state"]) == (409, "wrong_state", "pending")
    assert await by_hand.counts() == (4, 1, 0)


async def test_cash_on_delivery_is_sent_before_it_is_paid(by_hand: Market) -> None:
    """The buyer cannot give up what is on its way; the money makes it paid, and sent as it is, fulfilled."""
    buyer, desk = by_hand.buyer(), Desk(by_hand)
    order = (await placed(buyer, method="cash_on_delivery"))["order"]["id"]
    await by_hand.quiet()
    assert "pack" in (await desk.see(order))["may"]
    sent = await desk.does(order, "parcels", {"send": True})
    assert (sent["order"]["state"], sent["parcels"][0]["state"]) == ("placed", "sent")
    refused = await buyer.call("POST", f"/orders/{order}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert await by_hand.counts() == (4, 0, 1)
    assert (await says(by_hand, order, "received"))[0] == 200
    assert (await buyer.order(order))["state"] == "fulfilled"
    await by_hand.quiet()
