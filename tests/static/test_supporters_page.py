"""Top supporters and translations on the viewer page in a real browser, in front of the gallery."""

import pytest
from playwright.async_api import expect

from tests.fixtures_browser import OpenPage
from tests.static.test_talk_page import said
from tests.static.test_viewer_page import enter, say

pytestmark = pytest.mark.browser


def board(*names: str) -> dict[str, object]:
    """Pin a list of supporters up, those who speak in `said` first; none takes it down."""
    value = [
        {"person": f"gu_t{at}", "name": name, "units": 3 - at, "brought": at}
        for at, name in enumerate(names, 1)
    ]
    return {"facts": [{"kind": "board", "name": "supporters", "value": value or None, "at_ms": 1}]}


async def test_supporters_are_listed_and_have_their_place_beside_their_name(
    gallery: str, open_page: OpenPage
) -> None:
    """The list opens from the sheet about the show; a list that is taken down is gone everywhere."""
    page = (await enter(open_page, gallery)).page
    await say(page, said("Lin", "good morning", 1))
    line = page.get_by_role("listitem").filter(has_text="good morning")
    await expect(line).to_be_visible()
    await expect(line.get_by_role("img", name="Top supporter 1")).to_have_count(0)
    await say(page, board("Lin", "Wu"))
    await expect(line.get_by_role("img", name="Top supporter 1")).to_be_visible()
    await page.locator(".show-head__shop").click()
    await page.get_by_role("dialog").get_by_role("button", name="Top supporters").click()
    rows = page.get_by_role("dialog", name="Top supporters").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("bought 2 · brought 1 order")
    await say(page, board())
    await expect(page.get_by_text("No supporters yet")).to_be_visible()
    await expect(line.get_by_role("img", name="Top supporter 1")).to_have_count(0)


async def test_a_comment_is_translated_at_a_press_or_all_are(gallery: str, open_page: OpenPage) -> None:
    """The comment's own words stay; what comes later is translated by itself while the switch is on."""
    page = (await enter(open_page, gallery)).page
    await say(page, said("Lin", "guten Morgen", 1))
    line = page.get_by_role("listitem").filter(has_text="guten Morgen")
    await line.click()
    await line.get_by_role("button", name="Translate").click()
    await expect(line).to_contain_text("In English: co_t1")
    await expect(line).to_contain_text("guten Morgen")
    await page.locator(".show-head__shop").click()
    await page.get_by_label("Translate all comments").check()
    await page.keyboard.press("Escape")
    await say(page, said("Wu", "guten Abend", 2))
    await expect(page.get_by_text("In English: co_t2")).to_be_visible()
