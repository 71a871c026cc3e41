"""The story: a host, two viewers on two fronts, forty buyers, a moderator, and a network that fails."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.fixtures_browser import (
    Chromium,
    OpenPage,
    Shape,
    connect,
    lead_through_link,
    open_visit,
    running_chromium,
)
from tests.liveshop.running_server import RunningServer
from tests.lossy_link import Address, LinkConditions, LossyLink, lossy_link
from tests.story.buyers import Buyer, dismiss, make_buyers, rush
from tests.story.conftest import Shop
from tests.story.fronts import busiest_turns
from tests.story.market import Market, open_market
from tests.story.pages import LIMIT_MS, Watcher, go_live, launch_sale, sign_in

UNITS = 5
BUYERS = 40
CUT_S = 10
SHAPES_OF_VIEWERS: tuple[Shape, Shape] = ("phone", "desktop")
Record = Callable[[str, object], None]
log = logging.getLogger(__name__)


class HostsBrowser:
    """A Chromium of the host's own, whose media go through a link that can be cut."""

    def __init__(self, browser: Browser, chromium: Chromium, market: Market, link: LossyLink | None) -> None:
        self._browser = browser
        self._chromium = chromium
        self._market = market
        self.link = link

    async def go_live(self) -> None:
        """Open the studio and go on air."""
        visit = await open_visit(self._browser, ignore_https_errors=True)
        self.page = visit.page
        if self.link is not None:
            await lead_through_link(self.page, "**/whip/**", self._address)
        await go_live(self.page, self._market)

    def kill(self) -> None:
        """End it like a crash."""
        self._chromium.kill()

    async def _address(self, _answer: str) -> Address:
        assert self.link is not None
        return self.link.address


@contextlib.asynccontextmanager
async def hosts_browser(
    playwright: Playwright, executable: str, market: Market, link: LossyLink | None = None
) -> AsyncIterator[HostsBrowser]:
    """Start a browser for the host."""
    with running_chromium(executable) as chromium:
        browser = await connect(playwright, chromium)
        yield HostsBrowser(browser, chromium, market, link)


@pytest.mark.browser
@pytest.mark.alone
@pytest.mark.timeout(420)
async def test_a_live_show_from_first_picture_to_last(
    shop: Shop,
    playwright: Playwright,
    chromium_executable: str,
    open_page: OpenPage,
    record_property: Record,
) -> None:
    """Everything a newcomer would do in a show works on real parts, together, under failures."""
    market = await open_market(shop.address)
    async with (
        lossy_link(shop.media) as link,
        hosts_browser(playwright, chromium_executable, market, link) as host,
    ):
        await host.go_live()
        log.info("the host is on air")
        mei, lin = await two_viewers_on_two_fronts(open_page, market)
        log.info("two viewers on two fronts")
        await asyncio.gather(mei.sees_picture_move(), lin.sees_picture_move())
        await they_talk(mei, lin, record_property)
        log.info("they talked")
        await launch_sale(host.page, UNITS, 1, "8.00")
        log.info("the sale is open")
        await the_rush(market, mei, lin)
        log.info("five orders are paid")
        await the_moderator_deletes(open_page, market, mei, lin)
        log.info("a comment was deleted")
        await the_line_is_cut(link, mei, lin, record_property)
        log.info("the line was cut and is back")
        host.kill()
        await asyncio.gather(*(picture_is_away(viewer) for viewer in (mei, lin)))
    async with hosts_browser(playwright, chromium_executable, market) as successor:
        await successor.go_live()
        log.info("the next browser is on air")
        await asyncio.gather(mei.sees_picture_move(), lin.sees_picture_move())
        await the_media_process_dies(shop.server, mei, lin, record_property)
    for front in ("front-0", "front-1"):
        record_property(f"{front}_turns", busiest_turns(shop.server, front))


async def two_viewers_on_two_fronts(open_page: OpenPage, market: Market) -> tuple[Watcher, Watcher]:
    """Open the show on a phone and on a desktop; the second comes back until it has the other front."""
    visits = [await open_page(shape, ignore_https_errors=True) for shape in SHAPES_OF_VIEWERS]
    for visit in visits:
        # Chromium writes down every refused request; while nobody carries the picture, players ask in vain.
        visit.expect_complaint(r"/whep/")
    mei, lin = (
        Watcher(visit.page, market, name) for visit, name in zip(visits, ("Ying", "Lin"), strict=True)
    )
    await mei.enter()
    for _ in range(40):
        await lin.enter()
        if lin.front != mei.front:
            return mei, lin
    raise AssertionError(f"the second viewer always came to {lin.front}")


async def they_talk(mei: Watcher, lin: Watcher, record_property: Record) -> None:
    """A comment of one appears on the other's screen; hearts are counted on both."""
    await mei.say("Does it come in green?")
    await expect(lin.page.get_by_text("Does it come in green?").first).to_be_visible(timeout=LIMIT_MS)
    await lin.say("Hello from Lin")
    await expect(mei.page.get_by_text("Hello from Lin").first).to_be_visible(timeout=LIMIT_MS)
    shown = lin.page.get_by_text("How long do you steep it?")
    await mei.page.get_by_label("Your comment").fill("How long do you steep it?")
    began_s = time.monotonic()
    await mei.page.get_by_role("button", name="Send", exact=True).first.click()
    await expect(shown.first).to_be_visible(timeout=10_000)
    record_property("comment_to_other_screen_s", round(time.monotonic() - began_s, 3))
    await mei.page.get_by_role("button", name="Send a heart").first.click()
    await expect(lin.page.get_by_role("button", name="Send a heart").first).to_contain_text(
        "1", timeout=LIMIT_MS
    )


