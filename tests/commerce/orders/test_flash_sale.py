"""Buying in a flash sale: its price, its limit by person and by who and where, its end."""

import asyncio
from typing import Any

from commerce.shows.structs import SaleRequest, ShowRequest
from tests.commerce.orders.a_market import Buyer, Market, until


async def a_sale(market: Market, quantity: int = 2, duration_s: int = 60, *, pay_first: bool = False) -> Any:
    """Launch a sale of the mug at 7.00, one a buyer."""
    services = market.services
    show = await services.shows.create(
        market.shop, ShowRequest(title="Live", starts_at_ms=services.now_ms() + 1000)
    )
    await services.shows.start(show)
    request = SaleRequest(
        variant=market.mug,
        price_minor=700,
        quantity=quantity,
        limit=1,
        duration_s=duration_s,
        starts_in_s=0,
        pay_first=pay_first,
    )
    return await services.sales.create(show, market.owner, request, market.fresh_key())


async def press(buyer: Buyer, sale: Any, quantity: int = 1) -> Any:
    """Press Buy in the sale, and again with the same key while in line; answers what comes of it."""
    line = {
        "variant": sale.variant,
        "sale": sale.id,
        "quantity": quantity,
        "price_version": sale.price_version,
    }
    path = f"/shops/{buyer.market.shop}/reservations"
    key, answers = buyer.market.fresh_key(), []

    async def judged() -> bool:
        answers.append(await buyer.call("POST", path, {"lines": [line], "show": sale.show}, key))
        return bool(answers[-1].json().get("code") != "queued")

    await until(judged, "the press is judged")
    return answers[-1]


async def test_the_sale_price_is_what_is_charged(market: Market) -> None:
    """Stamped by the engine, paid, and taken from the sale's own pool."""
    sale, buyer = await a_sale(market), market.buyer()
    held = await press(buyer, sale)
    assert held.status_code == 201, held.text
    assert held.json()["lines"][0]["price_minor"] == 700
    made = (await buyer.check_out(held.json()["id"])).json()
    assert (made["order"]["total_minor"], made["order"]["show"]) == (700, sale.show)
    await buyer.act(made["pay_url"])

    async def is_paid() -> bool:
        return bool((await buyer.mine())[0]["state"] == "paid")

    await until(is_paid, "the order is paid")
    assert await market.book() == [("captured", 700)]
    pool = (await market.services.engine.pools(market.shop, [sale.pool]))[sale.pool]
    assert (pool.available, pool.held, pool.sold) == (1, 0, 1)


async def test_the_limit_holds_for_one_person(market: Market) -> None:
    """More than one in one line, and again after paying."""
    sale, buyer = await a_sale(market), market.buyer()
    refused = await press(buyer, sale, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    held = await press(buyer, sale)
    made = (await buyer.check_out(held.json()["id"])).json()
    await buyer.act(made["pay_url"])
    await buyer.order(made["order"]["id"])

    async def is_paid() -> bool:
        return bool((await buyer.mine())[0]["state"] == "paid")

    await until(is_paid, "the order is paid")
    again = await press(buyer, sale)
    assert again.json()["code"] == "limit_reached"


async def test_the_limit_holds_for_one_mailbox_and_one_door(market: Market) -> None:
    """Another guest with the same mailbox, or at the same address, is refused at checkout."""
    sale, first, second = await a_sale(market), market.buyer(), market.buyer()
    held, other = await press(first, sale), await press(second, sale)
    assert (held.status_code, other.status_code) == (201, 201)
    made = (await first.check_out(held.json()["id"])).json()
    theirs = first.checkout_body(other.json()["id"])
    own = second.checkout_body(other.json()["id"])
    mailbox = theirs["contact"] | {"email": f"Buyer{first.number}+again@example.com"}
    for changes in ({"contact": mailbox}, {"address": theirs["address"]}):
        refused = await second.check_out(other.json()["id"], **changes)
        assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached"), changes
    pool = (await market.services.engine.pools(market.shop, [sale.pool]))[sale.pool]
    assert (pool.available, pool.held, pool.sold) == (0, 2, 0)
    assert len(await market.book()) == 1
    await first.call("POST", f"/orders/{made['order']['id']}/cancel")
    taken = await second.check_out(other.json()["id"], **(own | {"contact": mailbox}))
    assert taken.status_code == 201, taken.text


async def test_a_card_that_reached_the_limit_is_not_charged(market: Market) -> None:
    """The provider's fingerprint is checked at the commit; the second payment is voided."""
    sale, first, second = await a_sale(market), market.buyer(), market.buyer()
    for buyer in (first, second):
        made = (await buyer.check_out((await press(buyer, sale)).json()["id"])).json()
        await buyer.act(made["pay_url"], "approve", "normal", card="4242")
        await market.quiet()
    states = [(await buyer.mine())[0]["state"] for buyer in (first, second)]
    assert states == ["paid", "expired"]
    assert sorted(await market.book()) == [("captured", 700), ("voided", 0)]
    pool = (await market.services.engine.pools(market.shop, [sale.pool]))[sale.pool]
    assert (pool.available, pool.held, pool.sold) == (1, 0, 1)


async def test_a_rush_in_the_sale_sells_what_there_is(market: Market) -> None:
    """Forty press twice for two units; the sale's end gives the rest back and refuses."""
    sale = await a_sale(market)
    buyers = [market.buyer() for _ in range(20)]
    answers = await asyncio.gather(*(press(buyer, sale) for buyer in buyers for _ in range(2)))
    held = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(held) == 2
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"all_held"}
    await market.services.sales.end(sale.show, sale.id)
    late = await press(market.buyer(), sale)
    assert (late.status_code, late.json()["code"]) == (409, "sale_ended")
    audit = await market.services.engine.audit(market.shop)
    assert audit.sound


async def test_who_pays_first_is_served_first(market: Market) -> None:
    """In such a sale nothing is held for a bag; the order's lines are held when payment begins."""
    sale, first, second = await a_sale(market, quantity=1, pay_first=True), market.buyer(), market.buyer()
    assert sale.pay_first
    refused = await press(first, sale)
    assert (refused.status_code, refused.json()["code"]) == (409, "pay_first")
    line = {"variant": sale.variant, "sale": sale.id, "quantity": 1, "price_version": sale.price_version}
    made = await first.check_out(lines=[line], show=sale.show, key="pay-first-1")
    assert made.status_code == 201, made.text
    assert (made.json()["order"]["total_minor"], made.json()["order"]["show"]) == (700, sale.show)
    again = await first.check_out(lines=[line], show=sale.show, key="pay-first-1")
    assert again.json()["order"]["id"] == made.json()["order"]["id"]
    late = await second.check_out(lines=[line], show=sale.show)
    assert (late.status_code, late.json()["code"]) == (409, "all_held")
    assert len(await market.book()) == 1
    await first.act(made.json()["pay_url"])
    await market.quiet()
    pool = (await market.services.engine.pools(market.shop, [sale.pool]))[sale.pool]
    assert (pool.available, pool.held, pool.sold) == (0, 0, 1)


async def test_an_order_is_of_reservations_or_of_lines(market: Market) -> None:
    """Both, or neither, is refused and holds nothing."""
    buyer = market.buyer()
    held = await buyer.holds()
    line = {"variant": market.cap, "quantity": 1, "price_version": 1}
    for reservations, lines in (([held["id"]], [line]), ([], [])):
        refused = await buyer.check_out(*reservations, lines=lines)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), refused.text
    assert await market.counts(market.cap) == (5, 0, 0)
    assert await market.book() == []
