"""A viewer shows a picture with a comment, and a moderator takes it away. Real pages, a real server."""

import io

import httpx
import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.static.test_control_page import at_the_desk, choose
from tests.static.test_studio_pages import LIMIT_MS

pytestmark = pytest.mark.browser


def a_picture() -> FilePayload:
    """Draw what somebody has on their phone."""
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (40, 160, 90)).save(out, "JPEG")
    return {"name": "tea.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def test_a_picture_is_shown_and_goes_with_its_comment(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Off by default; once the shop allows it, it is small beside the words and large in a sheet."""
    market, desk = await at_the_desk(server, open_page)
    visit = await open_page("phone")
    visit.expect_complaint("whep")
    visit.expect_complaint("comment-pictures")  # the deleted one's address answers 404
    page = visit.page
    await page.goto(f"{market.address}/shows/{market.show}")
    await expect(page.get_by_role("log").first).to_be_attached(timeout=LIMIT_MS)
    await expect(page.get_by_label("Add a picture")).to_have_count(0)
    rules = {"version": 0, "policy": {"pictures": "all"}}
    await market.owner.call("PUT", f"/shops/{market.shop}/room-policy", rules)
    await page.reload()
    await page.get_by_label("Add a picture").set_input_files(a_picture(), timeout=LIMIT_MS)
    await expect(page.get_by_alt_text("Picture to send")).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_label("Your comment").fill("My cup")
    await page.get_by_role("button", name="Send", exact=True).first.click()
    name = page.get_by_role("dialog", name="What shall we call you?")
    await name.get_by_label("Name in this room").fill("Lin")
    await name.get_by_role("button", name="Go on").click()

    await desk.get_by_role("button", name="Show the picture from Lin larger").first.click(timeout=LIMIT_MS)
    large = desk.get_by_role("dialog").get_by_alt_text("My cup")
    await expect(large).to_be_visible(timeout=LIMIT_MS)
    assert await large.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 900
    address = str(await large.evaluate("(image) => image.src"))
    await desk.keyboard.press("Escape")
    await page.get_by_role("button", name="Show the picture from Lin larger").click(timeout=LIMIT_MS)
    sheet = page.get_by_role("dialog", name="Picture from Lin")
    await expect(sheet).to_be_visible(timeout=LIMIT_MS)

    await page.get_by_role("button", name="Close").last.click()
    await page.get_by_label("Add a picture").set_input_files(a_picture(), timeout=LIMIT_MS)
    await expect(page.get_by_text("Add words if you like")).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Send", exact=True).first.click()
    for both in (desk, page):
        shown = both.get_by_role("button", name="Show the picture from Lin larger")
        await expect(shown).to_have_count(2, timeout=LIMIT_MS)
    await page.get_by_role("button", name="Show the picture from Lin larger").last.click(timeout=LIMIT_MS)
    await expect(sheet.get_by_alt_text("Picture from Lin")).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Close").last.click()
    await page.get_by_role("button", name="Show the picture from Lin larger").first.click(timeout=LIMIT_MS)
    await expect(sheet.get_by_alt_text("My cup")).to_be_visible(timeout=LIMIT_MS)

    await choose(desk, "My cup")
    await desk.keyboard.press("d")
    await expect(sheet).to_be_hidden(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Show the picture from Lin larger")).to_have_count(1)
    async with httpx.AsyncClient() as http:
        while (await http.get(address)).status_code != 404:
            await page.wait_for_timeout(200)
