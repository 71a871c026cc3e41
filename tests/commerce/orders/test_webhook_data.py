"""What a shop's webhooks are told of its orders and its stock."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from commerce.catalogue.structs import ProductChange
from commerce.webhooks.events import CHOICES
from commerce.webhooks.structs import WebhookRequest
from tests.commerce.orders.a_market import Buyer, Market
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
    assert (data["tax_minor"], data["taxes"], data["lines_total"]) == (0, [], 1)
    assert data["lines"] == [
        {"product": order["lines"][0]["product"], "variant": market.mug, "sale": None, "title": "Mug",
         "variant_title": "Blue", "quantity": 2, "price_minor": 1200}
    ]  # fmt: skip
    assert b"Buyer" not in receiver.got[0].body
    assert b"example.com" not in receiver.got[0].body
    await market.due_now()
    assert len(await told(market, receiver)) == 1


async def test_tax_is_told_rate_by_rate(market: Market, receiver: Receiver) -> None:
    """Goods of two rates and a parcel that shares them: the rows are the order's, and their tax its tax."""
    host = Buyer(market, market.owner, 0)
    product = (await market.services.catalogue.by_variants(market.shop, (market.cap,)))[market.cap]
    await market.services.catalogue.change(market.shop, product.id, ProductChange(tax_class="reduced"))
    rates = [{"place": "GB", "name": "Value added tax of Britain", "rate_ppm": 200_000},
             {"place": "GB", "name": "VAT", "rate_ppm": 50_000, "tax_class": "reduced"}]  # fmt: skip
    post = {"name": "Post", "price_minor": 500, "kind": "delivery"}
    for what, body in (("taxes", {"rates": rates, "inclusive": True}), ("shipping", {"methods": [post]})):
        answer = await host.call("PUT", f"/shops/{market.shop}/{what}", body)
        assert answer.status_code == 200, answer.text
    buyer = market.buyer()
    mug, cap = await buyer.holds(2), await buyer.holds(1, variant=market.cap)
    made = (await buyer.check_out(mug["id"], cap["id"])).json()
    await buyer.act(made["pay_url"])
    [(kind, data)] = await told(market, receiver)
    # Of the 5.00 the mugs, 24.00 of 49.00, have 2.45 with 0.41, the cap 2.55 with 0.12.
    assert (kind, data["tax_minor"], data["tax_inclusive"]) == ("order.paid", 400 + 41 + 119 + 12, True)
    assert data["taxes"] == [
        {"name": "Value added tax…", "rate_ppm": 200_000, "net_minor": 2000 + 204, "tax_minor": 441},
        {"name": "VAT", "rate_ppm": 50_000, "net_minor": 2381 + 243, "tax_minor": 131},
    ]  # fmt: skip


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
