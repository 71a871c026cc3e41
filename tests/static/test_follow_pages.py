"""Following a shop in a real browser on a real server: a guest by mail, from the show and from the lobby."""

import re
from email import message_from_bytes, policy

import pytest
from playwright.async_api import expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer, until
from tests.story.market import another_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


def mails_to(server: RunningServer, address: str) -> list[str]:
    """Return the texts of the mails to an address."""
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((server.data / "mail").glob("*.eml"))
    ]
    return [str(mail.get_content()) for mail in found if mail["To"] == address]


async def test_a_guest_follows_by_mail_and_stops(server: RunningServer, open_page: OpenPage) -> None:
    """Follow asks for an address; the mailed link follows; the button, the lobby and the list say so."""
    market = await another_market(server.address)
    lin = f"lin-{market.show}@example.org"
    visit = await open_page("phone")
    page = visit.page
    await page.goto(f"{server.address}/shows/{market.show}")
    await page.get_by_role("button", name=re.compile("^Follow ")).click(timeout=LIMIT_MS)
    await page.get_by_role("dialog").get_by_label("E-mail").fill(lin)
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_text("Look into your mailbox")).to_be_visible(timeout=LIMIT_MS)

    until(lambda: bool(mails_to(server, lin)), 20, "the mail")
    token = mails_to(server, lin)[0].partition("#follow=")[2].split()[0]
    await page.goto(f"{server.address}/account#follow={token}")
    await expect(page.get_by_text(re.compile("^You follow "))).to_be_visible(timeout=LIMIT_MS)

    await page.goto(f"{server.address}/")
    pressed = page.get_by_role("button", name=re.compile("^Following "))
    await expect(pressed.first).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)
    await page.goto(f"{server.address}/account")
    await page.get_by_role("button", name=re.compile("^Stop following ")).click(timeout=LIMIT_MS)
    await expect(page.get_by_role("heading", name="Shops I follow")).to_have_count(0, timeout=LIMIT_MS)
    standing = await market.owner.call("GET", f"/shops/{market.shop}/follow")
    assert (standing["followers"], standing["following"]) == (0, False)
