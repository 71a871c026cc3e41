"""The last unit is held: another viewer waits for it, is offered it when it is given back, and pays it."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.story.market import Market, another_market
from tests.story.pages import LIMIT_MS, Watcher

pytestmark = pytest.mark.browser
RARE = "Last cup"


async def one_cup(market: Market) -> None:
    """Put a product of one unit on the screen of a show that is on."""
    body = {
        "title": RARE,
        "description": "One of a kind.",
        "variants": [{"title": "One", "price_minor": 900, "quantity": 1}],
    }
    cup = await market.owner.call("POST", f"/shops/{market.shop}/products", body)
    await market.owner.call("PUT", f"/shows/{market.show}/run-of-show", {"products": [cup["id"]]})
    await market.owner.call("POST", f"/shows/{market.show}/start")
    await market.owner.call("PUT", f"/shows/{market.show}/pin", {"product": cup["id"]})


def sheet(page: Page) -> Locator:
    """Find the open sheet."""
    return page.get_by_role("dialog").last


async def hold(page: Page) -> None:
    """Press Buy, and hold the one there is."""
    await page.get_by_role("button", name=f"Buy {RARE}").first.click(timeout=LIMIT_MS)
    await sheet(page).get_by_role("button", name="Hold it for me").click(timeout=LIMIT_MS)


@pytest.mark.timeout(420)
async def test_who_waits_gets_what_another_gives_back(
    shared_server: RunningServer, open_page: OpenPage
) -> None:
    """Nobody reloads anything: the offer opens the checkout by itself, and the cup is paid."""
    market = await another_market(shared_server.address)
    await one_cup(market)
    first, second = await open_page("phone"), await open_page("desktop")
    for visit in (first, second):
        visit.expect_complaint("/whep/")
    ann, bea = Watcher(first.page, market, "Ann"), Watcher(second.page, market, "Bea")
    await ann.enter()
    await bea.enter()

    await hold(ann.page)
    await expect(ann.page.get_by_text("Held for you until").first).to_be_visible(timeout=LIMIT_MS)
    await hold(bea.page)
    await sheet(bea.page).get_by_role("button", name="Join the waitlist").click(timeout=LIMIT_MS)
    await expect(sheet(bea.page).get_by_text("In line: no. 1")).to_be_visible(timeout=LIMIT_MS)

    await sheet(ann.page).get_by_role("button", name=f"Give it back: {RARE}").click()
    await expect(bea.page.get_by_text("Held for you until").first).to_be_visible(timeout=LIMIT_MS)
    await bea.pay()

    (cup,) = (await market.owner.call("GET", f"/shows/{market.show}"))["products"]
    stock = cup["variants"][0]["stock"]
    assert (stock["available"], stock["held"], stock["sold"]) == (0, 0, 1)
