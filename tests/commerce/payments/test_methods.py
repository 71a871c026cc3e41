"""Which ways to pay a shop offers."""

from typing import Any

from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.orders.conftest import OpenMarket, market, open_market

__all__ = ["market", "open_market"]

ALL = ("bank_transfer", "cash_on_delivery", "sandbox")


async def offered(market: Market) -> list[dict[str, Any]]:
    """Return what anybody is shown."""
    answer = await market.http.get(f"/api/v1/shops/{market.shop}/payment-methods")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["methods"]
    return found


async def decide(market: Market, method: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """Let the host decide about one method."""
    path = f"/shops/{market.shop}/payment-settings/{method}"
    answer = await Buyer(market, market.owner, 0).call("PUT", path, body)
    return answer.status_code, answer.json()


async def test_paying_by_hand_is_offered_once_the_host_says_so(open_market: OpenMarket) -> None:
    """What a provider does by itself is there at once."""
    market = await open_market(payments=ALL)
    assert await offered(market) == [{"name": "sandbox", "flow": "authorise", "instructions": None}]
    status, settings = await decide(market, "bank_transfer", offered=True, instructions=" To DE02 \n now ")
    assert status == 200
    assert [(one["name"], one["offered"]) for one in settings["methods"]] == [
        ("bank_transfer", True), ("cash_on_delivery", False), ("sandbox", True)]  # fmt: skip
    assert (await decide(market, "cash_on_delivery", offered=True))[0] == 200
    assert (await decide(market, "sandbox", offered=False))[0] == 200
    assert await offered(market) == [
        {"name": "bank_transfer", "flow": "manual", "instructions": "To DE02 \n now"},
        {"name": "cash_on_delivery", "flow": "manual", "instructions": None},
    ]


async def test_what_is_not_offered_cannot_be_chosen(open_market: OpenMarket) -> None:
    """The refusal names what there is; the hold stays a hold."""
    market = await open_market(payments=ALL)
    buyer = market.buyer()
    held = await buyer.holds()
    for method in ("cash_on_delivery", "gold"):
        refused = await buyer.check_out(held["id"], method=method)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
        assert (refused.json()["field"], refused.json()["methods"]) == ("method", ["sandbox"])
    assert await buyer.mine() == []
    assert await market.counts() == (4, 1, 0)


async def test_a_transfer_needs_instructions(open_market: OpenMarket) -> None:
    """Nobody can pay into an account they are not told."""
    market = await open_market(payments=ALL)
    for body in ({"offered": True}, {"offered": True, "instructions": " \n "},
                 {"offered": True, "instructions": "x" * 2001}):  # fmt: skip
        status, refused = await decide(market, "bank_transfer", **body)
        assert (status, refused["code"], refused["field"]) == (422, "invalid", "instructions")
    status, refused = await decide(market, "gold", offered=True)
    assert (status, refused["code"]) == (404, "no_such_provider")
    assert [one["name"] for one in await offered(market)] == ["sandbox"]


async def test_a_later_change_leaves_old_orders_as_they_were(open_market: OpenMarket) -> None:
    """Who ordered is shown the account of that day."""
    market = await open_market(payments=ALL)
    await decide(market, "bank_transfer", offered=True, instructions="old account")
    buyer = market.buyer()
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"], method="bank_transfer")).json()
    await decide(market, "bank_transfer", offered=True, instructions="new account")
    seen = await buyer.order(made["order"]["id"])
    assert seen["payment"]["instructions"] == "old account"
    unknown = await market.http.get("/api/v1/shops/sp_none/payment-methods")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_shop")
