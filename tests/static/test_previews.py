"""Pictures shown before they are sent: the browser lets go of each. Real pages, a real server."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.static.test_comment_pictures_page import a_picture
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import another_market

pytestmark = pytest.mark.browser

COUNTING = """
globalThis.kept = new Set();
const [make, letGo] = [URL.createObjectURL, URL.revokeObjectURL];
URL.createObjectURL = (file) => { const made = make(file); kept.add(made); return made; };
URL.revokeObjectURL = (address) => { kept.delete(address); letGo(address); };
"""


async def kept(page: Page) -> int:
    """Return how many files the page keeps for addresses of its own."""
    return int(await page.evaluate("kept.size"))


async def test_a_comments_picture_is_let_go_with_its_composer(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Another picture takes its place; a phone that is turned has another composer, without it."""
    market = await another_market(server.address)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    rules = {"version": 0, "policy": {"pictures": "all"}}
    await market.owner.call("PUT", f"/shops/{market.shop}/room-policy", rules)
    visit = await open_page("phone")
    visit.expect_complaint("whep")
    page = visit.page
    await page.add_init_script(COUNTING)
    await page.goto(f"{market.address}/shows/{market.show}")
    for _ in range(2):
        await page.get_by_label("Add a picture").set_input_files(a_picture(), timeout=LIMIT_MS)
        await expect(page.get_by_alt_text("Picture to send")).to_be_visible(timeout=LIMIT_MS)
        assert await kept(page) == 1
        await page.get_by_role("button", name="Leave the picture out").click()
        await expect(page.get_by_alt_text("Picture to send")).to_have_count(0)
        assert await kept(page) == 0
    await page.get_by_label("Add a picture").set_input_files(a_picture(), timeout=LIMIT_MS)
    await expect(page.get_by_alt_text("Picture to send")).to_be_visible(timeout=LIMIT_MS)
    await page.set_viewport_size({"width": 1400, "height": 900})
    await expect(page.get_by_alt_text("Picture to send")).to_have_count(0, timeout=LIMIT_MS)
    assert await kept(page) == 0


async def test_a_poster_is_let_go_with_its_sheet(server: RunningServer, open_page: OpenPage) -> None:
    """The last one chosen is shown, alone; the closed sheet keeps none."""
    market = await another_market(server.address)
    page = (await open_page("phone")).page
    await page.add_init_script(COUNTING)
    await page.goto(f"{server.address}/host")
    await sign_in(page, market.host.email)
    await page.get_by_role("button", name="New show").click(timeout=LIMIT_MS)
    for name in ("one.jpg", "two.jpg"):
        await page.get_by_label("poster").set_input_files({**a_picture(), "name": name})
        await expect(page.get_by_text(name)).to_be_visible(timeout=LIMIT_MS)
        assert await kept(page) == 1
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=LIMIT_MS)
    assert await kept(page) == 0
