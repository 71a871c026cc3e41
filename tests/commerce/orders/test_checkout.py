"""From a hold to a paid order, over real HTTP and through the sandbox provider."""

from tests.commerce.orders.a_market import Market, until


async def paid(market: Market, buyer, order: str) -> bool:
    """Tell whether the buyer sees the order as paid, without asking the provider."""
    return any(one["id"] == order and one["state"] == "paid" for one in await buyer.mine())


async def test_a_hold_becomes_a_paid_order(market: Market) -> None:
    """Hold, check out, approve: paid once, sold once, confirmed by mail."""
    buyer = market.buyer()
    made = await buyer.orders_one(2)
    order = made["order"]
    assert order["state"] == "pending"
    assert order["total_minor"] == 2400
    assert order["currency"] == "EUR"
    assert order["payment"]["state"] == "pending"
    assert order["shop"]["legal_name"] == "Clay GmbH"
    assert [line["title"] for line in order["lines"]] == ["Mug"]
    assert await market.counts() == (3, 2, 0)
    acted = await buyer.act(made["pay_url"])
    assert acted.json()["return_url"] == f"{market.http.base_url}/shows/sh_1?tab=bag&order={order['id']}".replace(
        "//shows", "/shows"
    )
    await until(lambda: paid(market, buyer, order["id"]), "the order is paid")
    await market.quiet()
    assert await market.counts() == (3, 0, 2)
    assert await market.book() == [("captured", 2400)]
    assert await market.attempts(order["id"]) == ["captured"]
    (mail,) = market.mails()
    assert f"To: buyer{buyer.number}@example.com" in mail
    assert order["number"] in mail
    assert "24.00 EUR" in mail
    assert "Clay GmbH" in mail
