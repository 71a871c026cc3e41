"""Returns by a shop's rules, and the withdrawal that the law gives every buyer."""

from typing import Any

import sqlalchemy as sa

from commerce.fulfilment.tables_sql import parcels
from commerce.orders.tables_sql import orders
from commerce.returns.periods import DAY_MS
from commerce.returns.tables_sql import returns
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.returns.a_desk import Desk

IRELAND = {"line1": "1 Quay", "city": "Cork", "country": "IE"}
ONE = [{"position": 0, "quantity": 1}]


async def sent(desk: Desk, quantity: int = 2, **changes: Any) -> tuple[Buyer, str]:
    """Return a buyer in the EU and their order, which was sent."""
    buyer, order = await desk.paid(quantity, address=IRELAND, **changes)
    await desk.does(order, "parcels")
    return buyer, order


async def ask(buyer: Buyer, order: str, what: str, body: Any, key: str | None = None) -> Any:
    """Ask for something as the buyer."""
    return await buyer.call("POST", f"/orders/{order}/{what}", body, key or buyer.market.fresh_key())


async def age(market: Market, days: float) -> None:
    """Let every parcel be sent some days ago."""
    then_ms = market.services.now_ms() - int(days * DAY_MS)
    async with market.services.database.write() as sql:
        await sql.execute(sa.update(parcels).values(sent_at_ms=then_ms))


async def refused(market: Market, buyer: Buyer, order: str, what: str, body: Any) -> tuple[int, str]:
    """Ask for something that is refused; nothing is written and nobody is told."""
    before = (await market.count_rows(returns), len(market.mails()))
    answer = await ask(buyer, order, what, body)
    assert (await market.count_rows(returns), len(market.mails())) == before
    return answer.status_code, str(answer.json()["code"])


async def test_a_return_is_asked_for_received_and_refunded(market: Market, desk: Desk) -> None:
    """The buyer asks, the goods come, the money goes back and the unit onto the shelf."""
    buyer, order = await sent(desk)
    asked = await ask(buyer, order, "returns", {"lines": ONE, "reason": "Too blue"})
    assert asked.status_code == 201, asked.text
    [wanted] = asked.json()["returns"]
    assert (wanted["kind"], wanted["state"], wanted["reason"], wanted["refund_minor"]) == (
        "return", "asked", "Too blue", 1200,
    )  # fmt: skip
    assert [one for one in market.mails() if "wish to return" in one and "1 × Mug" in one]
    seen = await desk.does(order, f"returns/{wanted['id']}", {"action": "received"})
    assert seen["returns"][0]["state"] == "received"
    body = {"lines": ONE, "restock": True, "return_id": wanted["id"]}
    seen = await desk.does(order, "refunds", body)
    assert (seen["returns"][0]["state"], seen["refunds"][0]["cause"]) == ("closed", "return")
    assert (seen["order"]["state"], await market.counts()) == ("partly_refunded", (4, 0, 1))
    late = await desk.call("POST", f"/orders/{order}/refunds", body)
    assert (late.status_code, late.json()["code"]) == (422, "invalid")
    assert await desk.given_back() == 1200


async def test_more_than_was_bought_cannot_be_returned(market: Market, desk: Desk) -> None:
    """Not at once, and not in two requests."""
    buyer, order = await sent(desk)
    too_many = {"lines": [{"position": 0, "quantity": 3}]}
    assert await refused(market, buyer, order, "returns", too_many) == (422, "invalid")
    assert await refused(market, buyer, order, "returns", {"lines": []}) == (422, "invalid")
    await ask(buyer, order, "returns", {"lines": [{"position": 0, "quantity": 2}]})
    assert (await refused(market, buyer, order, "returns", {"lines": ONE}))[1] in {"period_over", "invalid"}
    other = market.buyer()
    assert await refused(market, other, order, "returns", {"lines": ONE}) == (403, "not_yours")


async def test_the_shops_time_to_return_ends(market: Market, desk: Desk) -> None:
    """Fourteen days from when it is taken to have come, or as the shop lays down; 0 days: never."""
    buyer, order = await sent(desk)
    await age(market, 5 + 13)
    assert "return" in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]
    await age(market, 5 + 17)
    assert await refused(market, buyer, order, "returns", {"lines": ONE}) == (409, "period_over")
    await desk.call("PUT", "/return-rules", {"return_days": 30})
    assert "return" in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]
    await desk.call("PUT", "/return-rules", {"return_days": 0})
    assert await refused(market, buyer, order, "returns", {"lines": ONE}) == (409, "period_over")
    wrong = await desk.call("PUT", "/return-rules", {"return_days": 366})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "return_days")
    assert (await desk.call("GET", "/return-rules")).json()["return_days"] == 0


