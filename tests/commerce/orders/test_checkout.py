"""From a hold to a paid order, over real HTTP and through the sandbox provider."""

import asyncio
from typing import Any

import pytest

from commerce.orders.tables_sql import orders
from tests.commerce.orders.a_market import Buyer, Market, until


async def is_paid(buyer: Buyer, order: str) -> bool:
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
    assert [(line["title"], line["line_total_minor"]) for line in order["lines"]] == [("Mug", 2400)]
    assert await market.counts() == (3, 2, 0)
    acted = await buyer.act(made["pay_url"])
    back = f"{str(market.http.base_url).rstrip('/')}/shows/sh_1?tab=bag&order={order['id']}"
    assert acted.json()["return_url"] == back
    await until(lambda: is_paid(buyer, order["id"]), "the order is paid")
    await market.quiet()
    assert await market.counts() == (3, 0, 2)
    assert await market.book() == [("captured", 2400)]
    assert await market.attempts(order["id"]) == ["captured"]
    (mail,) = market.mails()
    assert f"To: buyer{buyer.number}@example.com" in mail
    assert order["number"] in mail
    assert "24.00 EUR" in mail
    assert "Clay GmbH" in mail


async def test_the_confirmation_is_in_the_buyers_language(market: Market) -> None:
    """A browser that asks for Chinese gets a Chinese mail."""
    buyer = market.buyer()
    market.http.headers["accept-language"] = "zh-CN,zh;q=0.9,en;q=0.5"
    made = await buyer.orders_one()
    await buyer.act(made["pay_url"])
    await until(lambda: is_paid(buyer, made["order"]["id"]), "the order is paid")
    await market.quiet()
    (mail,) = market.mails()
    assert 'lang="zh"' in mail


async def test_pressing_pay_twice_at_once_makes_one_order(market: Market) -> None:
    """The same key at the same time: the same order, one payment at the provider."""
    buyer = market.buyer()
    held = await buyer.holds()
    answers = await asyncio.gather(*(buyer.check_out(held["id"], key="key-same-same") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["order"]["id"] for answer in answers}) == 1
    assert len({answer.json()["pay_url"] for answer in answers}) == 1
    assert len(await market.book()) == 1
    assert await market.count_rows(orders) == 1


async def test_a_key_used_for_another_checkout_is_refused(market: Market) -> None:
    """The stored answer belongs to one body."""
    buyer = market.buyer()
    held = await buyer.holds()
    assert (await buyer.check_out(held["id"], key="key-same-same")).status_code == 201
    other = await buyer.check_out(held["id"], key="key-same-same", return_url="/elsewhere")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert await market.count_rows(orders) == 1


