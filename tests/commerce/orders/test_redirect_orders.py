"""Orders whose money is taken at once, by the providers' protocols: pay, commit, else refund, never twice."""

import asyncio
from typing import Any

import pytest

from commerce.payments.tables_sql import payment_inbox
from commerce.settings import AlipayKeys
from tests.commerce.orders.a_bank import World
from tests.commerce.orders.a_market import Buyer, until
from tests.commerce.orders.conftest import OpenMarket
from tests.doubles.alipay_double import APP_ID, alipay_public, keys, merchant_private

ACKNOWLEDGED = {"alipay": "success", "wechat_pay": ""}
"""What each provider wants to read as the answer to a notification."""


@pytest.mark.parametrize("notifications", ["normal", "twice", "before_answer", "lost"])
async def test_money_that_is_taken_pays_the_order_once(world: World, notifications: str) -> None:
    """However Alipay tells; each notification is answered with the one word it wants."""
    world.double.notifications = notifications
    buyer, made = await world.order(2)
    await world.pay(made)
    if notifications == "lost":
        await world.settle()
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert world.double.money() == [("paid", 0)]
    assert await world.market.counts() == (3, 0, 2)
    assert set(world.double.answers) <= {ACKNOWLEDGED[world.double.name]}
    assert len(world.market.mails()) == 1
    assert await world.market.attempts(made["order"]["id"]) == ["captured"]


async def test_a_phone_gets_the_page_for_phones(alipay: World) -> None:
    """The browser says what it is."""
    for agent, method in (("Mozilla/5.0 (Linux; Android 16) Mobile", "wap"), ("Mozilla/5.0 (X11)", "page")):
        alipay.market.http.headers["user-agent"] = agent
        _, made = await alipay.order()
        assert f"method=alipay.trade.{method}.pay" in made["pay_url"]


async def test_other_currencies_are_not_offered_alipay(open_market: OpenMarket) -> None:
    """A shop in euros does not show it, and refuses it."""
    pair = AlipayKeys(APP_ID, merchant_private(), alipay_public())
    market = await open_market(payments=("alipay", "sandbox"), alipay=pair)
    offered = await market.http.get(f"/api/v1/shops/{market.shop}/payment-methods")
    assert [one["name"] for one in offered.json()["methods"]] == ["sandbox"]
    buyer = market.buyer()
    held = await buyer.holds()
    refused = await buyer.check_out(held["id"], method="alipay")
    assert (refused.status_code, refused.json()["methods"]) == (422, ["sandbox"])
    assert await market.counts() == (4, 1, 0)


@pytest.mark.parametrize("lost", [0, 3])
async def test_a_lost_race_is_refunded_once(world: World, lost: int) -> None:
    """Another bought the last units: the money goes back whole, once, also when the answers are lost."""
    world.double.notifications = "held"
    late, made = await world.order(5)
    await world.pay(made)
    await world.take_holds(late)
    quick, other = await world.order(5)
    await world.pay(other)
    world.double.lost_answers["refund"] = lost
    await world.double.deliver_held()
    await world.settle()
    await world.settle()
    assert await world.state(late, made["order"]["id"]) == "expired"
    assert await world.state(quick, other["order"]["id"]) == "paid"
    assert await world.market.attempts(made["order"]["id"]) == ["refunded"]
    assert sorted(world.double.money()) == [("paid", 0), ("refunded", 6000)]
    assert len(world.double.refunds) == 1
    assert await world.market.counts() == (0, 0, 5)
    assert len(world.market.mails()) == 1


async def test_a_refused_refund_is_tried_until_it_is_done(world: World) -> None:
    """The seller's balance was empty for a while; the order does not forget the money."""
    world.double.notifications = "held"
    world.double.refused_refunds = 2
    late, made = await world.order(5)
    await world.pay(made)
    await world.take_holds(late)
    await world.market.buyer().holds(5)
    await world.double.deliver_held()
    for _ in range(3):
        await world.settle()
    assert world.double.refused_refunds == 0
    assert await world.market.attempts(made["order"]["id"]) == ["refunded"]
    assert world.double.money() == [("refunded", 6000)]
    assert len(world.double.refunds) == 1


