"""Talking on the viewer page in a real browser, in front of the gallery: answers, names, emoji."""

import pytest
from playwright.async_api import expect

from tests.fixtures_browser import OpenPage
from tests.static.test_viewer_page import enter, say

pytestmark = pytest.mark.browser


def said(name: str, text: str, number: int, **more: object) -> dict[str, object]:
    """Make a comment of somebody."""
    comment = {"id": f"co_t{number}", "person": f"gu_t{number}", "name": name, "badge": None, "text": text}
    return {"talk": [{**comment, "at_ms": 2_000_000_000_000 + number, "reply_to": None, **more}]}


async def test_an_answer_quotes_what_it_answers_and_names_are_completed(
    gallery: str, open_page: OpenPage
) -> None:
    """A tap on a comment offers Reply; "@" and a letter offer the name; what is said carries both."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_text("how long does shipping take").last.click()
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(page.get_by_text("Replying to Ana")).to_be_visible()
    box = page.get_by_label("Your comment")
    await box.press_sequentially("two days @li")
    await page.get_by_role("option", name="@Lin").click()
    await expect(box).to_have_value("two days @Lin ")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_label("Name in this room").fill("Mei")
    await page.keyboard.press("Enter")

    answer = page.get_by_role("listitem").filter(has_text="two days @Lin")
    await expect(answer.get_by_role("button", name="In reply to Ana")).to_be_visible()
    await expect(page.get_by_text("Replying to Ana")).to_have_count(0)
    await expect(box).to_have_value("")


async def test_emoji_alone_are_large(gallery: str, open_page: OpenPage) -> None:
    """Words are not."""
    page = (await enter(open_page, gallery)).page
    await say(page, said("Wu", "😍😍", 1))
    await say(page, said("Wu", "as good as ever 😍", 2))
    log = page.get_by_role("log")
    await expect(log.get_by_text("as good as ever")).to_be_visible()
    assert await log.locator(".comment__emoji").all_inner_texts() == ["😍😍"]


async def test_addresses_are_links_that_vouch_for_nothing(gallery: str, open_page: OpenPage) -> None:
    """They are nodes with the words that were typed; this server's own are no strangers; no tag is read."""
    page = (await enter(open_page, gallery)).page
    await say(page, said("Wu", "<b>look</b> https://tea.example/green?x=1&y=2, javascript:alert(1)", 1))
    await say(page, said("Lin", f"mine: {gallery}/s/abcdefgh", 2))
    await say(page, said("Evil", "https://tea.example@evil.example/ https://p\u0430ypal.com/", 3))
    log = page.get_by_role("log")
    shared = log.get_by_role("link", name=f"{gallery}/s/abcdefgh")
    await expect(shared).to_have_attribute("rel", "noopener")
    for link, href in (
        ("https://tea.example/green?x=1&y=2", "https://tea.example/green?x=1&y=2"),
        ("https://xn--pypal-4ve.com/", "https://xn--pypal-4ve.com/"),
    ):
        stranger = log.get_by_role("link", name=link)
        await expect(stranger).to_have_attribute("href", href)
        await expect(stranger).to_have_attribute("rel", "nofollow noopener noreferrer ugc")
    await expect(log.get_by_role("link")).to_have_count(3)
    targets = await log.get_by_role("link").evaluate_all("(all) => all.map((one) => one.target)")
    assert targets == ["_blank"] * 3
    await expect(log.get_by_text("<b>look</b>")).to_be_visible()


async def test_reactions_are_pressed_and_those_of_others_float_by(gallery: str, open_page: OpenPage) -> None:
    """Six to choose from; a burst of others' is bounded; the message kept on screen comes and goes."""
    page = (await enter(open_page, gallery)).page
    await page.get_by_role("button", name="React").click()
    await expect(page.get_by_role("group", name="React").get_by_role("button")).to_have_count(6)
    await page.get_by_role("button", name="Applause").click()
    await expect(page.locator(".reactions__one")).to_have_count(1)
    await say(page, {"state": {"tallies": {"react:fire": 500}}})
    await expect(page.locator(".reactions__one").filter(has_text="🔥")).to_have_count(5)
    pinned = {"comment": None, "person": "ac_1", "name": "Shop", "badge": "host", "text": "Ends at nine"}
    fact = {"kind": "board", "at_ms": 1, "seq": 2, "name": "pinned"}
    await say(page, {"facts": [{**fact, "value": pinned}]})
    await expect(page.get_by_role("note", name="Pinned message")).to_contain_text("Ends at nine")
    await say(page, {"facts": [{**fact, "value": None}]})
    await expect(page.get_by_role("note", name="Pinned message")).to_have_count(0)
