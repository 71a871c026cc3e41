"""Questions and polls on the pages: two viewers and a moderator, real pages, a real server."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage, Shape
from tests.liveshop.running_server import RunningServer
from tests.realtime.client import RoomClient
from tests.static.test_control_page import Talker, at_the_desk, told
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import PASSWORD, Api, Market, another_market, new_key

pytestmark = pytest.mark.browser


async def _enter(open_page: OpenPage, market: Market, shape: Shape) -> Page:
    visit = await open_page(shape)
    visit.expect_complaint("whep")
    await visit.page.goto(f"{market.address}/shows/{market.show}")
    return visit.page


async def _ask(page: Page, text: str, name: str) -> None:
    """Ask something as a guest who has no name yet."""
    await page.get_by_role("button", name="Questions", exact=False).first.click(timeout=LIMIT_MS)
    sheet = page.get_by_role("dialog", name="Questions")
    await sheet.get_by_label("Your question").fill(text)
    await sheet.get_by_role("button", name="Ask", exact=True).click()
    naming = page.get_by_role("dialog", name="What shall we call you?")
    await naming.get_by_label("Name in this room").fill(name)
    await naming.get_by_role("button", name="Go on").click()
    await expect(sheet.get_by_role("listitem")).to_contain_text(text, timeout=LIMIT_MS)


async def test_a_question_is_asked_wanted_shown_and_answered(
    server: RunningServer, open_page: OpenPage
) -> None:
    """A viewer asks, another wants to know too, the moderator shows and answers it; all see each step."""
    market, desk = await at_the_desk(server, open_page)
    phone = await _enter(open_page, market, "phone")
    wide = await _enter(open_page, market, "desktop")
    await _ask(phone, "Does it come in green?", "Lin")

    await wide.get_by_role("button", name="Questions, 1 open").click(timeout=LIMIT_MS)
    want = wide.get_by_role("button", name="I want to know, too.")
    await want.click(timeout=LIMIT_MS)
    await expect(want).to_have_attribute("aria-pressed", "true")
    await expect(phone.get_by_role("img", name="1 vote")).to_be_visible(timeout=LIMIT_MS)
    await wide.reload()
    await wide.get_by_role("button", name="Questions, 1 open").click(timeout=LIMIT_MS)
    await expect(want).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)

    await desk.keyboard.press("w")
    case = desk.get_by_role("group", name="Lin: Does it come in green?")
    await expect(case).to_be_focused(timeout=LIMIT_MS)
    await desk.keyboard.press("y")
    await told(desk, "The question of Lin is on every screen.")
    for page in (phone, wide):
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("note", name="Answering now")).to_contain_text(
            "green?", timeout=LIMIT_MS
        )

    await case.get_by_role("button", name="Write", exact=True).click()
    await desk.get_by_label("Your answer").fill("Yes, from Friday.")
    await desk.get_by_role("button", name="Send the answer").click()
    for page in (phone, wide):
        await expect(page.get_by_role("note", name="Answering now")).to_have_count(0, timeout=LIMIT_MS)
        await page.get_by_role("button", name="Questions, 0 open").click()
        answered = page.get_by_role("list", name="Answered")
        await expect(answered).to_contain_text("Yes, from Friday.", timeout=LIMIT_MS)


async def test_the_host_marks_the_live_question_answered(server: RunningServer, open_page: OpenPage) -> None:
    """In the studio's room pane, where the host looks while answering."""
    market, desk = await at_the_desk(server, open_page)
    phone = await _enter(open_page, market, "phone")
    await _ask(phone, "Is it warm?", "Lin")
    await desk.get_by_role("button", name="Questions 1").click(timeout=LIMIT_MS)
    await desk.get_by_role("button", name="Answer now").click()

    visit = await open_page("desktop")
    studio = visit.page
    await studio.goto(f"{server.address}/host#show={market.show}")
    await sign_in(studio, market.host.email)
    live = studio.get_by_role("note", name="Answering now")
    await expect(live).to_contain_text("Is it warm?", timeout=LIMIT_MS)
    await live.get_by_role("button", name="Answered").click()
    await expect(live).to_have_count(0, timeout=LIMIT_MS)
    sheet = phone.get_by_role("dialog", name="Questions")
    await expect(sheet.get_by_role("list", name="Answered")).to_contain_text("Answered in the show")