async def test_the_page_ends_with_the_hold(alipay: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A buyer who has arrived is locked out; for one who has not, the page is watched to its end."""
    (there, one), (away, two) = await alipay.order(), await alipay.order()
    assert await alipay.arrive(one) == 200
    for buyer, made in ((there, one), (away, two)):
        await alipay.take_holds(buyer)
        await alipay.expire(buyer, made["order"]["id"])
    await alipay.settle()
    assert await alipay.market.attempts(one["order"]["id"]) == ["voided"]
    assert await alipay.market.attempts(two["order"]["id"]) == ["pending"]
    alipay.later(monkeypatch, 3_600_000)
    await alipay.settle()
    assert await alipay.market.attempts(two["order"]["id"]) == ["voided"]
    assert await alipay.confirm(one) == 410
    assert alipay.double.money() == [("closed", 0)]
    assert await alipay.market.counts() == (5, 0, 0)


async def test_paid_in_time_and_heard_too_late(open_bank: Any, bank: str) -> None:
    """The hold ended before the notification came; the units are there, so the sale stands."""
    world = await open_bank(bank, hold_s=6, pay_extra_s=0)
    world.double.notifications = "held"
    buyer, made = await world.order()
    await world.pay(made)
    await world.expire(buyer, made["order"]["id"])
    await world.double.deliver_held()
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "paid"
    assert world.double.money() == [("paid", 0)]
    assert await world.market.counts() == (4, 0, 1)


@pytest.mark.parametrize("notifications", ["normal", "lost"])
async def test_who_cancels_and_pays_all_the_same_gets_it_back(alipay: World, notifications: str) -> None:
    """A page in another tab was still open; its trade came to be only after the order had ended."""
    alipay.double.notifications = notifications
    buyer, made = await alipay.order()
    order = made["order"]["id"]
    assert (await buyer.call("POST", f"/orders/{order}/cancel")).json()["state"] == "cancelled"
    assert await alipay.market.counts() == (5, 0, 0)
    await alipay.settle()
    assert await alipay.market.attempts(order) == ["pending"]
    await alipay.pay(made)
    await alipay.settle()
    assert await alipay.state(buyer, order) == "cancelled"
    assert await alipay.market.attempts(order) == ["refunded"]
    assert alipay.double.money() == [("refunded", 1200)]
    assert len(alipay.double.refunds) == 1
    assert await alipay.market.counts() == (5, 0, 0)


async def test_two_paid_attempts_keep_one_payment(world: World) -> None:
    """The first trade was closed, a second paid, and then the first is heard to be paid after all."""
    world.double.notifications = "lost"
    buyer, made = await world.order()
    order, first = made["order"]["id"], made["order"]["payment"]["id"]
    assert await world.arrive(made) == 200
    world.double.set_closed(first)
    await world.settle()
    assert await world.market.attempts(order) == ["voided"]
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    await world.pay(again)
    await world.settle()
    assert await world.state(buyer, order) == "paid"
    world.double.set_paid(first)
    world.double.notifications = "twice"
    await world.double.notify(world.double.trades[first])
    await world.settle()
    assert await world.market.attempts(order) == ["refunded", "captured"]
    assert world.double.money() == [("refunded", 1200), ("paid", 0)]
    assert len(world.double.refunds) == 1
    assert await world.market.counts() == (4, 0, 1)


@pytest.mark.parametrize("action", ["give_up", "fail"])
async def test_who_does_not_pay_at_once_may_pay_later(world: World, action: str) -> None:
    """Given up, or refused by the bank: the order waits, its units are held, and the same page still pays."""
    buyer, made = await world.order()
    order = made["order"]["id"]
    assert await world.arrive(made) == 200
    assert (await world.press(made, action)).status_code == {"give_up": 200, "fail": 402}[action]
    await world.settle()
    seen = await buyer.order(order)
    assert (seen["state"], seen["payment"]["state"]) == ("pending", "pending")
    assert seen["deadline_ms"] == made["order"]["deadline_ms"]
    assert await world.market.counts() == (4, 1, 0)
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    assert again["order"]["payment"]["id"] == made["order"]["payment"]["id"]
    await world.pay(again)
    await world.becomes(buyer, order, "paid")
    assert world.double.declined == [(made["order"]["payment"]["id"], action)]
    assert world.double.money() == [("paid", 0)]
    assert world.double.calls["close"] == 0
    assert await world.market.attempts(order) == ["captured"]
    assert await world.market.counts() == (4, 0, 1)


async def test_a_phone_whose_buyer_gives_up_comes_back(alipay: World) -> None:
    """To the page they came from, with the order to be paid in its address."""
    alipay.market.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 16) Mobile"
    buyer, made = await alipay.order()
    assert await alipay.arrive(made) == 200
    left = await alipay.press(made, "give_up")
    assert left.status_code == 302
    assert f"order={made['order']['id']}" in left.headers["location"]
    assert (await buyer.order(made["order"]["id"]))["state"] == "pending"
    assert await alipay.market.counts() == (4, 1, 0)


@pytest.mark.parametrize("action", ["give_up", "fail"])
async def test_what_nobody_pays_is_closed_there_with_the_hold(world: World, action: str) -> None:
    """The trade is closed once, before its own end; the units are free, and no page takes money for them."""
    buyer, made = await world.order()
    order = made["order"]["id"]
    assert await world.arrive(made) == 200
    await world.press(made, action)
    await world.take_holds(buyer)
    await world.expire(buyer, order)
    for _ in range(2):
        await world.settle()
    assert world.double.calls["close"] == 1
    assert world.double.money() == [("closed", 0)]
    assert await world.market.attempts(order) == ["voided"]
    assert await world.confirm(made) == 410
    refused = await buyer.call("POST", f"/orders/{order}/pay")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert await world.state(buyer, order) == "expired"
    assert await world.market.counts() == (5, 0, 0)


@pytest.mark.parametrize("verb", ["query", "close"])
async def test_a_silent_alipay_changes_nothing_until_it_speaks(world: World, verb: str) -> None:
    """Three lost answers in a row; the worker asks again."""
    buyer, made = await world.order()
    assert await world.arrive(made) == 200
    await world.take_holds(buyer)
    await world.expire(buyer, made["order"]["id"])
    world.double.lost_answers[verb] = 3
    for _ in range(2):
        await world.settle()
    assert world.double.lost_answers[verb] == 0
    assert await world.market.attempts(made["order"]["id"]) == ["voided"]
    assert world.double.money() == [("closed", 0)]
    assert await world.market.counts() == (5, 0, 0)


async def test_the_amount_must_be_the_orders(world: World) -> None:
    """A genuine word about another amount is no payment of this order."""
    world.double.notifications = "lost"
    buyer, made = await world.order()
    await world.arrive(made)
    world.double.set_amount(made["order"]["payment"]["id"], 1)
    await world.confirm(made)
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "pending"
    assert await world.market.attempts(made["order"]["id"]) == ["pending"]
    assert await world.market.counts() == (4, 1, 0)


async def test_forged_notifications_change_nothing(alipay: World) -> None:
    """Signed by somebody else, or changed on the way: 400, and the word it wants is not said."""
    alipay.double.notifications = "held"
    buyer, made = await alipay.order()
    await alipay.pay(made)
    ((url, fields),) = alipay.double.held
    for sent in (
        alipay.double.send(url, fields, key=keys()[0]),
        alipay.double.send(url, fields, total_amount="1.00"),
        alipay.double.send(url, fields | {"app_id": "2021000000000009"}),
        alipay.double.send(url, fields, sign_type="RSA"),
    ):
        assert "bad_signature" in await sent
    assert await alipay.market.count_rows(payment_inbox) == 0
    assert await alipay.state(buyer, made["order"]["id"]) == "pending"
    await asyncio.gather(*(alipay.double.send(url, fields) for _ in range(3)))
    await alipay.becomes(buyer, made["order"]["id"], "paid")
    assert await alipay.market.count_rows(payment_inbox) == 1


@pytest.mark.parametrize("left", [True, False])
async def test_a_payment_that_races_the_end_of_its_trade(open_bank: Any, bank: str, left: bool) -> None:
    """Paid in the moment in which it is closed: the sale stands while units are left, else all goes back."""
    world = await open_bank(bank, **({"hold_s": 6, "pay_extra_s": 0} if left else {}))
    world.double.notifications = "lost"
    buyer, made = await world.order(5)
    assert await world.arrive(made) == 200
    if not left:
        await world.take_holds(buyer)
        await world.market.buyer().holds(5)
    world.double.pays_at_close.add(made["order"]["payment"]["id"])
    await world.expire(buyer, made["order"]["id"])
    for _ in range(2):
        await world.settle()
    assert world.double.calls["close"] == 1
    assert await world.state(buyer, made["order"]["id"]) == ("paid" if left else "expired")
    assert await world.market.attempts(made["order"]["id"]) == ["captured" if left else "refunded"]
    assert world.double.money() == [("paid", 0) if left else ("refunded", 6000)]
    assert await world.market.counts() == ((0, 0, 5) if left else (0, 5, 0))


async def test_a_slow_provider_holds_nobody_up(world: World) -> None:
    """While one question waits for its answer, another buyer's notification pays their order."""
    world.double.notifications = "held"
    (slow, one), (quick, two) = await world.order(), await world.order()
    await world.pay(one)
    await world.pay(two)
    world.double.slow["query"] = 1
    asked = world.double.calls["query"]
    first, second = world.double.held
    world.double.held = []
    await world.double.send(*first)

    async def is_asked() -> bool:
        return bool(world.double.calls["query"] > asked)

    await until(is_asked, "the provider is asked about the first order")
    await world.double.send(*second)
    await until(lambda: _is(world, quick, two, "paid"), "the second order is paid")
    assert await world.state(slow, one["order"]["id"]) == "pending"
    world.double.go_on.set()
    await world.becomes(slow, one["order"]["id"], "paid")
    assert await world.market.counts() == (3, 0, 2)


async def _is(world: World, buyer: Buyer, made: dict[str, Any], state: str) -> bool:
    return await world.state(buyer, made["order"]["id"]) == state
