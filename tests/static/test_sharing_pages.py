"""Sharing a show and being reminded of one, in a real browser on a real server."""

import re

import pytest
from playwright.async_api import expect

from tests.commerce.orders.a_market import until as settled
from tests.fixtures_browser import OpenPage, go_back_from_sheet
from tests.liveshop.running_server import RunningServer, until
from tests.static.test_follow_pages import mails_to
from tests.static.test_studio_pages import sign_in
from tests.story.market import PASSWORD, Api, Market, another_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


def mailed_token(server: RunningServer, address: str) -> str:
    """Return the token of the newest mail to an address."""
    until(lambda: bool(mails_to(server, address)), 20, "the mail")
    return mails_to(server, address)[-1].partition("#follow=")[2].split()[0]


async def links_of(market: Market) -> list[tuple[str, int, int, int]]:
    """Return what the host sees: name, visits, entries, orders."""
    report = await market.owner.call("GET", f"/shows/{market.show}/shares")
    return [(one["name"], one["visits"], one["entries"], one["orders"]) for one in report["links"]]


async def test_a_friend_comes_by_a_viewers_link(server: RunningServer, open_page: OpenPage) -> None:
    """Share gives a short address; it leads to the show, is counted, and is not in the friend's address."""
    market = await another_market(server.address)
    page = (await open_page("phone")).page
    await page.goto(f"{server.address}/shows/{market.show}")
    await page.get_by_role("button", name="Share", exact=True).click(timeout=LIMIT_MS)
    address = await page.get_by_label("Link to share").input_value(timeout=LIMIT_MS)
    assert re.fullmatch(re.escape(server.address) + "/s/[a-z2-9]{8}", address)

    friend = (await open_page("phone")).page
    await friend.goto(address)
    await friend.wait_for_url(f"**/shows/{market.show}", timeout=LIMIT_MS)
    await friend.get_by_role("button", name="Share", exact=True).wait_for(timeout=LIMIT_MS)

    async def counted() -> bool:
        (link,) = await links_of(market)
        return link[1:] == (1, 1, 0)

    await settled(counted, "visit and entry")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.get_by_role("dialog").get_by_text("Visits")).to_be_visible(timeout=LIMIT_MS)


