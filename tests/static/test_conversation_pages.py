"""A buyer and a host who talk about an order, in a real browser on a real server."""

import io

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.fixtures_browser import OpenPage, go_back_from_sheet
from tests.liveshop.running_server import RunningServer
from tests.static.test_order_pages import desk, ordered, paid_order
from tests.story.market import Api, another_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000


def a_picture() -> FilePayload:
    """Draw what somebody has on their disk."""
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (40, 120, 200)).save(out, "JPEG")
    return {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def say(page: Page, text: str) -> None:
    """Write a message and see it."""
    await page.get_by_role("textbox", name="Your message").fill(text)
    await page.get_by_role("button", name="Send", exact=True).last.click()
    await expect(page.get_by_role("listitem").filter(has_text=text)).to_be_visible(timeout=LIMIT_MS)


async def test_buyer_and_host_exchange_words_a_picture_and_a_voice(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Each sees what the other sends without a reload; unread counts go up, and down once it is in view."""
    market = await another_market(server.address)
    order = await paid_order(market)
    buyer = (await open_page("phone")).page
    await buyer.goto(f"{market.address}/orders/{order['id']}#token={order['token']}")
    await buyer.get_by_role("button", name="Write to the shop").click(timeout=LIMIT_MS)
    await buyer.get_by_label("Add pictures").set_input_files(a_picture())
    await expect(buyer.get_by_alt_text("Picture to send")).to_be_visible(timeout=LIMIT_MS)
    await say(buyer, "It came broken")

    host = await desk(await open_page("desktop"), market)
    await expect(host.get_by_role("button", name="Unread 1")).to_be_visible(timeout=LIMIT_MS)
    await host.get_by_role("button", name="Unread 1").click()
    row = host.get_by_role("link", name=order["number"])
    await expect(row.get_by_text("1 new")).to_be_visible(timeout=LIMIT_MS)
    await row.click()
    talk = host.get_by_role("region", name="Messages with the buyer")
    await talk.scroll_into_view_if_needed(timeout=LIMIT_MS)
    await expect(talk.get_by_text("It came broken")).to_be_visible(timeout=LIMIT_MS)
    await expect(buyer.get_by_text("Seen")).to_be_visible(timeout=LIMIT_MS)
    await talk.get_by_role("button", name="Show the picture from Lin larger").click()
    large = host.get_by_role("dialog").get_by_alt_text("Picture from Lin")
    await expect(large).to_be_visible(timeout=LIMIT_MS)
    assert await large.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 900
    await go_back_from_sheet(host)

    await talk.get_by_role("button", name="Record a voice note").click()
    await expect(talk.get_by_role("timer")).to_have_text("0:01", timeout=LIMIT_MS)
    await talk.get_by_role("button", name="Done").click()
    await expect(talk.get_by_role("button", name="Take it out again")).to_be_visible(timeout=LIMIT_MS)
    await say(host, "We are sorry")
    await expect(buyer.get_by_text("We are sorry")).to_be_visible(timeout=LIMIT_MS)
    note = buyer.get_by_role("group", name="Voice note")
    await note.get_by_role("button", name="Play the voice note").click()
    await buyer.wait_for_function(
        "() => { const audio = document.querySelector('audio'); return audio.currentTime > 0.2; }"
    )

    await host.goto(f"{market.address}/host/orders#shop={market.shop}&state=unread")
    await host.reload()
    await expect(host.get_by_text("Every message is read")).to_be_visible(timeout=LIMIT_MS)


async def test_my_orders_count_what_is_unread(server: RunningServer, open_page: OpenPage) -> None:
    """A message of the shop is counted in "my orders" and told on the order's page, until it was in view."""
    market = await another_market(server.address)
    told = {"offered": True, "instructions": "To Mei's Tea, account 12345."}
    await market.owner.call("PUT", f"/shops/{market.shop}/payment-settings/bank_transfer", told)
    small = {"width": 390, "height": 420}
    visit = await open_page("phone", viewport=small)
    page = visit.page
    async with Api(market.address) as buyer:
        order = (await ordered(buyer, market, "bank_transfer"))["order"]
        url = f"{market.address}/api/v1/session"
        for one in buyer.http.cookies.jar:
            await visit.context.add_cookies([{"name": one.name, "value": str(one.value), "url": url}])
    await page.add_init_script("localStorage.setItem('liveshop.known', 'yes')")
    path = f"/shops/{market.shop}/orders/{order['id']}/messages"
    await market.owner.call("POST", path, {"text": "Which colour?"})
    await page.goto(f"{market.address}/account#orders")
    row = page.get_by_role("link", name=order["number"])
    await expect(row.get_by_text("1 new")).to_be_visible(timeout=LIMIT_MS)
    assert (await market.owner.call("GET", path))["seen"] == 0
    await row.click()
    await page.get_by_role("button", name="Read it").click(timeout=LIMIT_MS)
    await expect(page.get_by_text("Which colour?")).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_text("wrote to you")).to_be_hidden(timeout=LIMIT_MS)
    assert (await market.owner.call("GET", path))["seen"] == 1
    await page.goto(f"{market.address}/account#orders")
    await expect(page.get_by_role("link", name=order["number"])).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_text("1 new")).to_have_count(0)


async def test_a_host_stops_a_rude_buyer(server: RunningServer, open_page: OpenPage) -> None:
    """Once closed the buyer's page says so and has no line to write in; opened again it has one."""
    market = await another_market(server.address)
    order = await paid_order(market)
    buyer = (await open_page("desktop")).page
    await buyer.goto(f"{market.address}/orders/{order['id']}#token={order['token']}")
    await buyer.get_by_role("button", name="Write to the shop").click(timeout=LIMIT_MS)
    await say(buyer, "Rude words")
    host = await desk(await open_page("phone"), market)
    await host.goto(f"{market.address}/host/orders#shop={market.shop}&order={order['id']}")
    await host.get_by_role("button", name="Take no more messages").click(timeout=LIMIT_MS)
    await host.get_by_role("button", name="Take no more", exact=True).click()
    await expect(buyer.get_by_text("takes no more messages about this order")).to_be_visible(timeout=LIMIT_MS)
    await expect(buyer.get_by_role("textbox", name="Your message")).to_be_hidden()
    await host.get_by_role("button", name="Take messages again").click()
    await expect(buyer.get_by_role("textbox", name="Your message")).to_be_visible(timeout=LIMIT_MS)
