"""What a host does with an order, and its buyer's withdrawal, in a real browser on a real server."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage, Visit
from tests.liveshop.running_server import RunningServer
from tests.story.buyers import CITY
from tests.story.market import PASSWORD, Api, Market, another_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


async def paid_order(market: Market) -> dict[str, Any]:
    """Let somebody buy two bags and pay."""
    async with Api(market.address) as buyer:
        made = await ordered(buyer, market, "sandbox")
        payment = made["pay_url"].rpartition("/")[2]
        async with httpx.AsyncClient(base_url=market.address) as bank:
            await bank.post(f"/api/sandbox/payments/{payment}/act", json={"action": "approve"})
        order: dict[str, Any] = made["order"]
        async with asyncio.timeout(LIMIT_MS / 1000):
            while order["state"] != "paid":
                order = await buyer.call("GET", f"/orders/{order['id']}")
        return order


async def ordered(buyer: Api, market: Market, method: str) -> dict[str, Any]:
    """Let a new guest order two bags, to be paid by this method; answers order and pay_url."""
    await buyer.enter("/session", {"guest_name": "Lin"})
    line = {"variant": market.variant, "quantity": 2, "price_version": 1}
    held = await buyer.call("POST", f"/shops/{market.shop}/reservations", {"lines": [line]})
    body = {
        "reservations": [held["id"]],
        "contact": {"email": "lin@example.org", "name": "Lin"},
        "address": {"line1": "Market Street 1", **CITY},
        "method": method,
        "return_url": "/",
    }
    made: dict[str, Any] = await buyer.call("POST", f"/shops/{market.shop}/orders", body)
    return made


def content_of(path: str | Path) -> bytes:
    """Read what the browser saved."""
    return Path(path).read_bytes()


async def desk(visit: Visit, market: Market) -> Page:
    """Sign in at the host's orders."""
    page = visit.page
    await page.goto(f"{market.address}/host/orders")
    await page.get_by_label("E-mail").fill(market.host.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    return page


async def test_an_order_is_sent_withdrawn_from_and_refunded(
    server: RunningServer, open_page: OpenPage
) -> None:
    """The host sends it; the buyer withdraws in two steps, by the link alone; the host gives money back."""
    market = await another_market(server.address)
    order = await paid_order(market)
    page = await desk(await open_page("phone"), market)
    await page.get_by_role("link", name=order["number"]).click(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Send", exact=True).click()
    await page.get_by_label("Carrier").select_option("UPS")
    await page.get_by_label("Tracking number").fill("1Z999")
    await page.get_by_role("button", name="Send and tell the buyer").click()
    await expect(page.get_by_text("On its way", exact=True)).to_be_visible(timeout=LIMIT_MS)

    buyer = (await open_page("phone")).page
    await buyer.goto(f"{market.address}/orders/{order['id']}#token={order['token']}")
    await expect(buyer.get_by_role("link", name="Follow the parcel")).to_be_visible(timeout=LIMIT_MS)
    await buyer.get_by_role("button", name="Withdraw from contract here").click()
    sheet = buyer.get_by_role("dialog")
    await sheet.get_by_role("button", name="One fewer").click()
    await sheet.get_by_role("button", name="Go on").click()
    await expect(sheet.get_by_text("1 × Oolong 100 g")).to_be_visible()
    await sheet.get_by_role("button", name="Confirm withdrawal").click()
    await expect(buyer.get_by_text("Withdrawal from contract")).to_be_visible(timeout=LIMIT_MS)

    await page.reload()
    await page.get_by_role("button", name="The goods are here").click(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Refund", exact=True).last.click(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Refund $12.00").click()
    await expect(page.get_by_text("Partly refunded")).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_text("put back on sale")).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Invoice").click()
    invoice = await waiting.value
    assert content_of(await invoice.path()).startswith(b"%PDF-")
    seen = await market.owner.call("GET", f"/shops/{market.shop}/orders/{order['id']}")
    assert (seen["refunded_minor"], seen["returns"][0]["state"]) == (1200, "closed"), json.dumps(seen)


async def test_orders_are_found_and_exported(server: RunningServer, open_page: OpenPage) -> None:
    """The list begins with what is to be sent, finds by e-mail, and saves a file."""
    market = await another_market(server.address)
    order = await paid_order(market)
    page = await desk(await open_page("desktop"), market)
    await expect(page.get_by_role("link", name=order["number"])).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_label("Number or e-mail").fill("nobody@")
    await expect(page.get_by_text("Nothing begins like this")).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_label("Number or e-mail").fill("LIN@")
    await expect(page.get_by_role("link", name=order["number"])).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Export").click()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Save the file").click()
    saved = content_of(await (await waiting.value).path()).decode("utf-8-sig")
    assert order["number"] in saved


async def test_money_that_comes_by_hand_is_the_hosts_word(server: RunningServer, open_page: OpenPage) -> None:
    """One transfer has come: the order is to be sent. The other will not: its units are on sale again."""
    market = await another_market(server.address)
    told = {"offered": True, "instructions": "To Mei's Tea, account 12345."}
    await market.owner.call("PUT", f"/shops/{market.shop}/payment-settings/bank_transfer", told)
    async with Api(market.address) as one, Api(market.address) as other:
        came = (await ordered(one, market, "bank_transfer"))["order"]
        lost = (await ordered(other, market, "bank_transfer"))["order"]
    page = await desk(await open_page("phone"), market)
    await expect(page.get_by_role("link", name=came["number"])).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_label("By state", exact=True).select_option("Ordered, not paid yet")
    await expect(page).to_have_url(re.compile("state=placed"))
    await expect(page.get_by_role("link", name=lost["number"])).to_be_visible(timeout=LIMIT_MS)
    for order, press, becomes in (
        (came, "The money has come", "paid"),
        (lost, "It will not come", "cancelled"),
    ):
        await page.goto(f"{market.address}/host/orders#shop={market.shop}&order={order['id']}")
        card = page.get_by_role("region", name="Not paid yet")
        await expect(card).to_be_visible(timeout=LIMIT_MS)
        await card.get_by_role("button", name=press).click(timeout=LIMIT_MS)
        await expect(card).to_be_hidden(timeout=LIMIT_MS)
        to_send = page.locator(".desk-line").get_by_text("to send")
        await expect(to_send).to_have_count(0 if becomes == "cancelled" else 1)
        seen = await market.owner.call("GET", f"/shops/{market.shop}/orders/{order['id']}")
        assert seen["order"]["state"] == becomes, json.dumps(seen)
