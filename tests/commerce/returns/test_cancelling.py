"""Calling off an order that is paid and not sent."""

import sqlalchemy as sa

from commerce.orders.tables_sql import orders
from tests.commerce.orders.a_market import Market, until
from tests.commerce.returns.a_desk import Desk


async def test_a_host_cancels_a_paid_order(market: Market, desk: Desk) -> None:
    """All the money and all the units go back, and the buyer is told that it is cancelled."""
    _, order = await desk.paid(2, cap=1)
    seen = await desk.does(order, "cancel", {"reason": "Not to be had"})
    assert (seen["order"]["state"], await desk.given_back()) == ("refunded", 4900)
    assert [one["cause"] for one in seen["refunds"]] == ["cancellation"]
    assert (await market.counts(), await market.counts(market.cap)) == ((5, 0, 0), (5, 0, 0))
    assert [one for one in market.mails() if "is cancelled" in one and "Not to be had" in one]
    assert await desk.refused(order, "cancel") == (409, "wrong_state")


async def test_a_repeat_of_a_cancellation_is_harmless(market: Market, desk: Desk) -> None:
    """Same key: same answer, and the money goes back once."""
    _, order = await desk.paid(1)
    first = await desk.does(order, "cancel", {}, "cancel-key-1")
    again = await desk.does(order, "cancel", {}, "cancel-key-1")
    assert first["refunds"] == again["refunds"]
    assert (await desk.given_back(), await market.counts()) == (1200, (5, 0, 0))


async def test_a_buyer_asks_and_the_host_agrees(market: Market, desk: Desk) -> None:
    """Nothing moves before the host agrees; then the request is closed with the money."""
    buyer, order = await desk.paid(1)
    asked = await buyer.call(
        "POST", f"/orders/{order}/cancellation", {"reason": "By mistake"}, market.fresh_key()
    )
    assert asked.status_code == 201, asked.text
    assert [(one["kind"], one["state"]) for one in asked.json()["returns"]] == [("cancellation", "asked")]
    assert "ask_cancel" not in asked.json()["may"]
    assert (await desk.given_back(), (await desk.see(order))["order"]["state"]) == (0, "paid")
    assert [one for one in market.mails() if "wish to cancel" in one]
    seen = await desk.does(order, "cancel")
    assert [one["state"] for one in seen["returns"]] == ["closed"]
    assert (await desk.given_back(), await market.counts()) == (1200, (5, 0, 0))


async def test_only_its_buyer_asks_to_cancel(market: Market, desk: Desk) -> None:
    """Another person is refused; the link of the mail is enough, without signing in."""
    _, order = await desk.paid(1)
    other = await market.buyer().call("POST", f"/orders/{order}/cancellation", {}, market.fresh_key())
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    assert (await desk.see(order))["returns"] == []
    async with market.services.database.read() as sql:
        token = (await sql.execute(sa.select(orders.c.token).where(orders.c.id == order))).scalar_one()
    headers = {"idempotency-key": market.fresh_key()}
    url = f"/api/v1/orders/{order}/cancellation?token={token}"
    assert (await market.http.post(url, json={}, headers=headers)).status_code == 201


async def test_a_host_gives_up_an_order_whose_capture_failed(market: Market, desk: Desk) -> None:
    """No money was taken, so none goes back; the units do."""
    buyer = market.buyer()
    made = await buyer.orders_one(2)
    order = made["order"]["id"]
    await buyer.act(made["pay_url"], "approve", capture="refuse")

    async def failed() -> bool:
        return bool((await buyer.order(order))["state"] == "capture_failed")

    await until(failed, "the capture failed")
    await market.quiet()
    assert await market.counts() == (3, 0, 2)
    seen = await desk.does(order, "cancel")
    assert (seen["order"]["state"], seen["refunds"], await market.counts()) == ("cancelled", [], (5, 0, 0))