async def test_a_link_to_one_product_opens_it_and_holds_nothing(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Shared from its sheet; the friend sees the product over the show, and a reload is the show again."""
    market = await another_market(server.address)
    page = (await open_page("phone")).page
    await page.goto(f"{server.address}/shows/{market.show}")
    await page.get_by_role("button", name="See the products").click(timeout=LIMIT_MS)
    await page.get_by_role("button", name=re.compile("^Buy ")).first.click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^Share ")).click()
    sheet = page.get_by_role("dialog", name="Share this show")
    await expect(sheet.get_by_label("This product:", exact=False)).to_be_checked(timeout=LIMIT_MS)
    link = sheet.get_by_label("Link to share")
    address = await link.input_value()
    assert re.fullmatch(re.escape(server.address) + "/s/[a-z2-9]{8}/pr_[a-z0-9]+", address)
    await sheet.get_by_label("The show", exact=True).check()
    await expect(link).to_have_value(address.rpartition("/")[0])

    friend = (await open_page("phone")).page
    await friend.goto(address)
    await friend.wait_for_url(f"**/shows/{market.show}", timeout=LIMIT_MS)
    product = friend.get_by_role("dialog")
    await expect(product.get_by_role("button", name=re.compile("^Hold"))).to_be_visible(timeout=LIMIT_MS)
    await go_back_from_sheet(friend)
    await expect(product).to_have_count(0)
    await friend.reload()
    await friend.get_by_role("button", name="Share", exact=True).wait_for(timeout=LIMIT_MS)
    await expect(product).to_have_count(0)

    async def counted() -> bool:
        (one,) = await links_of(market)
        return one[1:] == (1, 1, 0)

    await settled(counted, "visit and entry")


async def test_a_host_names_a_link_and_shows_its_qr_code(server: RunningServer, open_page: OpenPage) -> None:
    """In the studio: the table has it, the code is drawn, back leads to the table."""
    market = await another_market(server.address)
    page = (await open_page()).page
    await page.goto(f"{server.address}/host#show={market.show}")
    await sign_in(page, market.host.email)
    await page.get_by_role("button", name="Share this show").click(timeout=LIMIT_MS)
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Link for one place").fill("Newsletter")
    await sheet.get_by_role("button", name="Make link").click()
    await sheet.get_by_role("button", name="QR code of Newsletter").click(timeout=LIMIT_MS)
    picture = page.get_by_role("img", name="QR code of the link to Spring teas")
    await expect(picture).to_be_visible(timeout=LIMIT_MS)
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 0")
    await page.get_by_role("dialog").get_by_role("button", name="Back").click()
    await expect(page.get_by_role("row", name=re.compile("^Newsletter"))).to_be_visible(timeout=LIMIT_MS)
    assert ("Newsletter", 0, 0, 0) in await links_of(market)


async def test_an_unknown_link_leads_to_the_lobby_with_a_sentence(
    server: RunningServer, open_page: OpenPage
) -> None:
    """It can be put away, and a reload does not say it again."""
    await another_market(server.address)
    page = (await open_page("phone")).page
    await page.goto(f"{server.address}/s/zzzzzzzz")
    told = page.get_by_text("This link leads nowhere any more")
    await expect(told).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Close").click()
    await expect(told).to_have_count(0)
    await page.reload()
    await page.get_by_text("Spring teas").first.wait_for(timeout=LIMIT_MS)
    await expect(told).to_have_count(0)


async def test_a_guest_is_reminded_by_mail_from_the_lobby(server: RunningServer, open_page: OpenPage) -> None:
    """The button asks for an address once, says that it is set, and takes it back."""
    market = await another_market(server.address)
    lin = f"lin-{market.show}@example.org"
    page = (await open_page("phone")).page
    await page.goto(server.address)
    await page.get_by_role("button", name=f"Remind me of {market.title}").click(timeout=LIMIT_MS)
    await page.get_by_role("dialog").get_by_label("E-mail").fill(lin)
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_text("Look into your mailbox")).to_be_visible(timeout=LIMIT_MS)
    await page.goto(f"{server.address}/account#follow={mailed_token(server, lin)}")
    await expect(page.get_by_text("Reminder set")).to_be_visible(timeout=LIMIT_MS)

    await page.goto(server.address)
    pressed = page.get_by_role("button", name=f"Reminder of {market.title} is set")
    await expect(pressed).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)
    await pressed.click()
    again = page.get_by_role("button", name=f"Remind me of {market.title}")
    await expect(again).to_have_attribute("aria-pressed", "false", timeout=LIMIT_MS)
    await again.click()
    await page.get_by_role("button", name="Undo").click(timeout=LIMIT_MS)
    await expect(again).to_have_attribute("aria-pressed", "false", timeout=LIMIT_MS)


async def test_who_is_signed_in_is_reminded_at_once(server: RunningServer, open_page: OpenPage) -> None:
    """No address is asked for; the show's own page says the same."""
    market = await another_market(server.address)
    page = (await open_page()).page
    await page.goto(f"{server.address}/account")
    await sign_in(page, market.moderator.email)
    await page.get_by_role("button", name="Sign out", exact=True).wait_for(timeout=LIMIT_MS)
    await page.goto(server.address)
    await page.get_by_role("button", name=f"Remind me of {market.title}").click(timeout=LIMIT_MS)
    pressed = page.get_by_role("button", name=f"Reminder of {market.title} is set")
    await expect(pressed).to_be_visible(timeout=LIMIT_MS)
    await page.goto(f"{server.address}/shows/{market.show}")
    await expect(pressed).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)
    async with Api(server.address) as api:
        await api.enter("/session", {"email": market.moderator.email, "password": PASSWORD})
        assert (await api.call("GET", "/me/reminders"))["shows"] == [market.show]