async def test_a_withdrawal_is_acknowledged_at_once(market: Market, desk: Desk) -> None:
    """With the link of the mail alone, in two steps, with a receipt that says when and what."""
    _, order = await sent(desk)
    async with market.services.database.read() as sql:
        token = (await sql.execute(sa.select(orders.c.token).where(orders.c.id == order))).scalar_one()
    url = f"/api/v1/orders/{order}/withdrawal?token={token}"
    first = await market.http.post(url, json={"confirm": False}, headers={"idempotency-key": "withdraw-1"})
    assert (first.status_code, first.json()["field"]) == (422, "confirm")
    assert await market.count_rows(returns) == 0
    body = {"confirm": True, "lines": ONE, "name": "Mei Lin", "email": "mei@example.org"}
    done = await market.http.post(url, json=body, headers={"idempotency-key": "withdraw-2"})
    again = await market.http.post(url, json=body, headers={"idempotency-key": "withdraw-2"})
    assert (done.status_code, again.json()["returns"]) == (201, done.json()["returns"])
    assert [(one["kind"], one["state"]) for one in done.json()["returns"]] == [("withdrawal", "asked")]
    [receipt] = [mail for mail in market.mails() if "Subject: We have your withdrawal" in mail]
    assert "To: mei@example.org" in receipt
    assert "UTC" in receipt
    assert "By: Mei Lin, mei@example.org" in receipt
    assert "1 × Mug · Blue" in receipt


async def test_a_withdrawal_cannot_be_declined_but_a_return_can(market: Market, desk: Desk) -> None:
    """One is the buyer's right, the other the shop's kindness."""
    buyer, order = await sent(desk)
    await ask(buyer, order, "withdrawal", {"confirm": True, "lines": ONE})
    await ask(buyer, order, "returns", {"lines": ONE})
    by_kind = {one["kind"]: one["id"] for one in (await desk.see(order))["returns"]}
    no = {"action": "decline", "answer": "It was worn"}
    assert await desk.refused(order, f"returns/{by_kind['withdrawal']}", no) == (422, "invalid")
    seen = await desk.does(order, f"returns/{by_kind['return']}", no)
    assert {one["state"] for one in seen["returns"]} == {"asked", "declined"}
    assert [one for one in market.mails() if "It was worn" in one]
    received = {"action": "received"}
    assert await desk.refused(order, f"returns/{by_kind['return']}", received) == (409, "wrong_state")
    assert await desk.refused(order, "returns/rt_none", received) == (404, "no_such_return")


async def test_the_withdrawal_is_there_for_fourteen_days_after_delivery(market: Market, desk: Desk) -> None:
    """From before the sending to the end of the last day; a marked delivery counts from then."""
    buyer, order = await desk.paid(1, address=IRELAND)
    assert "withdraw" in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]
    parcel = (await desk.does(order, "parcels"))["parcels"][0]["id"]
    await age(market, 5 + 13.9)
    assert "withdraw" in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]
    await age(market, 5 + 17)
    gone = (await buyer.call("GET", f"/orders/{order}/after")).json()
    assert "withdraw" not in gone["may"]
    late = await ask(buyer, order, "withdrawal", {"confirm": True})
    assert (late.json()["code"], late.json()["until_ms"]) == ("period_over", gone["withdraw_until_ms"])
    assert await market.count_rows(returns) == 0
    await desk.does(order, f"parcels/{parcel}/delivered")
    assert "withdraw" in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]


async def test_the_shop_chooses_where_the_withdrawal_is_offered(market: Market, desk: Desk) -> None:
    """By the law to buyers in Europe, or to everybody."""
    buyer, order = await desk.paid(1)
    assert "withdraw" not in (await buyer.call("GET", f"/orders/{order}/after")).json()["may"]
    assert await refused(market, buyer, order, "withdrawal", {"confirm": True}) == (409, "period_over")
    await desk.call("PUT", "/return-rules", {"withdrawal": "all"})
    done = await ask(buyer, order, "withdrawal", {"confirm": True})
    assert done.status_code == 201
    assert done.json()["returns"][0]["lines"] == ONE


async def test_withdrawing_before_the_sending_is_a_cancellation_for_the_host(
    market: Market, desk: Desk
) -> None:
    """One press gives back everything, and closes what was asked."""
    buyer, order = await desk.paid(2, address=IRELAND)
    await ask(buyer, order, "withdrawal", {"confirm": True})
    seen = await desk.does(order, "cancel")
    assert (seen["order"]["state"], seen["returns"][0]["state"]) == ("refunded", "closed")
    assert (await market.counts(), await desk.given_back()) == ((5, 0, 0), 2400)


async def test_forgetting_a_person_takes_their_words(market: Market, desk: Desk) -> None:
    """What was returned stays for the books."""
    buyer, order = await sent(desk)
    await ask(buyer, order, "returns", {"lines": ONE, "reason": "I am allergic"})
    async with market.services.database.write() as sql:
        for hook in market.services.accounts.forget_hooks:
            await hook(sql, buyer.person)
    assert [one["reason"] for one in (await desk.see(order))["returns"]] == [""]
