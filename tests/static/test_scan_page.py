"""Paying by a code on the desk: a real server, a real browser, and WeChat Pay's double."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.doubles import wechat_pay_double as wechat
from tests.fixtures_browser import OpenPage
from tests.free_ports import free_port
from tests.liveshop.running_server import running
from tests.static.test_order_pages import ordered
from tests.story.market import Api, open_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


def settings_of(url: str) -> dict[str, str]:
    """Return the settings that switch WeChat Pay on, at the double."""
    return {
        "LIVESHOP_PAYMENTS": "wechat_pay",
        "LIVESHOP_WECHAT_PAY_MERCHANT_ID": wechat.MERCHANT_ID,
        "LIVESHOP_WECHAT_PAY_APP_ID": wechat.APP_ID,
        "LIVESHOP_WECHAT_PAY_PRIVATE_KEY": wechat.merchant_private(),
        "LIVESHOP_WECHAT_PAY_SERIAL": wechat.SERIAL,
        "LIVESHOP_WECHAT_PAY_API_KEY": wechat.API_KEY,
        "LIVESHOP_WECHAT_PAY_PUBLIC_KEY": wechat.wechat_public(),
        "LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID": wechat.PUBLIC_KEY_ID,
        "LIVESHOP_WECHAT_PAY_URL": url,
        "LIVESHOP_MEDIA_PORT": str(free_port()),
    }


async def test_a_code_is_scanned_and_the_page_goes_back(tmp_path: Path, open_page: OpenPage) -> None:
    """The page shows sum, seller and code; when WeChat Pay tells that it is paid, it goes to the shop."""
    async with wechat.wechat_pay_double() as double:
        with running(tmp_path / "data", **settings_of(double.url)) as server:
            market = await open_market(server.address, "CNY")
            async with market.owner, Api(market.address) as buyer:
                made = await ordered(buyer, market, "wechat_pay")
                visit = await open_page("desktop")
                page = visit.page
                await page.goto(made["pay_url"])
                await expect(page.get_by_role("heading", name="WeChat Pay")).to_be_visible(timeout=LIMIT_MS)
                await expect(page.get_by_text("Mei's Tea")).to_be_visible()
                code = page.get_by_role("img", name="Code for WeChat Pay")
                await expect(code).to_be_visible()
                await code.evaluate("(image) => image.decode()")  # fails for what is no picture
                assert (await double.press(made["order"]["payment"]["id"], "pay")).status_code == 200
                await page.wait_for_url("**/?order=*", timeout=LIMIT_MS, wait_until="commit")
                order = await buyer.call("GET", f"/orders/{made['order']['id']}")
                assert (order["state"], double.money()) == ("paid", [("paid", 0)])
                visit.expect_complaint("404")
                await page.goto(f"{market.address}/pay/scan/pa_nobody")
                await expect(page.get_by_text("There is no such payment")).to_be_visible(timeout=LIMIT_MS)


async def test_a_phone_says_from_which_site_it_comes(tmp_path: Path, open_page: OpenPage) -> None:
    """WeChat Pay refuses who comes from nowhere; it learns the server's name and nothing of the page."""
    async with wechat.wechat_pay_double() as double:
        with running(tmp_path / "data", **settings_of(double.url)) as server:
            market = await open_market(server.address, "CNY")
            phone = {"user-agent": "Mozilla/5.0 (Linux; Android 16) Mobile"}
            async with market.owner, Api(market.address, headers=phone) as buyer:
                made = await ordered(buyer, market, "wechat_pay")
            page = (await open_page("phone")).page
            await page.goto(f"{market.address}/?secret=1")
            async with page.context.expect_page() as opening:
                await page.evaluate("(url) => window.open('', 'pay').location.replace(url)", made["pay_url"])
            tab = await opening.value
            await tab.wait_for_url(f"{double.url}/**", timeout=LIMIT_MS)
            assert double.referers == [f"{server.address}/"]
            await expect(tab.get_by_text("pay here")).to_be_visible()
