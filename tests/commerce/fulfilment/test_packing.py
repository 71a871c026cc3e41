"""Packing and sending: in parts, with tracking, once each unit, and what the buyer is told."""

import asyncio
from typing import Any

import pytest

from commerce.errors import InvalidField
from commerce.fulfilment.carriers import checked_tracking
from commerce.fulfilment.tables_sql import parcels
from tests.commerce.orders.a_market import Market
from tests.commerce.returns.a_desk import Desk
from tests.pdf_text import pdf_text


def units(position: int, quantity: int) -> dict[str, int]:
    """Name units of a line."""
    return {"position": position, "quantity": quantity}


async def test_everything_is_sent_at_once(market: Market, desk: Desk) -> None:
    """The order is fulfilled, and the mail has the link to follow the parcel."""
    buyer, order = await desk.paid(2, cap=1)
    seen = await desk.does(order, "parcels", {"carrier": "UPS", "tracking": "1Z 999"})
    assert (seen["order"]["state"], seen["fulfilment"]) == ("fulfilled", "sent")
    [parcel] = seen["parcels"]
    assert (parcel["state"], parcel["carrier"], parcel["tracking_url"]) == (
        "sent", "UPS", "https://www.ups.com/track?tracknum=1Z%20999",
    )  # fmt: skip
    assert parcel["lines"] == [units(0, 2), units(1, 1)]
    [mail] = [one for one in market.mails() if "on its way" in one]
    assert "2 × Mug · Blue" in mail
    assert parcel["tracking_url"] in mail
    assert "rest of your order" not in mail
    after = await buyer.call("GET", f"/orders/{order}/after")
    assert [one["tracking"] for one in after.json()["parcels"]] == ["1Z 999"]


async def test_an_order_is_sent_in_parts(market: Market, desk: Desk) -> None:
    """It is fulfilled with the last one; nothing is sent twice."""
    _, order = await desk.paid(2, cap=1)
    seen = await desk.does(order, "parcels", {"lines": [units(0, 1)]})
    assert (seen["order"]["state"], seen["fulfilment"]) == ("paid", "partly")
    assert [line["to_send"] for line in seen["lines"]] == [1, 1]
    assert "rest of your order" in next(one for one in market.mails() if "on its way" in one)
    assert await desk.refused(order, "parcels", {"lines": [units(0, 2)]}) == (422, "invalid")
    seen = await desk.does(order, "parcels")
    assert (seen["order"]["state"], seen["fulfilment"], len(seen["parcels"])) == ("fulfilled", "sent", 2)
    assert await desk.refused(order, "parcels") == (409, "wrong_state")


async def test_a_parcel_is_packed_unpacked_packed_and_sent(market: Market, desk: Desk) -> None:
    """Packing tells nobody; sending does, once, and tracking can be put right afterwards."""
    _, order = await desk.paid(1)
    before = len(market.mails())
    seen = await desk.does(order, "parcels", {"send": False})
    assert (seen["order"]["state"], seen["fulfilment"], seen["lines"][0]["packed"]) == ("paid", "open", 1)
    assert await desk.refused(order, "parcels") == (409, "nothing_to_send")
    parcel = seen["parcels"][0]["id"]
    assert await desk.refused(order, f"parcels/{parcel}/delivered") == (409, "wrong_state")
    assert (await desk.call("DELETE", f"/orders/{order}/parcels/{parcel}")).json()["parcels"] == []
    parcel = (await desk.does(order, "parcels", {"send": False}))["parcels"][0]["id"]
    assert len(market.mails()) == before
    await desk.does(order, f"parcels/{parcel}/send", {"carrier": "gls", "tracking": "12"})
    seen = await desk.does(order, f"parcels/{parcel}/send", {"tracking": "123"})
    assert (seen["order"]["state"], seen["parcels"][0]["tracking"]) == ("fulfilled", "123")
    assert seen["parcels"][0]["tracking_url"] == "https://gls-group.com/track/123"
    assert len(market.mails()) == before + 1
    seen = await desk.does(order, f"parcels/{parcel}/delivered")
    assert seen["parcels"][0]["state"] == "delivered"
    answer = await desk.call("DELETE", f"/orders/{order}/parcels/{parcel}")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert await desk.refused(order, "parcels/pk_none/send") == (404, "no_such_parcel")


