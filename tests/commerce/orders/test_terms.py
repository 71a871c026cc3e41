"""Shipping and taxes in a purchase: quoted, checked against what was shown, stamped into the order."""

from typing import Any

import pytest
import sqlalchemy as sa

from commerce.orders.tables_sql import orders
from commerce.shows.structs import ShowRequest
from commerce.shows.tables_sql import shows
from tests.commerce.orders.a_market import Buyer, Market, until

METHODS = [
    {"name": "Post", "price_minor": 490, "free_from_minor": 5000, "min_days": 2, "max_days": 4},
    {"name": "Counter", "price_minor": 0, "kind": "pickup", "places": ["DE"], "note": "Weg 1\nMon-Fri 9-18"},
]
RATES = [
    {"place": "GB", "name": "VAT", "rate_ppm": 200_000},
    {"place": "DE", "name": "MwSt.", "rate_ppm": 190_000},
]


async def set_terms(market: Market, *, inclusive: bool = True) -> list[dict[str, Any]]:
    """Write the shop's tables as its host; returns the methods with their ids."""
    host = Buyer(market, market.owner, 0)
    taxes = {"rates": RATES, "inclusive": inclusive}
    assert (await host.call("PUT", f"/shops/{market.shop}/taxes", taxes)).status_code == 200
    answer = await host.call("PUT", f"/shops/{market.shop}/shipping", {"methods": METHODS})
    assert answer.status_code == 200, answer.text
    methods: list[dict[str, Any]] = answer.json()["methods"]
    return methods


