"""What a shop's webhooks are told of its orders and its stock."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from commerce.webhooks.events import CHOICES
from commerce.webhooks.structs import WebhookRequest
from tests.commerce.orders.a_market import Market
from tests.commerce.orders.conftest import OpenMarket
from tests.commerce.webhooks.a_receiver import Receiver, Serving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver that takes everything."""
    async with Serving(Receiver()) as running:
        yield running


@pytest.fixture
async def market(open_market: OpenMarket, receiver: Receiver) -> Market:
    """Open a market whose receiver asked for everything."""
    market = await open_market(webhook_allow=("127.0.0.0/8",))
    request = WebhookRequest(receiver.url, CHOICES)
    await market.services.webhooks.endpoints.create(
        market.shop, market.owner, request, "en", market.fresh_key()
    )
    return market


async def told(market: Market, receiver: Receiver) -> list[tuple[str, dict[str, object]]]:
    """Let everything be sent; returns (type, data) in the order of arrival."""
    await market.quiet()
    await market.work()
    await market.quiet()
    await market.services.outbox.send_due()
    await market.services.webhooks.sending.send_due()
    await market.services.webhooks.sending.idle()
    bodies = [msgspec.json.decode(got.body) for got in receiver.got]
    return [(body["type"], body["data"]) for body in bodies]


async def test_a_paid_order_is_told_without_its_buyer(market: Market, receiver: Receiver) -> None:
    """Figures and goods; who bought stays in the shop."""
    buyer = market.buyer()
    made = await buyer.orders_one(2)
    await buyer.act(made["pay_url"])
    [(kind, data)] = await told(market, receiver)
    order = made["order"]
    assert kind == "order.paid"
    assert (data["id"], data["number"], data["state"], data["total_minor"], data["currency"]) == (
        order["id"], order["number"], "paid", 2400, "EUR",
    )  # fmt: skip
    assert data["lines_total"] == 1
    assert data["lines"] == [
        {"product": order["lines"][0]["product"], "variant": market.mug, "sale": None, "title": "Mug",
         "variant_title": "Blue", "quantity": 2, "price_minor": 1200}
    ]  # fmt: skip
    assert b"Buyer" not in receiver.got[0].body
    assert b"example.com" not in receiver.got[0].body
    await market.due_now()
    assert len(await told(market, receiver)) == 1


async def test_a_cancelled_order_is_told_once(market: Market, receiver: Receiver) -> None:
    """Pressing the button twice tells nothing twice."""
    buyer = market.buyer()
    order = (await buyer.orders_one())["order"]["id"]
    for _ in range(2):
        assert (await buyer.call("POST", f"/orders/{order}/cancel")).status_code == 200
    [(kind, data)] = await told(market, receiver)
    assert (kind, data["id"], data["state"]) == ("order.cancelled", order, "cancelled")


async def test_a_capture_that_fails_is_told(market: Market, receiver: Receiver) -> None:
    """The units stay sold, and what follows is the host's matter."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"], capture="refuse")
    [(kind, data)] = await told(market, receiver)
    assert (kind, data["id"], data["state"]) == (
        "order.capture_failed", made["order"]["id"], "capture_failed",
    )  # fmt: skip


async def test_the_last_unit_sold_is_told_and_a_held_one_is_not(market: Market, receiver: Receiver) -> None:
    """While one is held it may come back; the copy of the ledger tells each once."""
    buyer, other = market.buyer(), market.buyer()
    made = await buyer.orders_one(4)
    held = await other.holds(1)
    await buyer.act(made["pay_url"])
    assert [kind for kind, _ in await told(market, receiver)] == ["order.paid"]
    last = (await other.check_out(held["id"])).json()
    await other.act(last["pay_url"])
    kinds = dict(await told(market, receiver))
    assert len(receiver.got) == 3
    assert kinds["stock.sold_out"] == {
        "product": made["order"]["lines"][0]["product"], "variant": market.mug, "sale": None, "show": None,
        "pool": f"po_{market.mug}", "sold": 5,
    }  # fmt: skip
    assert len(await told(market, receiver)) == 3
