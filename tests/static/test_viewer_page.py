"""The viewer page in a real browser, in front of the gallery: back button, focus, language, reconnecting.

What it buys, and the live picture, are proved on the real server by the story.
"""

import json
import re
import time

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.fixtures_browser import OpenPage, Visit, go_back_from_sheet

pytestmark = pytest.mark.browser

LIMIT_MS = 20_000
FOCUSED = "() => document.activeElement?.closest('[role=dialog]')?.getAttribute('aria-label') ?? null"

WIDER_THAN_ITS_WORDS = """(line) => {
  const style = getComputedStyle(line);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = line.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(line.placeholder).width <= room;
}"""


async def enter(open_page: OpenPage, gallery: str, show: str = "sh_live", **context: object) -> Visit:
    """Open a show of the gallery, which has no picture, and wait for its room."""
    visit = await open_page("phone", **context)
    visit.expect_complaint("/whep/")
    await visit.page.goto(f"{gallery}/shows/{show}")
    await expect(visit.page.get_by_role("log")).to_contain_text("got mine last week", timeout=LIMIT_MS)
    return visit


async def say(page: Page, frame: dict[str, object]) -> None:
    """Let the gallery say something to the room."""
    await page.evaluate(
        "(frame) => fetch('/gallery/say', { method: 'POST', body: frame })",
        json.dumps(frame),
    )


async def test_back_closes_the_sheet_and_stays_in_the_show(gallery: str, open_page: OpenPage) -> None:
    """The phone's back button closes the open sheet; the show and its address stay."""
    page = (await enter(open_page, gallery)).page
    address = page.url
    await page.get_by_role("button", name="6 products").click()
    await expect(page.get_by_role("dialog", name="Products")).to_be_visible()

    await go_back_from_sheet(page)

    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert address == page.url


async def test_a_closed_sheet_leaves_no_step_behind(gallery: str, open_page: OpenPage) -> None:
    """After a sheet was closed by its button, back leaves the show at once."""
    visit = await open_page("phone")
    visit.expect_complaint("/whep/")
    page = visit.page
    await page.goto(f"{gallery}/")
    await page.get_by_role("link", name="Spring teas").click()
    await expect(page.get_by_role("log")).to_contain_text("got mine last week", timeout=LIMIT_MS)
    await page.get_by_role("button", name="6 products").click()
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.wait_for_function("() => !history.state?.liveshop_layer")

    # A page from the back-forward cache does not load anew, so there is no "load" to wait for.
    await page.go_back(wait_until="commit")

    await expect(page.get_by_role("heading", name="Live now")).to_be_visible()


