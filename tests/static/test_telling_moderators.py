"""A viewer reports a comment and asks to come back; moderators hear of both. Real pages, a real server."""

import pytest
from playwright.async_api import expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.static.test_control_page import Talker, at_the_desk, choose, told
from tests.static.test_studio_pages import LIMIT_MS

pytestmark = pytest.mark.browser


async def test_a_report_and_a_request_reach_the_queues_and_a_pin_every_screen(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Reported from the comment itself; asked from the line that says one was removed; p pins and unpins."""
    market, desk = await at_the_desk(server, open_page)
    spammer = await Talker(market, "Rex").enter()
    visit = await open_page("phone")
    visit.expect_complaint("whep")
    page = visit.page
    await page.goto(f"{market.address}/shows/{market.show}")
    await spammer.say("buy followers at my shop")
    await page.get_by_text("buy followers at my shop").click(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Report", exact=True).click()
    sheet = page.get_by_role("dialog", name="Report this comment")
    await sheet.get_by_label("What is wrong with it?").select_option("scam")
    await sheet.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("The moderators look at it.")).to_be_visible(timeout=LIMIT_MS)
    await desk.get_by_role("button", name="Reports 1").click(timeout=LIMIT_MS)
    case = desk.get_by_role("group", name="Rex: buy followers at my shop")
    await expect(case).to_be_visible(timeout=LIMIT_MS)

    await page.get_by_label("Your comment").fill("Is it green?")
    await page.get_by_role("button", name="Send", exact=True).first.click()
    name = page.get_by_role("dialog", name="What shall we call you?")
    await name.get_by_label("Name in this room").fill("Lin")
    await name.get_by_role("button", name="Go on").click()
    await choose(desk, "Is it green?")
    await desk.keyboard.press("p")
    pinned = page.get_by_role("note", name="Pinned message")
    await expect(pinned).to_contain_text("Is it green?", timeout=LIMIT_MS)
    # Until the desk shows it, too, a p would pin once more.
    await expect(desk.get_by_role("note", name="Pinned message")).to_be_visible(timeout=LIMIT_MS)
    await desk.keyboard.press("p")
    await expect(pinned).to_have_count(0, timeout=LIMIT_MS)

    await desk.keyboard.press("b")
    await told(desk, "Lin is banned.")
    await page.get_by_role("button", name="Ask to come back").click(timeout=LIMIT_MS)
    asking = page.get_by_role("dialog", name="Ask to come back")
    await asking.get_by_label("What would you like to tell them?").fill("It was a joke.")
    await asking.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Sent. When they let you in")).to_be_visible(timeout=LIMIT_MS)
    await desk.get_by_role("button", name="Requests 1").click(timeout=LIMIT_MS)
    await expect(desk.get_by_text("It was a joke.")).to_be_visible(timeout=LIMIT_MS)
    await spammer.room.close()