async def test_a_repeat_packs_once_and_two_at_once_do_not_pack_a_unit_twice(
    market: Market, desk: Desk
) -> None:
    """The same key answers the same parcel; of five presses with keys of their own one finds something."""
    _, order = await desk.paid(1)
    body: dict[str, Any] = {"send": False}
    await desk.does(order, "parcels", body, "parcel-key-1")
    await desk.does(order, "parcels", body, "parcel-key-1")
    assert await market.count_rows(parcels) == 1
    _, other = await desk.paid(1)
    answers = await asyncio.gather(*(desk.call("POST", f"/orders/{other}/parcels", {}) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409, 409]
    assert await market.count_rows(parcels) == 2


async def test_what_was_refunded_is_not_sent(desk: Desk) -> None:
    """One of two mugs is refunded before sending: one goes out, and the order stays refunded in part."""
    _, order = await desk.paid(2)
    await desk.does(order, "refunds", {"lines": [units(0, 1)], "restock": True})
    seen = await desk.does(order, "parcels")
    assert seen["parcels"][0]["lines"] == [units(0, 1)]
    assert (seen["order"]["state"], seen["fulfilment"]) == ("partly_refunded", "sent")


async def test_an_unpaid_or_refunded_order_is_not_sent(market: Market, desk: Desk) -> None:
    """Nothing leaves without its money."""
    made = await market.buyer().orders_one()
    assert await desk.refused(made["order"]["id"], "parcels") == (409, "wrong_state")
    _, order = await desk.paid(1)
    await desk.does(order, "cancel")
    assert await desk.refused(order, "parcels") == (409, "wrong_state")


async def test_what_was_sent_cannot_be_cancelled(desk: Desk) -> None:
    """Not by the host, not by the buyer; packed parcels are unpacked by a cancellation."""
    buyer, order = await desk.paid(2)
    await desk.does(order, "parcels", {"lines": [units(0, 1)]})
    assert await desk.refused(order, "cancel") == (409, "already_sent")
    asked = await buyer.call("POST", f"/orders/{order}/cancellation", {}, "ask-cancel-1")
    assert asked.json()["code"] == "already_sent"
    _, packed = await desk.paid(1)
    await desk.does(packed, "parcels", {"send": False})
    seen = await desk.does(packed, "cancel")
    assert (seen["parcels"], seen["order"]["state"]) == ([], "refunded")


async def test_the_packing_list_names_what_to_pack(market: Market, desk: Desk) -> None:
    """One PDF for several orders: address and units, no prices; the same bytes each time."""
    _, first = await desk.paid(2)
    _, second = await desk.paid(1, cap=1)
    await desk.does(second, "parcels", {"lines": [units(1, 1)]})
    answer = await desk.call("GET", f"/packing-list?orders={first},{second}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = pdf_text(answer.content)
    assert len(pages) == 2
    assert {"Packing list", "Clay & Co", "2 ×", "Mug · Blue", "Buyer 1", "YO1 7EP York"} <= set(pages[0])
    assert "1 ×" in pages[1]
    assert not any("Cap" in text or "12.00" in text for text in pages[1])
    again = await desk.call("GET", f"/packing-list?orders={first},{second}")
    assert again.content == answer.content
    none = await desk.call("GET", "/packing-list?orders=")
    assert (none.status_code, none.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("carrier", "tracking", "url", "field"),
    [
        ("ups", "<script>", None, "tracking"),
        ("x" * 41, "1", None, "carrier"),
        ("Bike", "12", "javascript:alert(1)", "tracking_url"),
        ("Bike", "12", "http://bike.example/12", "tracking_url"),
        ("Bike", "12", "https://user@bike.example/12", "tracking_url"),
    ],
)
def test_a_bad_tracking_is_named(carrier: str, tracking: str, url: str | None, field: str) -> None:
    """A buyer is never sent to an address that is no page."""
    with pytest.raises(InvalidField) as refused:
        checked_tracking(carrier, tracking, url)
    assert refused.value.facts["field"] == field


def test_an_unknown_carrier_has_its_own_page_or_none() -> None:
    """Whoever carries it."""
    assert checked_tracking("Bike", "12", None) == ("Bike", "12", None)
    assert checked_tracking("Bike", "12", "https://bike.example/12")[2] == "https://bike.example/12"
    assert checked_tracking("royal mail", "AB", None)[0] == "Royal Mail"
