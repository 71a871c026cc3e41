"""The webhooks' page in a real browser, on a real server that really sends."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.commerce.webhooks.a_receiver import Receiver, Serving, signed_with
from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import another_market

pytestmark = pytest.mark.browser


async def test_an_owner_makes_a_webhook_tries_it_out_and_sends_again(
    server: RunningServer, open_page: OpenPage
) -> None:
    """A wrong address is refused at its field; a test arrives signed; a failed one can be sent again."""
    market = await another_market(server.address)
    async with Serving(Receiver()) as receiver:
        visit = await open_page("phone")
        visit.expect_complaint("422.*/webhooks")
        page = visit.page
        await page.goto(f"{server.address}/host")
        await sign_in(page, market.owner.person["email"])
        await page.get_by_role("link", name="Webhooks").click(timeout=LIMIT_MS)
        await page.get_by_role("button", name="Make the first webhook").click(timeout=LIMIT_MS)
        await page.get_by_label("Address").fill("http://10.0.0.1/hooks")
        await page.get_by_role("button", name="Make the webhook").click()
        said = page.locator("#field-url-error")
        await expect(said).to_have_text(
            "This address leads to no place on the public Internet.", timeout=LIMIT_MS
        )
        await page.get_by_label("Address").fill(receiver.url)
        await page.get_by_role("button", name="Make the webhook").click()
        secret = await page.locator(".hooks__secret").inner_text(timeout=LIMIT_MS)
        await page.get_by_role("button", name="I have kept it").click()

        receiver.status = "410 Gone"
        await page.get_by_role("button", name="Send a test").click(timeout=LIMIT_MS)
        await expect(page.get_by_text("Off: not wanted any more")).to_be_visible(timeout=LIMIT_MS)
        receiver.status = "200 OK"
        await page.get_by_role("button", name="Switch on").click()
        await page.get_by_role("button", name="Send the 1 not delivered again").click(timeout=LIMIT_MS)
        await expect(page.get_by_text("Delivered", exact=True)).to_be_visible(timeout=LIMIT_MS)
        async with asyncio.timeout(LIMIT_MS / 1000):
            await receiver.until(2)
        assert [signed_with(secret, got) for got in receiver.got] == [True, True]
        assert receiver.got[0].id == receiver.got[1].id
