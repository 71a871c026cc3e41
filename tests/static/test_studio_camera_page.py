"""The studio's camera in a real browser: what is pulled out, missing, sent twice or refused."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, Request, expect

from tests.fixtures_browser import OpenPage, Shape, Visit
from tests.liveshop.running_server import RunningServer
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import Market, another_market

pytestmark = pytest.mark.browser

# Beside the browser's own camera there is one that can be pulled out.
USB_CAMERA = """
    const media = navigator.mediaDevices;
    const [give, list] = [media.getUserMedia.bind(media), media.enumerateDevices.bind(media)];
    let plugged = true;
    let running;
    media.enumerateDevices = async () => [
        ...(await list()), ...(plugged ? [{ kind: "videoinput", deviceId: "usb", label: "USB camera" }] : []),
    ];
    media.getUserMedia = async (wanted) => {
        if (wanted.video?.deviceId?.exact !== "usb") return give(wanted);
        if (!plugged) throw new DOMException("", "OverconstrainedError");
        const stream = await give({ ...wanted, video: true });
        [running] = stream.getVideoTracks();
        running.getSettings = () => ({ deviceId: "usb" });
        return stream;
    };
    globalThis.pull = () => {
        plugged = false;
        running.stop();
        running.dispatchEvent(new Event("ended"));
    };
    globalThis.darken = (dark) => {
        Object.defineProperty(running, "muted", { value: dark, configurable: true });
        running.dispatchEvent(new Event(dark ? "mute" : "unmute"));
    };
"""
USB_IS_ON = """() => {
    const [track] = document.querySelector(".preview__video").srcObject.getVideoTracks();
    return track?.getSettings().deviceId === "usb";
}"""
NO_CAMERA = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
"""


async def in_the_studio(
    server: RunningServer, open_page: OpenPage, script: str = "", shape: Shape = "desktop", **context: Any
) -> tuple[Market, Visit]:
    """Open a show's studio; `script` runs before the page's own."""
    market = await another_market(server.address)
    visit = await open_page(shape, **context)
    await visit.page.add_init_script(script)
    await visit.page.goto(f"{server.address}/host#show={market.show}")
    await sign_in(visit.page, market.host.email)
    return market, visit


async def go_live(page: Page) -> None:
    """Press the button, and wait until the stream is said to be good."""
    await page.get_by_role("button", name="Go live").first.click(timeout=LIMIT_MS)
    await expect(page.locator(".health--good, .health--fair").first).to_be_visible(timeout=LIMIT_MS)


async def use_usb_camera(page: Page) -> Locator:
    """Choose it and wait until it is on; returns the menu."""
    menu = page.get_by_label("Camera", exact=True)
    await menu.select_option("usb", timeout=LIMIT_MS)
    await page.wait_for_function(USB_IS_ON)
    return menu


async def test_a_chosen_camera_that_is_pulled_out_is_replaced_with_try_again(
    server: RunningServer, open_page: OpenPage
) -> None:
    """The host is told, and the camera that is left is taken; the menu offers it meanwhile."""
    _, visit = await in_the_studio(server, open_page, USB_CAMERA)
    page = visit.page
    menu = await use_usb_camera(page)
    await page.evaluate("pull()")
    lost = page.get_by_text("The camera was taken away")
    await expect(lost).to_be_visible()
    await expect(menu.locator("option")).to_have_count(2)
    await expect(menu).to_have_value("")
    await expect(page.get_by_role("button", name="Go live")).to_be_disabled()
    await expect(page.get_by_role("button", name="Mute")).to_be_enabled()
    await page.get_by_role("button", name="Try again").click()
    await expect(lost).to_have_count(0, timeout=LIMIT_MS)
    await expect(menu).to_have_count(0)
    await expect(page.get_by_role("button", name="Go live")).to_be_enabled()


async def test_the_only_camera_that_is_left_can_be_chosen(server: RunningServer, open_page: OpenPage) -> None:
    """The menu mends it too, and a camera that gives no picture says so until it does."""
    _, visit = await in_the_studio(server, open_page, USB_CAMERA)
    page = visit.page
    menu = await use_usb_camera(page)
    dark = page.get_by_text("The camera gives no picture.")
    await expect(dark).to_have_count(0)
    await page.evaluate("darken(true)")
    await expect(dark).to_be_visible()
    await page.evaluate("darken(false)")
    await expect(dark).to_have_count(0)
    await page.evaluate("pull()")
    await expect(page.get_by_text("The camera was taken away")).to_be_visible()
    await menu.select_option(index=1)
    await expect(page.get_by_text("The camera was taken away")).to_have_count(0, timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Go live")).to_be_enabled()


async def test_a_reload_without_a_camera_sends_nothing(server: RunningServer, open_page: OpenPage) -> None:
    """It says what is missing, and does not go on the air with an empty stream."""
    _, visit = await in_the_studio(server, open_page)
    visit.expect_complaint("404.*/whip/")
    page = visit.page
    await go_live(page)
    await page.add_init_script(NO_CAMERA)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/whip/" in request.url:
            sent.append(request.url)

    page.on("request", note)
    await page.reload()
    await expect(page.get_by_text("No camera or microphone was found")).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Send my picture")).to_be_disabled(timeout=LIMIT_MS)
    await expect(page.locator(".health--away")).to_be_visible(timeout=LIMIT_MS)
    assert not sent


async def test_a_duplicated_tab_does_not_go_on_air(server: RunningServer, open_page: OpenPage) -> None:
    """Its storage is a copy of the first one's, which goes on sending."""
    market, visit = await in_the_studio(server, open_page)
    page = visit.page
    await go_live(page)
    await page.wait_for_function("() => sessionStorage.getItem('liveshop.on_air') !== null")
    async with visit.context.expect_page() as opened:
        await page.evaluate(f"open('/host#show={market.show}')")
    duplicate = await opened.value
    await expect(duplicate.get_by_role("button", name="Send my picture")).to_be_enabled(timeout=LIMIT_MS)
    await expect(page.locator(".health--good, .health--fair").first).to_be_visible()
    await expect(page.get_by_text("Somebody else is sending")).to_have_count(0)


async def test_a_key_that_is_refused_in_mid_show_is_told(server: RunningServer, open_page: OpenPage) -> None:
    """Who is off the team is cut off, and hears why instead of seeing it connect for ever."""
    market, visit = await in_the_studio(server, open_page)
    visit.expect_complaint("401.*/whip/")
    visit.expect_complaint("403.*/stream-key")
    page = visit.page
    await go_live(page)
    await page.route("**/stream-key", lambda route: route.fulfill(status=403, json={"code": "not_allowed"}))
    await market.owner.call("POST", f"/shows/{market.show}/stream-key")
    told = page.get_by_role("alert").filter(has_text="The stream key is no longer right")
    await expect(told).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Send my picture")).to_be_enabled()