async def test_tab_stays_inside_the_sheet_and_focus_returns(gallery: str, open_page: OpenPage) -> None:
    """Tab goes round inside a sheet, in both directions; closing gives focus back to what opened it."""
    page = (await enter(open_page, gallery)).page
    opener = page.get_by_role("button", name="Bag, 0 held for you")
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Your bag")).to_be_visible()

    for key in ("Tab", "Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        await page.keyboard.press(key)
        assert await page.evaluate(FOCUSED) == "Your bag"

    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_the_language_changes_at_once_and_is_remembered(gallery: str, open_page: OpenPage) -> None:
    """The switch changes every word without a reload, tells the document, and holds after a reload."""
    visit = await open_page("desktop")
    page = visit.page
    await page.goto(f"{gallery}/")
    await expect(page.get_by_role("heading", name="Live now")).to_be_visible()

    await page.get_by_role("button", name="简体中文").click()

    await expect(page.get_by_role("heading", name="正在直播")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await page.reload()
    await expect(page.get_by_role("heading", name="正在直播")).to_be_visible()


async def test_a_guest_is_asked_for_a_name_once(gallery: str, open_page: OpenPage) -> None:
    """The first comment asks for a name and is then said; the second one is said at once."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_label("Your comment").fill("hello from here")
    await page.keyboard.press("Enter")
    asked = page.get_by_role("dialog", name="What shall we call you?")
    await asked.get_by_label("Name in this room").fill("Mei")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("hello from here")

    await page.get_by_label("Your comment").fill("and again")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("log")).to_contain_text("and again")
    await expect(asked).to_have_count(0)


async def test_a_lost_room_comes_back_by_itself(gallery: str, open_page: OpenPage) -> None:
    """After a close code below 4500 the page enters again, nothing pressed, and hears what is said."""
    page = (await enter(open_page, gallery)).page
    async with page.expect_websocket() as opened:
        await say(page, {"close": 4003})
    await (await opened.value).wait_for_event("framereceived")

    comment = {"id": "co_after", "person": "gu_9", "name": "Lin", "badge": None, "at_ms": 2**41}
    await say(page, {"talk": [{**comment, "text": "still here?"}]})

    await expect(page.get_by_role("log")).to_contain_text("still here?")


@pytest.mark.parametrize(
    ("kind", "words", "way"),
    [
        ("account", "You were signed out. Sign in again to take part.", "Sign in"),
        ("guest", "Your visit has ended.", "Load again"),
    ],
)
async def test_whose_session_is_over_hears_so(
    gallery: str, open_page: OpenPage, kind: str, words: str, way: str
) -> None:
    """The room is left with the reason and the way back, and nobody waits for it to come back by itself."""
    visit = await open_page("phone")
    visit.expect_complaint("/whep/")
    visit.expect_complaint("401")
    page = visit.page
    opened: list[str] = []

    async def session(route: Route) -> None:
        if opened:
            await route.fulfill(status=401, json={"code": "no_session", "status": 401})
            return
        opened.append(route.request.url)
        answer = await (await route.fetch()).json()
        answer["person"] |= {"kind": kind}
        # The next token is asked for as soon as the page may.
        await route.fulfill(json=answer | {"expires_at_ms": int(time.time() * 1000)})

    await page.route("**/api/v1/session", session)
    await page.goto(f"{gallery}/shows/sh_live")
    line = page.locator(".connection__line")
    await expect(line).to_contain_text(words, timeout=LIMIT_MS)
    await expect(line).not_to_contain_text("Reconnecting")
    found = line.get_by_text(way, exact=True)
    await expect(found).to_be_visible()
    if kind == "account":
        await expect(found).to_have_attribute("href", "/account#next=%2Fshows%2Fsh_live")


async def test_a_ban_is_said_and_nobody_comes_back(gallery: str, open_page: OpenPage) -> None:
    """A close code from 4500 on ends the room on this page with a sentence."""
    page = (await enter(open_page, gallery)).page

    await say(page, {"close": 4503})

    await expect(page.get_by_text("You were removed from this room")).to_be_visible()


async def test_a_phone_says_whole_why_nothing_can_be_written(gallery: str, open_page: OpenPage) -> None:
    """How long a time-out lasts fits the line; a ban goes before it."""
    page = (await enter(open_page, gallery)).page
    until_ms = int(time.time() * 1000) + 299_000
    await say(page, {"type": "you", "event": "muted", "muted_until_ms": until_ms})
    line = page.get_by_label("Your comment")
    await expect(line).to_have_attribute("placeholder", re.compile(r"Write again in 4:\d\d"))
    assert await line.evaluate(WIDER_THAN_ITS_WORDS)

    await say(page, {"close": 4503})
    await expect(line).to_have_attribute("placeholder", re.compile("You were removed"))


async def test_all_held_turns_into_a_chance_when_a_unit_comes_free(gallery: str, open_page: OpenPage) -> None:
    """The calm screen of a refused hold follows the stock: a unit that comes free can be bought from it."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_role("button", name="6 products").click()
    await page.get_by_role("button", name="Buy Ripe Pu'er cake 2016").click()
    await page.get_by_role("button", name="Hold it for me").click()
    await expect(page.get_by_text("3 are being paid right now")).to_be_visible()

    free = {"available": 1, "held": 2, "sold": 7, "total": 10}
    await say(page, {"state": {"stock": {"po_va_all_held": free}}})

    await expect(page.get_by_text("One has come free!")).to_be_visible()


async def fill_in(page: Page) -> None:
    """Say who and where, in a country that asks for a region."""
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Country").select_option("US")
    await dialog.get_by_label("E-mail").fill("mei@example.org")
    await dialog.get_by_label("Full name").fill("Mei Lin")
    await dialog.get_by_label("Street and number").fill("1 Main St")
    await dialog.get_by_label("City").fill("Springfield")
    await dialog.get_by_label("State").select_option("IL")
    await dialog.get_by_label("ZIP code").fill("62704")


async def test_the_bag_is_one_order(gallery: str, open_page: OpenPage) -> None:
    """Two products are held, listed together, counted on the bag, and paid together; one can be dropped."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_role("button", name="Buy Oolong, roasted").first.click()
    await page.get_by_role("button", name="Add something else").click()
    await page.get_by_role("button", name="Buy Gongfu set, celadon").click()
    await page.get_by_role("button", name="Hold it for me").click()
    lines = page.get_by_role("dialog").locator("li.line")
    await expect(lines).to_have_count(2)
    # 8.00 and 68.00, 4.50 for the post, 7.25% on all of it.
    pay = page.get_by_role("button", name="Pay $86.34")
    await page.get_by_role("dialog").get_by_label("Country").select_option("US")
    await expect(pay).to_be_visible(timeout=LIMIT_MS)

    await lines.filter(has_text="Oolong").get_by_role("button", name="Give it back").click()

    await expect(lines).to_have_count(1)
    await expect(page.get_by_role("button", name="Pay $77.76")).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Bag, 1 held for you")).to_be_visible()


async def test_the_form_asks_what_the_country_asks(gallery: str, open_page: OpenPage) -> None:
    """Fields, their order and their words are the country's; who fetches is asked for no address."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_role("button", name="Buy Oolong, roasted").first.click()
    dialog = page.get_by_role("dialog")
    await fill_in(page)
    await dialog.get_by_label("ZIP code").fill("6270")
    await dialog.get_by_role("button", name="Pay $").click()
    await expect(dialog.get_by_text("Postcodes of this country look different.")).to_be_visible()

    await dialog.get_by_label("Country").select_option("JP")
    await expect(dialog.get_by_label("Prefecture")).to_be_visible()
    await expect(dialog.get_by_label("ZIP code")).to_have_count(0)

    await dialog.get_by_label("Pick-up at the stall").check()
    await expect(dialog.get_by_label("Street and number")).to_have_count(0)


async def test_what_is_wrong_is_not_left_under_the_pay_button(gallery: str, open_page: OpenPage) -> None:
    """A field that lies under what sticks to the sheet's foot comes into view when it is refused."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_role("button", name="Buy Oolong, roasted").first.click()
    await fill_in(page)
    field = page.get_by_role("dialog").get_by_label("ZIP code")
    await field.fill("6270")
    await field.blur()
    await field.evaluate(
        """field => {
          const box = field.closest(".sheet__body");
          box.scrollTop += field.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
        }"""
    )
    assert await covered(field)
    await page.get_by_role("dialog").get_by_role("button", name="Pay $").click()
    await expect(field).to_be_focused()
    assert not await covered(field)


async def covered(field: Locator) -> bool:
    """Tell whether something else lies over the middle of a field."""
    found: bool = await field.evaluate(
        """field => {
          const { left, width, top, height } = field.getBoundingClientRect();
          return document.elementFromPoint(left + width / 2, top + height / 2) !== field;
        }"""
    )
    return found


async def test_who_is_remembered_sees_it_filled_in_and_can_be_forgotten(
    gallery: str, open_page: OpenPage
) -> None:
    """After a purchase with the box ticked, Buy leads to one Pay button; Forget empties the form."""
    visit = await enter(open_page, gallery)
    page = visit.page
    await page.get_by_role("button", name="Buy Oolong, roasted").first.click()
    await fill_in(page)
    await page.get_by_label("Remember my details").check()
    async with page.expect_popup() as popup:
        await page.get_by_role("button", name="Pay $").click()
    await (await popup.value).get_by_role("button", name="Approve").click()
    await page.get_by_role("button", name="Back to the show").click()

    await page.get_by_role("button", name="6 products").click()
    await page.get_by_role("button", name="Buy Gongfu set, celadon").click()

    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Springfield IL 62704")).to_be_visible(timeout=LIMIT_MS)
    await expect(dialog.get_by_text("TEST card")).to_be_visible()
    await dialog.get_by_role("button", name="Forget").click()
    await expect(dialog.get_by_label("E-mail")).to_have_value("")
