"""Two taps from the pinned product to paid, counted, for a person whose first purchase was just before."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.story.market import Market, another_market
from tests.story.pages import LIMIT_MS, Watcher

COUNT = """() => {
  window.counted = { taps: 0, keys: 0 };
  const count = (what) => (event) => { if (event.isTrusted) window.counted[what] += 1; };
  document.addEventListener("click", count("taps"), true);
  document.addEventListener("keydown", count("keys"), true);
  document.addEventListener("input", count("keys"), true);
}"""
# 12.00 and 4.50 for the post; 21% of each on top, rounded half up.
TOTAL_MINOR = 1200 + 450 + 252 + 95
TOTAL = "Pay $19.97"


async def begin_show(market: Market) -> None:
    """Pin the market's first product in the live show, with a post and a tax to pay."""
    post = {"name": "Post", "price_minor": 450, "min_days": 2, "max_days": 4}
    rate = {"place": "NL", "name": "VAT", "rate_ppm": 210_000}
    await market.owner.call("PUT", f"/shops/{market.shop}/shipping", {"methods": [post]})
    await market.owner.call("PUT", f"/shops/{market.shop}/taxes", {"rates": [rate]})
    await market.owner.call("POST", f"/shows/{market.show}/start")
    await market.owner.call("PUT", f"/shows/{market.show}/pin", {"product": market.product})


async def first_purchase(buyer: Watcher) -> None:
    """Buy once with everything typed in, and ask to be remembered."""
    await buyer.page.get_by_role("button", name="Buy Oolong 100 g").first.click()
    await buyer.page.get_by_role("button", name="Hold it for me").click()
    box = buyer.page.get_by_label("Remember my details")
    await expect(box).not_to_be_checked()
    await box.check()
    await buyer.pay()
    await buyer.back_to_show()


async def orders_of(market: Market) -> list[dict[str, Any]]:
    """List the shop's orders, oldest first."""
    found = (await market.owner.call("GET", f"/shops/{market.shop}/orders"))["orders"]
    return list(reversed(found))


async def two_taps(page: Page) -> dict[str, int]:
    """Tap Buy on the pinned card, then Pay; returns what a finger did."""
    await page.evaluate(COUNT)
    card = page.get_by_role("region", name="On screen: Oolong 100 g")
    await card.get_by_role("button", name="Buy Oolong 100 g").tap()
    await page.get_by_role("button", name=TOTAL).tap(timeout=LIMIT_MS)
    await expect(page.get_by_text("It is yours!").first).to_be_visible(timeout=LIMIT_MS)
    counted: dict[str, int] = await page.evaluate("() => window.counted")
    return counted


@pytest.mark.browser
async def test_a_returning_buyer_pays_with_two_taps(
    shared_server: RunningServer, open_page: OpenPage
) -> None:
    """Nothing is typed, no other page opens, and the order is paid with the address of the first one."""
    market = await another_market(shared_server.address)
    await begin_show(market)
    visit = await open_page("phone")
    visit.expect_complaint(r"/whep/")  # nobody sends a picture
    buyer = Watcher(visit.page, market, "Ying")
    await buyer.enter()
    await first_purchase(buyer)
    opened: list[Page] = []

    def noticed(page: Page) -> None:
        opened.append(page)

    visit.context.on("page", noticed)

    counted = await two_taps(visit.page)

    assert counted == {"taps": 2, "keys": 0}
    assert opened == []
    first, second = await orders_of(market)
    assert [order["state"] for order in (first, second)] == ["paid", "paid"]
    assert [order["total_minor"] for order in (first, second)] == [TOTAL_MINOR] * 2
    for name in ("contact", "address", "shipping"):
        assert second[name] == first[name], name
    assert second["lines"][0]["show_at_ms"] > first["lines"][0]["show_at_ms"] > 0
