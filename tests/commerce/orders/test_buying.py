"""Holding over HTTP: the same codes as everywhere, and the stock as it was after each refusal."""

import asyncio
from typing import Any

import pytest

from tests.commerce.orders.a_market import Market

REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"quantity": 0}, 422, "bad_quantity"),
    ({"quantity": -1}, 422, "bad_quantity"),
    ({"quantity": 1.5}, 422, "bad_quantity"),
    ({"quantity": 10**12}, 422, "bad_quantity"),
    ({"quantity": 1e300}, 422, "bad_quantity"),
    ({"quantity": "1"}, 400, "bad_request"),
    ({"quantity": None}, 400, "bad_request"),
    ({"variant": "va_aaaaaaaaaaaaaaaa"}, 404, "no_such_variant"),
    ({"variant": "' OR 1=1"}, 404, "no_such_variant"),
    ({"variant": 5}, 400, "bad_request"),
    ({"price_version": 2}, 409, "price_changed"),
    ({"price_version": -1}, 422, "bad_request"),
    ({"sale": "fs_aaaaaaaaaaaaaaaa"}, 404, "no_such_sale"),
    ({"surprise": 1}, 400, "bad_request"),
]


@pytest.mark.parametrize("shown_as", ["id", "slug"])
async def test_wrong_lines_are_refused_and_the_stock_is_as_it_was(market: Market, shown_as: str) -> None:
    """Each has its stable code."""
    buyer = market.buyer()
    shop = market.shop if shown_as == "id" else (await market.services.shops.get(market.shop)).slug
    good = {"variant": market.mug, "quantity": 1, "price_version": 1}
    for number, (changes, status, code) in enumerate(REFUSED):
        body = {"lines": [good | changes]}
        answer = await buyer.call("POST", f"/shops/{shop}/reservations", body, f"key-{number:08d}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), changes
    assert await market.counts() == (5, 0, 0)
    taken = await buyer.call("POST", f"/shops/{shop}/reservations", {"lines": [good]}, "key-at-the-end")
    assert taken.status_code == 201


async def test_a_changed_price_is_told(market: Market) -> None:
    """The refusal has the new price and its version; nothing is held."""
    answer = await market.buyer().reserve(price_version=7)
    assert answer.json()["code"] == "price_changed"
    assert (answer.json()["price_minor"], answer.json()["price_version"]) == (1200, 1)
    assert await market.counts() == (5, 0, 0)


async def test_a_hold_is_changed_and_given_back(market: Market) -> None:
    """By its owner alone."""
    buyer, other = market.buyer(), market.buyer()
    held = await buyer.holds(2)
    path = f"/shops/{market.shop}/reservations/{held['id']}"
    body = {"pool": held["lines"][0]["pool"], "quantity": 3}
    assert (await other.call("PATCH", path, body, "key-00000001")).json()["code"] == "not_yours"
    assert (await other.call("DELETE", path)).json()["code"] == "not_yours"
    assert await market.counts() == (3, 2, 0)
    changed = await buyer.call("PATCH", path, body, "key-00000001")
    assert changed.json()["total_minor"] == 3600
    refused = await buyer.call("PATCH", path, body | {"quantity": 0.5}, "key-00000002")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_quantity")
    assert await market.counts() == (2, 3, 0)
    listed = (await buyer.call("GET", f"/shops/{market.shop}/reservations")).json()["reservations"]
    assert [one["id"] for one in listed] == [held["id"]]
    assert (await buyer.call("DELETE", path)).json()["state"] == "released"
    assert await market.counts() == (5, 0, 0)
    over = await buyer.call("PATCH", path, body, "key-00000003")
    assert (over.status_code, over.json()["code"]) == (409, "reservation_ended")


async def test_a_rush_over_http_never_sells_more_than_there_is(market: Market) -> None:
    """Thirty buyers, each twice, for five units."""
    buyers = [market.buyer() for _ in range(30)]
    answers = await asyncio.gather(*(buyer.reserve() for buyer in buyers for _ in range(2)))
    held = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(held) == 5
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"all_held"}
    assert await market.counts() == (0, 5, 0)


async def test_who_is_not_known_cannot_hold(market: Market) -> None:
    """Reserving needs somebody."""
    answer = await market.http.post(f"/api/v1/shops/{market.shop}/reservations", json={"lines": []})
    assert answer.status_code == 401
    missing = await market.buyer().call("GET", "/shops/sp_aaaaaaaaaaaaaaaa/reservations")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_shop")
