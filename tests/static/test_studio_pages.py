"""First-run page, shop home and studio in a real browser on a real server."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage
from tests.free_ports import free_port
from tests.liveshop.running_server import RunningServer, running
from tests.story.market import PASSWORD, another_market, open_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


async def sign_in(page: Page, email: str) -> None:
    """Fill the sign-in form."""
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_a_newcomer_sets_up_the_server_and_makes_a_product(
    fresh_server: RunningServer, open_page: OpenPage
) -> None:
    """What is missing is said at its field; then the owner is known and a product can be made."""
    page = (await open_page("phone")).page
    await page.goto(f"{fresh_server.address}/setup")
    await page.get_by_label("E-mail").fill("owner@example.org")
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Set up the server").click(timeout=LIMIT_MS)
    await expect(page.locator("#field-name-error")).to_have_text("Please fill this in.")
    await expect(page.locator("#field-password-error")).to_have_text("At least 10 characters, please.")
    await expect(page.get_by_label("Your name")).to_be_focused()

    await page.get_by_label("Your name").fill("Olive")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Name of your shop").fill("Mei's Tea")
    await page.get_by_role("button", name="Set up the server").click()
    await page.get_by_role("link", name="To the studio").click(timeout=LIMIT_MS)

    await page.get_by_role("button", name="New product").click(timeout=LIMIT_MS)
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Name").fill("Oolong")
    await sheet.get_by_label("Price").fill("cheap")
    await sheet.get_by_role("button", name="Make the product").click()
    await expect(page.locator("#field-price-error")).to_be_visible(timeout=LIMIT_MS)
    await sheet.get_by_label("Price").fill("8")
    await sheet.get_by_role("button", name="Make the product").click()
    await expect(sheet.get_by_text("Variants, prices and stock")).to_be_visible(timeout=LIMIT_MS)
    await sheet.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Oolong")).to_contain_text("10 left", timeout=LIMIT_MS)


async def test_a_reload_goes_on_air_again_and_leaving_does_not(
    server: RunningServer, open_page: OpenPage
) -> None:
    """A reloaded studio sends by itself; a host who left on purpose is asked first."""
    market = await another_market(server.address)
    visit = await open_page()
    # The page that goes says goodbye to a session which the new one may have replaced already.
    visit.expect_complaint("404.*/whip/")
    page = visit.page
    await page.goto(f"{server.address}/host#show={market.show}")
    await sign_in(page, market.host.email)
    await page.get_by_role("button", name="Go live").first.click(timeout=LIMIT_MS)
    on_air = page.locator(".health--good, .health--fair").first
    await expect(on_air).to_be_visible(timeout=LIMIT_MS)

    await page.reload()
    await expect(on_air).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Send my picture")).to_have_count(0)

    await page.get_by_role("link", name="Leave; the show goes on").click()
    await page.get_by_role("link", name="Spring teas").click(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Send my picture")).to_be_enabled(timeout=LIMIT_MS)


async def test_an_encoders_picture_is_taken_on_air_with_one_button(
    server: RunningServer, open_page: OpenPage
) -> None:
    """While OBS or FFmpeg sends, the studio asks for no camera; its own picture is the other way."""
    market = await another_market(server.address)
    page = (await open_page()).page
    line = await market.owner.call("GET", f"/shows/{market.show}/stream-key")
    async with running_encoder(line["whip_url"], line["key"]):
        await page.goto(f"{server.address}/host#show={market.show}")
        await sign_in(page, market.host.email)
        await expect(page.get_by_text("Your encoder's picture is here")).to_be_visible(timeout=LIMIT_MS)
        await expect(page.get_by_role("button", name="Send my picture")).to_be_enabled(timeout=LIMIT_MS)
        await expect(page.locator(".checklist")).to_have_count(0)
        await page.get_by_role("button", name="Go live").click(timeout=LIMIT_MS)
        await expect(page.get_by_role("button", name="Go live")).to_have_count(0, timeout=LIMIT_MS)
        await expect(page.get_by_text("LIVE", exact=True).first).to_be_visible(timeout=LIMIT_MS)


@asynccontextmanager
async def running_encoder(url: str, key: str) -> AsyncIterator[None]:
    """Run FFmpeg as a publisher that sends."""
    module = ("-m", "tests.streaming.browser.ffmpeg_publisher", url, key)
    encoder = await asyncio.create_subprocess_exec(sys.executable, *module, stdin=PIPE, stdout=PIPE)
    assert encoder.stdin is not None
    assert encoder.stdout is not None
    try:
        async with asyncio.timeout(LIMIT_MS / 1000):
            assert await encoder.stdout.readline() == b"on air\n"
        yield
    finally:
        encoder.stdin.close()
        await encoder.wait()


async def test_a_host_says_how_to_be_paid_by_hand(tmp_path: Path, open_page: OpenPage) -> None:
    """A bank transfer needs its account, said at the field; then buyers can choose it."""
    port = str(free_port())
    with running(tmp_path / "data", LIVESHOP_MEDIA_PORT=port, LIVESHOP_PAYMENTS="bank_transfer") as server:
        market = await open_market(server.address)
        offered = f"/shops/{market.shop}/payment-methods"
        page = (await open_page("phone")).page
        await page.goto(f"{server.address}/host")
        await sign_in(page, market.host.email)
        await page.get_by_role("button", name="Payments").click(timeout=LIMIT_MS)
        sheet = page.get_by_role("dialog")
        await sheet.get_by_label("Offer it to buyers").check(timeout=LIMIT_MS)
        await sheet.get_by_label("How to pay").fill(" ")
        await sheet.get_by_role("button", name="Save").click()
        await expect(page.locator("#field-instructions_bank_transfer-error")).to_be_visible(timeout=LIMIT_MS)
        assert (await market.owner.call("GET", offered))["methods"] == []

        await sheet.get_by_label("How to pay").fill("To DE02, with the order's number")
        await sheet.get_by_role("button", name="Save").click()
        await expect(sheet.get_by_text("Offered", exact=True)).to_be_visible(timeout=LIMIT_MS)
        method = {
            "name": "bank_transfer",
            "flow": "manual",
            "instructions": "To DE02, with the order's number",
        }
        assert (await market.owner.call("GET", offered))["methods"] == [method]
