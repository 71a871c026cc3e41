"""A raid: three hundred accounts flood a room, a moderator presses one key, and two people go on buying."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage
from tests.story.conftest import Shop
from tests.story.market import Market, open_market
from tests.story.pages import LIMIT_MS, Watcher, sign_in
from tests.story.raid import Raid
from tests.story.test_two_taps import TOTAL, begin_show, first_purchase

QUIET_MS = 4_000
STOPPED_WITHIN_S = 10.0
WATCH = """() => {
  window.raid = { seen: new Set(), last: 0 };
  const look = () => {
    for (const [text] of (document.body.innerText ?? "").matchAll(/RAID [0-9a-f]{12}/g)) {
      if (!window.raid.seen.has(text)) { window.raid.seen.add(text); window.raid.last = Date.now(); }
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
SEEN = "() => ({ count: window.raid.seen.size, last: window.raid.last, now: Date.now() })"

Record = Callable[[str, object], None]


class Buyer:
    """A viewer who buys again and again with two taps."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.bought_total = 0

    async def buy_on(self) -> None:
        """Buy until cancelled."""
        page = self.watcher.page
        while True:
            card = page.get_by_role("region", name="On screen: Oolong 100 g")
            await card.get_by_role("button", name="Buy Oolong 100 g").tap()
            await page.get_by_role("button", name=TOTAL).tap(timeout=LIMIT_MS)
            await expect(page.get_by_text("It is yours!").first).to_be_visible(timeout=LIMIT_MS)
            self.bought_total += 1
            await self.watcher.back_to_show()


async def a_buyer(open_page: OpenPage, market: Market, name: str) -> Buyer:
    """Open a phone whose owner has bought once, and watch for the raid on its screen."""
    visit = await open_page("phone")
    visit.expect_complaint(r"/whep/")  # nobody sends a picture
    watcher = Watcher(visit.page, market, name)
    await watcher.enter()
    await first_purchase(watcher)
    await visit.page.evaluate(WATCH)
    return Buyer(watcher)


async def a_moderator(open_page: OpenPage, market: Market) -> Page:
    """Sign the moderator in at the control view."""
    visit = await open_page()
    visit.expect_complaint(r"/whep/")
    await visit.page.goto(f"{market.address}/control/{market.show}")
    await sign_in(visit.page, market.moderator.email)
    await expect(visit.page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)
    return visit.page


async def seconds_to_silence(page: Page, pressed_ms: float) -> float:
    """Wait until nothing of the raid has come for a while; returns the seconds since the press."""
    while True:
        seen = await page.evaluate(SEEN)
        if seen["now"] - max(seen["last"], pressed_ms) > QUIET_MS:
            return max(0.0, float(seen["last"] - pressed_ms) / 1000)
        await page.wait_for_timeout(200)


async def until_seen(page: Page, count: int) -> None:
    """Wait until so many of the raid's comments were on the screen."""
    await page.wait_for_function("(least) => window.raid.seen.size >= least", arg=count, timeout=LIMIT_MS)


@pytest.mark.browser
@pytest.mark.alone
@pytest.mark.timeout(280)
async def test_one_key_stops_a_raid_and_people_go_on_buying(
    direct_shop: Shop, open_page: OpenPage, record_property: Record
) -> None:
    """After the press the last raid comment is on both screens within seconds; the purchases go through."""
    market = await open_market(direct_shop.address)
    await begin_show(market)
    buyers = [await a_buyer(open_page, market, name) for name in ("Ying", "Ada")]
    control = await a_moderator(open_page, market)
    raid = Raid(market)
    await raid.enter()
    buying = [asyncio.create_task(buyer.buy_on()) for buyer in buyers]
    raid.begin()
    for buyer in buyers:
        await until_seen(buyer.watcher.page, 20)

    before = [buyer.bought_total for buyer in buyers]
    pressed_ms = await control.evaluate("() => Date.now()")
    await control.keyboard.press("s")
    await expect(control.get_by_role("button", name="lower")).to_be_visible(timeout=LIMIT_MS)
    silent_s = [await seconds_to_silence(buyer.watcher.page, pressed_ms) for buyer in buyers]
    refused_total = sum(raid.refused.values())
    for buyer, bought in zip(buyers, before, strict=True):
        while buyer.bought_total <= bought:
            assert not any(task.done() for task in buying), "somebody could not buy"
            await buyer.watcher.page.wait_for_timeout(100)
    for task in buying:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await raid.end()
    bought_total = sum(buyer.bought_total for buyer in buyers)
    record_property("raid_said_total", raid.said_total)
    record_property("raid_refused", dict(raid.refused))
    record_property("seconds_to_the_last_raid_comment", silent_s)
    record_property("purchases_meanwhile", bought_total)

    assert max(silent_s) < STOPPED_WITHIN_S, silent_s
    assert refused_total > 0, "the raid gave up before the shield met it"
    assert set(raid.refused) <= {"newcomers_locked", "rate_limited", "not_unique", "links_off"}
    assert bought_total >= 2