async def test_a_poll_is_opened_voted_in_and_closed(server: RunningServer, open_page: OpenPage) -> None:
    """By keys at the desk; both viewers choose, one changes the mind; the result is on both screens."""
    market, desk = await at_the_desk(server, open_page)
    phone = await _enter(open_page, market, "phone")
    wide = await _enter(open_page, market, "desktop")
    await expect(desk.locator(".control")).to_be_visible(timeout=LIMIT_MS)
    await desk.keyboard.press("v")
    sheet = desk.get_by_role("dialog", name="Poll")
    await sheet.get_by_label("What do you ask?").fill("Which colour next?")
    await sheet.get_by_label("Choice 1").fill("Green")
    await sheet.get_by_label("Choice 2").fill("Blue")
    await sheet.get_by_role("button", name="Open the poll").click()
    await told(desk, "The poll is on every screen.")

    for page in (phone, wide):
        card = page.get_by_role("region", name="Poll: Which colour next?")
        await card.get_by_role("button", name="Green").click(timeout=LIMIT_MS)
        await expect(card.get_by_role("button", name="Green")).to_have_attribute("aria-pressed", "true")
    both = "Green: 100 %, 2 votes"
    await expect(phone.get_by_role("button", name=both)).to_be_visible(timeout=LIMIT_MS)
    await wide.get_by_role("button", name="Blue").click()
    await expect(phone.get_by_role("button", name="Blue: 50 %, 1 vote")).to_be_visible(timeout=LIMIT_MS)
    await wide.get_by_role("button", name="Green").click()

    await phone.get_by_role("button", name="Make the poll small").click()
    await phone.get_by_role("button", name="Show the poll").click()
    await sheet.get_by_role("button", name="Close poll").click()
    for page in (phone, wide):
        card = page.get_by_role("region", name="Poll: Which colour next?")
        await expect(card.get_by_role("img", name=f"{both}. Most votes. Your choice")).to_be_visible(
            timeout=LIMIT_MS
        )
        await expect(card.get_by_role("button", name="Green")).to_have_count(0)
    await sheet.get_by_role("button", name="Take it down").click()
    await expect(phone.get_by_role("region", name="Poll: Which colour next?")).to_have_count(0)
    await expect(sheet.get_by_role("heading", name="Earlier in this show")).to_be_visible()
    await expect(sheet.get_by_role("img", name="Green: 100 %, 2 votes")).to_be_visible()
    await expect(sheet.get_by_label("What do you ask?")).to_be_visible()


async def test_what_is_told_at_once_leaves_the_line_to_write_in(
    server: RunningServer, open_page: OpenPage
) -> None:
    """A long poll, a pinned message, a live question and a product all fit a small phone."""
    market = await another_market(server.address)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    await market.owner.call("PUT", f"/shows/{market.show}/pin", {"product": market.product})
    lin = await Talker(market, "Lin").enter()
    asked = await lin.room.ask("comment", text="Is it warm? " * 24, key=new_key(), question=True)
    said = await lin.say("Green or blue? " * 18)
    async with Api(server.address) as api:
        await api.enter("/session", {"email": market.moderator.email, "password": PASSWORD})
        desk = RoomClient(server.address.replace("http", "ws", 1), market.show, api.token)
        async with desk:
            await desk.ask("show_question", comment=asked["comment"]["id"], key=new_key())
            await desk.ask("pin_message", comment=said, key=new_key())
            choices = [f"Colour {number} of the whole long winter" for number in range(6)]
            await desk.ask("open_poll", question="Which colour? " * 9, choices=choices, key=new_key())
    visit = await open_page("phone", viewport={"width": 360, "height": 640})
    visit.expect_complaint("whep")
    await visit.page.goto(f"{market.address}/shows/{market.show}")
    for found in (
        visit.page.get_by_role("region", name="Poll: Which colour?"),
        visit.page.get_by_label("Your comment"),
        visit.page.get_by_role("region", name="On screen").get_by_role("button"),
    ):
        await expect(found).to_be_in_viewport(ratio=1, timeout=LIMIT_MS)
    await lin.room.close()
