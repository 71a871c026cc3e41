"""A Chromium whose network blocks UDP: it hears and sees over ICE-TCP, and publishes over it."""

import re

import pytest
from playwright.async_api import Page, Route

from tests.streaming.browser.conftest import MediaPage
from tests.streaming.browser.test_codecs import assert_seen_and_heard
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.together]


async def block_udp(page: Page, url_pattern: str) -> None:
    """Leave only the TCP candidates in the answers: for the page it is as if no UDP got through."""

    async def rewrite(route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        response = await route.fetch()
        body = re.sub(r"a=candidate:\S+ 1 udp [^\r]+\r\n", "", await response.text())
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        await route.fulfill(status=response.status, headers=headers, body=body)

    await page.route(url_pattern, rewrite)


async def protocol_of(page: Page) -> str:
    """The protocol of the newest connection's path, as the browser says."""
    return str(await page.evaluate("chosenPath().then(({ protocol }) => protocol)"))


@pytest.mark.parametrize("host_blocked", [False, True])
async def test_a_viewer_without_udp_sees_and_hears(
    media: MediaServer, media_page: MediaPage, show: str, host_blocked: bool
) -> None:
    """Pictures and sound, whether or not the host has UDP either."""
    host, viewer = await media_page(media), await media_page(media)
    if host_blocked:
        await block_udp(host.page, f"**/whip/{show}*")
    await block_udp(viewer.page, f"**/whep/{show}*")
    assert await host.page.evaluate("show => publish(show, { codec: 'video/VP8' })", show) == "live"
    await viewer.page.evaluate("show => watch(show)", show)
    await assert_seen_and_heard(viewer, "video/VP8")
    assert await protocol_of(viewer.page) == "tcp"
    assert await protocol_of(host.page) == ("tcp" if host_blocked else "udp")
    assert (await viewer.page.evaluate("player.stats()"))["packets_lost"] == 0
