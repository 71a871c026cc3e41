"""Orders whose money is taken at once, through Alipay's protocol: pay, commit, else refund, never twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from commerce.payments.tables_sql import payment_inbox
from commerce.settings import AlipayKeys
from tests.commerce.orders.a_market import Buyer, Market, until
from tests.commerce.orders.conftest import OpenMarket
from tests.doubles.alipay_double import (
    APP_ID,
    SELLER_ID,
    AlipayDouble,
    alipay_double,
    alipay_public,
    keys,
    merchant_private,
)


class World:
    """A market in CNY whose buyers pay with Alipay, and Alipay."""

    def __init__(self, market: Market, double: AlipayDouble) -> None:
        self.market = market
        self.double = double

    async def order(self, quantity: int = 1) -> tuple[Buyer, dict[str, Any]]:
        """Hold and check out as somebody new."""
        buyer = self.market.buyer()
        held = await buyer.holds(quantity)
        answer = await buyer.check_out(held["id"], method="alipay")
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        assert made["pay_url"].startswith(self.double.url)
        return buyer, made

    async def arrive(self, made: dict[str, Any]) -> int:
        """Open Alipay's page."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            return (await browser.get(made["pay_url"])).status_code

    async def press(self, made: dict[str, Any], action: str) -> httpx.Response:
        """Press a button there: pay, give_up, or pay with a card that the bank refuses (fail)."""
        root = self.double.url.removesuffix("/gateway.do")
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            page = f"{root}/cashier/{made['order']['payment']['id']}"
            return await browser.post(page, params={"action": action})

    async def confirm(self, made: dict[str, Any]) -> int:
        """Pay there."""
        return (await self.press(made, "pay")).status_code

    async def pay(self, made: dict[str, Any]) -> None:
        """Open the page and pay."""
        assert await self.arrive(made) == 200
        assert await self.confirm(made) == 200

    async def settle(self) -> None:
        """Let everything that is under way or due be done."""
        for _ in range(2):
            await self.double.idle()
            await self.market.quiet()
            await self.market.due_now()
            await self.market.work()

    async def state(self, buyer: Buyer, order: str) -> str:
        """Return an order's state without asking Alipay."""
        return next(str(one["state"]) for one in await buyer.mine() if one["id"] == order)

    async def becomes(self, buyer: Buyer, order: str, state: str) -> None:
        """Wait until an order is in a state, without asking Alipay."""

        async def there() -> bool:
            return await self.state(buyer, order) == state

        await until(there, state)
        await self.double.idle()
        await self.market.quiet()

    async def expire(self, buyer: Buyer, order: str) -> None:
        """Let the worker notice that the hold has run out."""

        async def noticed() -> bool:
            await self.market.services.jobs.sweep.expire_due()
            await self.market.services.jobs.sweep.copy_ledgers()
            return await self.state(buyer, order) == "expired"

        await until(noticed, "the hold has run out")

    async def take_holds(self, buyer: Buyer) -> None:
        """End a buyer's holds under their order, as a sweep with another clock would."""
        engine, shop = self.market.services.engine, self.market.shop
        for reservation in await engine.reservations_of(shop, buyer.person):
            await engine.release(shop, reservation=reservation.id, while_paying=True)

    def later(self, monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
        """Let time pass for the process of orders."""
        settlement = self.market.services.orders.settlement
        real = self.market.services.now_ms
        monkeypatch.setattr(settlement, "_now_ms", lambda: real() + ms)


@pytest.fixture
async def open_world(open_market: OpenMarket) -> AsyncIterator[Any]:
    """Open a market with Alipay, with settings of one's own."""
    async with alipay_double() as double:
        opened: list[World] = []

        async def open_one(**changes: Any) -> World:
            pair = AlipayKeys(APP_ID, merchant_private(), alipay_public(), SELLER_ID, double.url)
            market = await open_market(currency="CNY", payments=("alipay",), alipay=pair, **changes)
            opened.append(World(market, double))
            return opened[-1]

        yield open_one
        for world in opened:
            await double.idle()
            await world.market.quiet()


@pytest.fixture
async def world(open_world: Any) -> World:
    """Open a market with Alipay and holds of five minutes."""
    opened: World = await open_world()
    return opened


@pytest.mark.parametrize("notifications", ["normal", "twice", "before_answer", "lost"])
async def test_money_that_is_taken_pays_the_order_once(world: World, notifications: str) -> None:
    """However Alipay tells; each notification is answered with the one word it wants."""
    world.double.notifications = notifications
    buyer, made = await world.order(2)
    await world.pay(made)
    if notifications == "lost":
        await world.settle()
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert world.double.money() == [("TRADE_SUCCESS", 0)]
    assert await world.market.counts() == (3, 0, 2)
    assert set(world.double.answers) <= {"success"}
    assert len(world.market.mails()) == 1
    assert await world.market.attempts(made["order"]["id"]) == ["captured"]


async def test_a_phone_gets_the_page_for_phones(world: World) -> None:
    """The browser says what it is."""
    for agent, method in (("Mozilla/5.0 (Linux; Android 16) Mobile", "wap"), ("Mozilla/5.0 (X11)", "page")):
        world.market.http.headers["user-agent"] = agent
        _, made = await world.order()
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
    assert sorted(world.double.money()) == [("TRADE_CLOSED", 6000), ("TRADE_SUCCESS", 0)]
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
    assert world.double.money() == [("TRADE_CLOSED", 6000)]
    assert len(world.double.refunds) == 1


async def test_the_page_ends_with_the_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A buyer who has arrived is locked out; for one who has not, the page is watched to its end."""
    (there, one), (away, two) = await world.order(), await world.order()
    assert await world.arrive(one) == 200
    for buyer, made in ((there, one), (away, two)):
        await world.take_holds(buyer)
        await world.expire(buyer, made["order"]["id"])
    await world.settle()
    assert await world.market.attempts(one["order"]["id"]) == ["voided"]
    assert await world.market.attempts(two["order"]["id"]) == ["pending"]
    world.later(monkeypatch, 3_600_000)
    await world.settle()
    assert await world.market.attempts(two["order"]["id"]) == ["voided"]
    assert await world.confirm(one) == 410
    assert world.double.money() == [("TRADE_CLOSED", 0)]
    assert await world.market.counts() == (5, 0, 0)


async def test_paid_in_time_and_heard_too_late(open_world: Any) -> None:
    """The hold ended before the notification came; the units are there, so the sale stands."""
    world = await open_world(hold_s=6, pay_extra_s=0)
    world.double.notifications = "held"
    buyer, made = await world.order()
    await world.pay(made)
    await world.expire(buyer, made["order"]["id"])
    await world.double.deliver_held()
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "paid"
    assert world.double.money() == [("TRADE_SUCCESS", 0)]
    assert await world.market.counts() == (4, 0, 1)


@pytest.mark.parametrize("notifications", ["normal", "lost"])
async def test_who_cancels_and_pays_all_the_same_gets_it_back(world: World, notifications: str) -> None:
    """A page in another tab was still open; its trade came to be only after the order had ended."""
    world.double.notifications = notifications
    buyer, made = await world.order()
    order = made["order"]["id"]
    assert (await buyer.call("POST", f"/orders/{order}/cancel")).json()["state"] == "cancelled"
    assert await world.market.counts() == (5, 0, 0)
    await world.settle()
    assert await world.market.attempts(order) == ["pending"]
    await world.pay(made)
    await world.settle()
    assert await world.state(buyer, order) == "cancelled"
    assert await world.market.attempts(order) == ["refunded"]
    assert world.double.money() == [("TRADE_CLOSED", 1200)]
    assert len(world.double.refunds) == 1
    assert await world.market.counts() == (5, 0, 0)


async def test_two_paid_attempts_keep_one_payment(world: World) -> None:
    """The first trade was closed, a second paid, and then the first is heard to be paid after all."""
    world.double.notifications = "lost"
    buyer, made = await world.order()
    order, first = made["order"]["id"], made["order"]["payment"]["id"]
    assert await world.arrive(made) == 200
    world.double.trades[first]["trade_status"] = "TRADE_CLOSED"
    await world.settle()
    assert await world.market.attempts(order) == ["voided"]
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    await world.pay(again)
    await world.settle()
    assert await world.state(buyer, order) == "paid"
    trade = world.double.trades[first]
    trade.update(trade_status="TRADE_SUCCESS")
    world.double.notifications = "twice"
    await world.double._notify(trade)
    await world.settle()
    assert await world.market.attempts(order) == ["refunded", "captured"]
    assert world.double.money() == [("TRADE_CLOSED", 1200), ("TRADE_SUCCESS", 0)]
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
    assert world.double.money() == [("TRADE_SUCCESS", 0)]
    assert world.double.calls["close"] == 0
    assert await world.market.attempts(order) == ["captured"]
    assert await world.market.counts() == (4, 0, 1)


async def test_a_phone_whose_buyer_gives_up_comes_back(world: World) -> None:
    """To the page they came from, with the order to be paid in its address."""
    world.market.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 16) Mobile"
    buyer, made = await world.order()
    assert await world.arrive(made) == 200
    left = await world.press(made, "give_up")
    assert left.status_code == 302
    assert f"order={made['order']['id']}" in left.headers["location"]
    assert (await buyer.order(made["order"]["id"]))["state"] == "pending"
    assert await world.market.counts() == (4, 1, 0)


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
    assert world.double.money() == [("TRADE_CLOSED", 0)]
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
    assert world.double.money() == [("TRADE_CLOSED", 0)]
    assert await world.market.counts() == (5, 0, 0)


async def test_the_amount_must_be_the_orders(world: World) -> None:
    """A genuine word about another amount is no payment of this order."""
    world.double.notifications = "lost"
    buyer, made = await world.order()
    await world.arrive(made)
    world.double.trades[made["order"]["payment"]["id"]]["total_amount"] = "0.01"
    await world.confirm(made)
    await world.settle()
    assert await world.state(buyer, made["order"]["id"]) == "pending"
    assert await world.market.attempts(made["order"]["id"]) == ["pending"]
    assert await world.market.counts() == (4, 1, 0)


async def test_forged_notifications_change_nothing(world: World) -> None:
    """Signed by somebody else, or changed on the way: 400, and the word it wants is not said."""
    world.double.notifications = "held"
    buyer, made = await world.order()
    await world.pay(made)
    ((url, fields),) = world.double.held
    for sent in (
        world.double.send(url, fields, key=keys()[0]),
        world.double.send(url, fields, total_amount="1.00"),
        world.double.send(url, fields | {"app_id": "2021000000000009"}),
        world.double.send(url, fields, sign_type="RSA"),
    ):
        assert "bad_signature" in await sent
    assert await world.market.count_rows(payment_inbox) == 0
    assert await world.state(buyer, made["order"]["id"]) == "pending"
    await asyncio.gather(*(world.double.send(url, fields) for _ in range(3)))
    await world.becomes(buyer, made["order"]["id"], "paid")
    assert await world.market.count_rows(payment_inbox) == 1