async def quoted(buyer: Buyer, *reservations: str, **more: Any) -> dict[str, Any]:
    """Ask what it costs."""
    body = {"reservations": list(reservations), "country": "GB", **more}
    answer = await buyer.call("POST", f"/shops/{buyer.market.shop}/quote", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_shop_starts_with_one_free_way_and_no_tax(market: Market) -> None:
    """Shops and orders that know nothing of terms go on as before."""
    buyer = market.buyer()
    answer = await buyer.call("GET", f"/shops/{market.shop}/shipping")
    assert [(one["id"], one["price_minor"]) for one in answer.json()["methods"]] == [("standard", 0)]
    assert (await buyer.call("GET", f"/shops/{market.shop}/taxes")).json() == {
        "rates": [],
        "inclusive": False,
    }
    held = await buyer.holds(2)
    assert (await quoted(buyer, held["id"]))["total_minor"] == 2400
    order = (await buyer.check_out(held["id"])).json()["order"]
    assert (order["total_minor"], order["tax_minor"], order["tax_name"]) == (2400, 0, None)
    assert (order["shipping"]["id"], order["shipping_minor"]) == ("standard", 0)


async def test_the_tables_are_kept_and_ids_stay(market: Market) -> None:
    """A method keeps its id when the table is written again; a wrong table changes nothing."""
    methods = await set_terms(market)
    host = Buyer(market, market.owner, 0)
    path = f"/shops/{market.shop}/shipping"
    renamed = [{**methods[0], "name": "Parcel"}, *methods[1:]]
    assert (await host.call("PUT", path, {"methods": renamed})).json()["methods"] == renamed
    for wrong in ([], [{**methods[0], "id": "sm_strange"}], [{**methods[0], "price_minor": -1}]):
        assert (await host.call("PUT", path, {"methods": wrong})).status_code == 422
    assert (await host.call("GET", path)).json()["methods"] == renamed


async def test_the_order_is_what_was_quoted(market: Market) -> None:
    """Two products, shipping and tax: quote, order, payment and mail say the same."""
    await set_terms(market)
    buyer = market.buyer()
    mug, cap = await buyer.holds(2), await buyer.holds(1, variant=market.cap)
    shown = await quoted(buyer, mug["id"], cap["id"])
    # 24.00 contain 4.00, 25.00 contain 4.17, 4.90 contain 0.82.
    assert (shown["items_minor"], shown["shipping_minor"]) == (4900, 490)
    assert (shown["tax_minor"], shown["total_minor"]) == (400 + 417 + 82, 5390)
    answer = await buyer.check_out(mug["id"], cap["id"], total_minor=5390, shipping=shown["shipping"])
    assert answer.status_code == 201, answer.text
    made = answer.json()
    order = made["order"]
    for name in ("items_minor", "shipping_minor", "shipping_tax_minor", "tax_minor", "total_minor"):
        assert order[name] == shown[name], name
    assert (order["tax_name"], order["tax_rate_ppm"], order["tax_inclusive"]) == ("VAT", 200_000, True)
    assert [line["tax_minor"] for line in order["lines"]] == [400, 417]
    assert (order["shipping"]["name"], order["shipping"]["min_days"]) == ("Post", 2)
    await buyer.act(made["pay_url"])

    async def paid() -> bool:
        return bool((await buyer.mine())[0]["state"] == "paid")

    await until(paid, "the order is paid")
    await market.quiet()
    assert await market.book() == [("captured", 5390)]
    (mail,) = market.mails()
    for words in ("Shipping (Post): 4.90 EUR", "Total: 53.90 EUR", "of which VAT 20%: 8.99 EUR"):
        assert words in mail, mail


async def test_tax_on_top_is_part_of_the_total(market: Market) -> None:
    """The payment is asked for with the tax that was added."""
    await set_terms(market, inclusive=False)
    buyer = market.buyer()
    held = await buyer.holds()
    order = (await buyer.check_out(held["id"])).json()["order"]
    assert (order["tax_minor"], order["total_minor"]) == (240 + 98, 1200 + 490 + 338)
    assert (order["tax_inclusive"], order["lines"][0]["tax_minor"]) == (False, 240)


async def test_who_picks_up_gives_no_address(market: Market) -> None:
    """The counter's tax, no shipping, no address; the mail says where to go."""
    _, counter = await set_terms(market)
    buyer = market.buyer()
    held = await buyer.holds()
    shown = await quoted(buyer, held["id"], shipping=counter["id"])
    assert (shown["tax_name"], shown["total_minor"]) == ("MwSt.", 1200)
    answer = await buyer.check_out(held["id"], shipping=counter["id"], address={}, total_minor=1200)
    assert answer.status_code == 201, answer.text
    order = answer.json()["order"]
    assert (order["address"], order["shipping"]["kind"], order["tax_minor"]) == (None, "pickup", 192)
    await buyer.act(answer.json()["pay_url"])

    async def paid() -> bool:
        return bool((await buyer.mine())[0]["state"] == "paid")

    await until(paid, "the order is paid")
    await market.quiet()
    (mail,) = market.mails()
    told = [line.strip() for line in mail.splitlines()]
    place = told.index("To be picked up:")
    assert told[place + 1 : place + 4] == ["Counter", "Weg 1", "Mon-Fri 9-18"]


async def test_another_total_than_the_shown_is_refused_with_the_new_quote(market: Market) -> None:
    """The host changed the prices meanwhile: nothing is begun, and the answer carries what it costs now."""
    buyer = market.buyer()
    held = await buyer.holds()
    shown = await quoted(buyer, held["id"])
    await set_terms(market)
    refused = await buyer.check_out(held["id"], total_minor=shown["total_minor"])
    assert (refused.status_code, refused.json()["code"]) == (409, "total_changed")
    assert refused.json()["total_minor"] == 1690
    assert refused.json()["quote"] == await quoted(buyer, held["id"])
    assert (await market.services.door.mine(buyer.person, market.shop))[0].state == "open"
    assert await market.count_rows(orders) == 0
    assert await market.book() == []
    assert (await buyer.check_out(held["id"], total_minor=1690)).status_code == 201


async def test_holds_that_change_in_the_last_moment_are_noticed(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the beginning of payment another tab takes one more: refused, nothing begun."""
    buyer = market.buyer()
    held = await buyer.holds()
    engine = market.services.engine
    begin = engine.pay_begin

    async def begin_late(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(engine, "pay_begin", begin)
        path = f"/shops/{market.shop}/reservations/{held['id']}"
        change = {"pool": f"po_{market.mug}", "quantity": 2}
        assert (await buyer.call("PATCH", path, change, market.fresh_key())).status_code == 200
        return await begin(*given, **more)

    monkeypatch.setattr(engine, "pay_begin", begin_late)
    refused = await buyer.check_out(held["id"], total_minor=1200)
    assert (refused.status_code, refused.json()["code"]) == (409, "total_changed")
    assert refused.json()["total_minor"] == 2400
    assert (await market.services.door.mine(buyer.person, market.shop))[0].state == "open"
    assert await market.count_rows(orders) == 0


async def test_where_nothing_goes_no_order_is_made(market: Market) -> None:
    """No method for the place, or a method that is gone: refused by name, the hold stays."""
    host = Buyer(market, market.owner, 0)
    only_de = {"methods": [{"name": "Post", "price_minor": 0, "places": ["DE"]}]}
    await host.call("PUT", f"/shops/{market.shop}/shipping", only_de)
    buyer = market.buyer()
    held = await buyer.holds()
    assert (await quoted(buyer, held["id"]))["methods"] == []
    refused = await buyer.check_out(held["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_delivered")
    assert refused.json()["country"] == "GB"
    await set_terms(market)
    gone = await buyer.check_out(held["id"], shipping="standard")
    assert (gone.status_code, gone.json()["code"]) == (409, "shipping_gone")
    assert await market.count_rows(orders) == 0
    assert (await market.services.door.mine(buyer.person, market.shop))[0].state == "open"


async def test_a_quote_is_for_ones_own_live_holds(market: Market) -> None:
    """Unknown, somebody else's, given back, a wrong country: each has its code."""
    buyer = market.buyer()
    held = await buyer.holds()
    path = f"/shops/{market.shop}/quote"

    async def code(who: Buyer, **more: Any) -> tuple[int, str]:
        answer = await who.call("POST", path, {"reservations": [held["id"]], "country": "GB", **more})
        return answer.status_code, answer.json()["code"]

    assert await code(buyer, reservations=[]) == (422, "invalid")
    assert await code(buyer, reservations=["rs_aaaaaaaaaaaaaaaa"]) == (404, "no_such_reservation")
    assert await code(market.buyer()) == (403, "not_yours")
    assert await code(buyer, country="Britain") == (422, "invalid")
    await buyer.call("DELETE", f"/shops/{market.shop}/reservations/{held['id']}")
    assert await code(buyer) == (409, "reservation_ended")


async def test_a_line_knows_its_moment_in_the_show(market: Market) -> None:
    """Held four seconds after the show went live; a hold before it, or outside any show, has none."""
    request = ShowRequest(title="Evening", starts_at_ms=market.services.now_ms())
    show = await market.services.shows.create(market.shop, request)

    async def moment(at_ms: int | None, *, in_show: bool = True) -> int | None:
        async with market.services.database.write() as sql:
            await sql.execute(sa.update(shows).where(shows.c.id == show).values(started_at_ms=at_ms))
        buyer = market.buyer()
        wanted = {"variant": market.mug, "quantity": 1, "price_version": 1}
        body = {"lines": [wanted], **({"show": show} if in_show else {})}
        path = f"/shops/{market.shop}/reservations"
        held = (await buyer.call("POST", path, body, market.fresh_key())).json()
        (line,) = (await buyer.check_out(held["id"])).json()["order"]["lines"]
        found = line["show_at_ms"]
        assert found is None or isinstance(found, int)
        return found

    now_ms = market.services.now_ms()
    after = await moment(now_ms - 4_000)
    assert after is not None
    assert 4_000 <= after < 60_000
    assert await moment(now_ms + 600_000) is None
    assert await moment(None) is None
    assert await moment(now_ms - 4_000, in_show=False) is None