async def the_rush(market: Market, mei: Watcher, lin: Watcher) -> None:
    """Five units: two go to the viewers, three to the quickest of forty; nobody gets more."""
    await asyncio.gather(mei.buy("Oolong 100 g"), lin.buy("Oolong 100 g"))
    sale = await market.sale()
    buyers = await make_buyers(market, BUYERS)
    await rush(buyers, sale)
    holders = [buyer for buyer in buyers if buyer.holds]
    refused = [buyer for buyer in buyers if not buyer.holds]
    assert (len(holders), len(refused)) == (UNITS - 2, BUYERS - (UNITS - 2))
    assert {press.refused for buyer in refused for press in buyer.presses} == {"all_held"}
    for holder in holders:
        first, second = holder.presses
        assert first.reservation
        assert second.reservation
        assert first.reservation["id"] == second.reservation["id"]
    await five_orders(market, mei, lin, sale, holders, refused)
    await dismiss(buyers)


async def five_orders(
    market: Market,
    mei: Watcher,
    lin: Watcher,
    sale: dict[str, object],
    holders: list[Buyer],
    refused: list[Buyer],
) -> None:
    """One is declined and tries again, one gives up and another gets it; then all are sold."""
    declined, quitter, plain = holders
    to_pay = await declined.check_out()
    order = to_pay["order"]["id"]
    await declined.act(to_pay, "decline")
    await declined.order_state(order, {"declined"})
    await declined.act(await declined.pay_again(order), "approve")
    await declined.order_state(order, {"paid"})
    await quitter.give_up()
    lucky = refused[0]
    assert (await lucky.press_buy(sale, "second-chance")).reservation
    for buyer in (lucky, plain):
        to_pay = await buyer.check_out()
        await buyer.act(to_pay, "approve")
        await buyer.order_state(to_pay["order"]["id"], {"paid"})
    await mei.pay()
    await lin.pay()
    assert (await refused[1].press_buy(sale, "far-too-late")).refused == "sold_out"
    for viewer in (mei, lin):
        await viewer.back_to_show()
        for name in ("Ying", "Lin"):
            await expect(viewer.page.locator(".comment--order", has_text=f"{name} bought")).to_have_count(
                1, timeout=LIMIT_MS
            )
        await expect(viewer.page.locator(".comment--order")).to_have_count(UNITS, timeout=LIMIT_MS)
    orders = (await market.owner.call("GET", f"/shops/{market.shop}/orders"))["orders"]
    assert sorted(order["state"] for order in orders) == ["paid"] * UNITS


async def the_moderator_deletes(open_page: OpenPage, market: Market, mei: Watcher, lin: Watcher) -> None:
    """Delete a comment in the control view; it is gone from every screen."""
    visit = await open_page("desktop", ignore_https_errors=True)
    visit.expect_complaint(r"/whep/")  # this page has a player too
    visit.expect_complaint(r"/media\?limit=")  # and asks for figures while the media process is dead
    page = visit.page
    await page.goto(f"{market.address}/control/{market.show}")
    await sign_in(page, market.moderator.email)
    row = page.get_by_role("row").filter(has_text="Does it come in green?")
    await row.click(timeout=LIMIT_MS)
    await page.keyboard.press("d")
    for viewer in (mei, lin):
        await expect(viewer.page.get_by_text("Does it come in green?")).to_have_count(0, timeout=LIMIT_MS)
    await expect(row).to_have_count(0, timeout=LIMIT_MS)


async def picture_is_away(viewer: Watcher) -> float:
    """Wait until the screen says that the host is away; returns the seconds waited."""
    began_s = time.monotonic()
    await expect(viewer.page.get_by_text("will be right back").first).to_be_visible(timeout=LIMIT_MS)
    return time.monotonic() - began_s


async def the_line_is_cut(link: LossyLink, mei: Watcher, lin: Watcher, record_property: Record) -> None:
    """Ten seconds without a packet from the host: all screens say so, then the picture is back."""
    link.change(up=LinkConditions(cut=True), down=LinkConditions(cut=True))
    cut_s = time.monotonic()
    waited = await asyncio.gather(picture_is_away(mei), picture_is_away(lin))
    record_property("host_away_on_every_screen_s", round(max(waited), 3))
    await mei.page.wait_for_timeout(max(0.0, CUT_S - (time.monotonic() - cut_s)) * 1000)
    link.change(up=LinkConditions(), down=LinkConditions())
    await asyncio.gather(mei.sees_picture_move(), lin.sees_picture_move())


async def the_media_process_dies(
    server: RunningServer, mei: Watcher, lin: Watcher, record_property: Record
) -> None:
    """Kill -9 of the media process: moving pictures again on both screens, and nobody pressed anything."""
    server.kill("media-0")
    began_s = time.monotonic()
    await asyncio.gather(*(viewer.picture_stands_still() for viewer in (mei, lin)))
    await asyncio.gather(mei.sees_picture_move(), lin.sees_picture_move())
    record_property("picture_after_media_kill_s", round(time.monotonic() - began_s, 3))
