"""The studio in a real browser that was told not to give the camera, the microphone, or both."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.fixtures_browser import (
    Chromium,
    OpenPage,
    Shape,
    chromium_path,
    running_chromium,
    wait_for_promise,
)
from tests.liveshop.running_server import RunningServer
from tests.static.test_studio_camera_page import go_live, in_the_studio
from tests.static.test_studio_pages import LIMIT_MS

pytestmark = pytest.mark.browser

KINDS = "() => document.querySelector('.preview__video').srcObject.getTracks().map(({ kind }) => kind).sort()"
KEPT_CONNECTIONS = """
    globalThis.connections = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...wanted) {
            super(...wanted);
            connections.push(this);
        }
    };
"""
# Sound that the server has told of in a receiver report.
SOUND_RECEIVED = """async () => {
    const told = await Promise.all(connections.map(async (each) => [...(await each.getStats()).values()]));
    return told.flat().some(({ type, kind }) => type === "remote-inbound-rtp" && kind === "audio");
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Run a Chromium that gives pages what their context allows, instead of everything."""
    with running_chromium(chromium_path(), gives_unasked=False) as running:
        yield running


@pytest.mark.parametrize("shape", ["phone", "desktop"])
async def test_a_blocked_microphone_leaves_the_picture_and_comes_on_air_when_allowed(
    server: RunningServer, open_page: OpenPage, shape: Shape
) -> None:
    """The host reads why nothing is heard, goes live with the picture, and allows it in mid-show."""
    _, visit = await in_the_studio(server, open_page, KEPT_CONNECTIONS, shape, permissions=["camera"])
    page = visit.page
    told = page.get_by_text("The browser was told not to give the microphone: viewers hear nothing.")
    await expect(told).to_be_visible(timeout=LIMIT_MS)
    badge = page.locator(".preview__muted")
    await expect(badge).to_have_text("No sound")
    assert await page.evaluate(KINDS) == ["video"]
    await go_live(page)
    await expect(badge).to_have_text("No sound")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".toasts").filter(has_text="told not to give the microphone")).to_be_visible()
    await expect(told.first).to_be_visible()
    assert not await page.evaluate(SOUND_RECEIVED)
    await page.context.grant_permissions(["camera", "microphone"])
    await expect(badge).to_have_count(0, timeout=LIMIT_MS)
    await expect(told).to_have_count(0, timeout=LIMIT_MS)
    await wait_for_promise(page, SOUND_RECEIVED)
    await expect(page.get_by_role("button", name="Mute")).to_be_enabled()


async def test_a_blocked_camera_is_told_and_comes_when_allowed(
    server: RunningServer, open_page: OpenPage
) -> None:
    """The microphone is on meanwhile, for a screen; no button has to be pressed afterwards."""
    _, visit = await in_the_studio(server, open_page, permissions=["microphone"])
    page = visit.page
    told = page.get_by_text("The browser was told not to give the camera.")
    await expect(told).to_be_visible(timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Go live")).to_be_disabled()
    assert await page.evaluate(KINDS) == ["audio"]
    await page.context.grant_permissions(["camera", "microphone"])
    await expect(told).to_have_count(0, timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Go live")).to_be_enabled()
    assert await page.evaluate(KINDS) == ["audio", "video"]