async def test_another_key_for_holds_being_paid_names_the_order(market: Market) -> None:
    """Who lost the key is shown the way to the order."""
    buyer = market.buyer()
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"])).json()
    again = await buyer.check_out(held["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_paying")
    assert again.json()["order"] == made["order"]["id"]


@pytest.mark.parametrize(("action", "state"), [("decline", "declined"), ("time_out", "timed_out")])
async def test_who_is_declined_can_try_again_within_the_hold(market: Market, action: str, state: str) -> None:
    """The hold stands, a new attempt pays; the provider is charged once."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    await buyer.act(made["pay_url"], action)
    seen = await buyer.order(order)
    assert (seen["state"], seen["payment"]["state"]) == ("pending", state)
    assert await market.counts() == (4, 1, 0)
    again = await buyer.call("POST", f"/orders/{order}/pay")
    assert again.status_code == 200
    assert again.json()["pay_url"] != made["pay_url"]
    same = await buyer.call("POST", f"/orders/{order}/pay")
    assert same.json()["pay_url"] == again.json()["pay_url"]
    await buyer.act(again.json()["pay_url"])
    await until(lambda: is_paid(buyer, order), "the second attempt pays")
    await market.quiet()
    assert await market.attempts(order) == [state, "captured"]
    assert await market.book() == [(state, 0), ("captured", 1200)]
    assert await market.counts() == (4, 0, 1)


async def test_two_reservations_are_paid_together(market: Market) -> None:
    """One order, one payment, both sold."""
    buyer = market.buyer()
    mug, cap = await buyer.holds(2), await buyer.holds(variant=market.cap)
    made = (await buyer.check_out(mug["id"], cap["id"])).json()
    assert made["order"]["total_minor"] == 2 * 1200 + 2500
    await buyer.act(made["pay_url"])
    await until(lambda: is_paid(buyer, made["order"]["id"]), "the order is paid")
    assert await market.counts() == (3, 0, 2)
    assert await market.counts(market.cap) == (4, 0, 1)
    assert await market.book() == [("captured", 4900)]


async def test_cancelling_before_payment_gives_the_units_back(market: Market) -> None:
    """At once; the provider's page takes no money afterwards; cancelling again is harmless."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    assert await market.counts() == (4, 1, 0)
    cancelled = await buyer.call("POST", f"/orders/{order}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert await market.counts() == (5, 0, 0)
    assert await market.book() == [("voided", 0)]
    late = await buyer.act(made["pay_url"])
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    assert (await buyer.call("POST", f"/orders/{order}/cancel")).json()["state"] == "cancelled"
    again = await buyer.call("POST", f"/orders/{order}/pay")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


async def test_a_paid_order_cannot_be_cancelled(market: Market) -> None:
    """Nothing changes."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    order = made["order"]["id"]
    await buyer.act(made["pay_url"])
    await until(lambda: is_paid(buyer, order), "the order is paid")
    refused = await buyer.call("POST", f"/orders/{order}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert refused.json()["state"] == "paid"
    assert await market.counts() == (4, 0, 1)


async def test_an_order_is_seen_by_its_owner_and_by_who_has_its_link(market: Market) -> None:
    """Nobody else; the link's reader gets no token to hand on."""
    buyer, other = market.buyer(), market.buyer()
    made = (await buyer.orders_one())["order"]
    path = f"/orders/{made['id']}"
    assert len(made["token"]) >= 32
    refused = await other.call("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    refused = await other.call("GET", f"{path}?token={made['token'][:-1]}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    linked = await market.http.get(f"/api/v1{path}?token={made['token']}")
    assert linked.status_code == 200
    assert linked.json()["contact"]["email"] == f"buyer{buyer.number}@example.com"
    assert linked.json()["token"] is None
    host = Buyer(market, market.owner, 0)
    assert (await host.call("GET", path)).json()["token"] is None
    missing = await buyer.call("GET", "/orders/or_aaaaaaaaaaaaaaaa")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_order")
    for verb in ("pay", "cancel"):
        refused = await other.call("POST", f"{path}/{verb}")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert await other.mine() == []
    assert await market.counts() == (4, 1, 0)


async def test_a_shops_orders_come_in_pages(market: Market) -> None:
    """Newest first, each once, whatever is ordered meanwhile."""
    made = [(await market.buyer().orders_one())["order"]["id"] for _ in range(3)]
    first = await market.services.book.search(market.shop, None, "", "", limit=2)
    assert [order.id for order in first.orders] == [made[2], made[1]]
    await market.buyer().orders_one()
    rest = await market.services.book.search(market.shop, first.next, "", "", limit=2)
    assert [order.id for order in rest.orders] == [made[0]]
    assert rest.next is None
    host = Buyer(market, market.owner, 0)
    answer = await host.call("GET", f"/shops/{market.shop}/orders?cursor=nonsense")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_signing_in_takes_the_orders_along(market: Market) -> None:
    """The hook that accounts call moves a guest's orders in the same transaction."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    async with market.services.database.write() as sql:
        for hook in market.services.sessions.merge_hooks:
            await hook(sql, buyer.person, market.owner)
    assert await buyer.mine() == []
    owned = await Buyer(market, market.owner, 0).mine()
    assert [order["id"] for order in owned] == [made["order"]["id"]]


async def test_a_forgotten_buyer_leaves_figures_and_no_name(market: Market) -> None:
    """Accounts' hook scrubs who and where; the order stays."""
    buyer = market.buyer()
    made = await buyer.orders_one()
    async with market.services.database.write() as sql:
        for hook in market.services.accounts.forget_hooks:
            await hook(sql, buyer.person)
    (kept,) = await buyer.mine()
    assert kept["total_minor"] == made["order"]["total_minor"]
    assert kept["contact"] == {"email": "", "name": "", "phone": None}
    assert (kept["address"]["line1"], kept["address"]["country"]) == ("", "GB")


REFUSED: list[tuple[dict[str, Any], int, str, str | None]] = [
    ({"reservations": []}, 422, "invalid", "reservations"),
    ({"reservations": ["rs_x"] * 3 + [f"rs_{n}" for n in range(30)]}, 422, "invalid", "reservations"),
    ({"reservations": ["rs_aaaaaaaaaaaaaaaa"]}, 404, "no_such_reservation", None),
    ({"reservations": ["../etc"]}, 422, "bad_request", "reservation"),
    ({"method": "gold"}, 422, "invalid", "method"),
    ({"contact": {"email": "nobody", "name": "Mei"}}, 422, "invalid", "contact.email"),
    ({"contact": {"email": "a@b.co"}}, 422, "invalid", "contact.name"),
    ({"contact": {"email": 7}}, 400, "bad_request", None),
    ({"address": {"line1": "1", "city": "York", "postcode": "1", "country": "Britain"}}, 422, "invalid",
     "address.country"),
    ({"return_url": "https://evil.example/"}, 422, "invalid", "return_url"),
    ({"return_url": "//evil.example/"}, 422, "invalid", "return_url"),
    ({"return_url": "/\\evil.example"}, 422, "invalid", "return_url"),
    ({"return_url": "javascript:alert(1)"}, 422, "invalid", "return_url"),
    ({"surprise": 1}, 400, "bad_request", None),
]  # fmt: skip


async def test_a_wrong_form_is_refused_by_name_and_changes_nothing(market: Market) -> None:
    """Every field; the hold stays open and no order is made."""
    buyer = market.buyer()
    held = await buyer.holds()
    for changes, status, code, field in REFUSED:
        answer = await buyer.check_out(held["id"], **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code), changes
        assert answer.json().get("field") == field, changes
    path = f"/shops/{market.shop}/orders"
    keyless = await buyer.call("POST", path, buyer.checkout_body(held["id"]))
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    other = await market.buyer().check_out(held["id"])
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    assert await market.counts() == (4, 1, 0)
    assert await market.count_rows(orders) == 0
    assert await market.book() == []
    assert (await market.services.door.mine(buyer.person, market.shop))[0].state == "open"
    assert (await buyer.check_out(held["id"])).status_code == 201
