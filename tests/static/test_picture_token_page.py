"""A page whose watch token has run out: its player gets a new one from the room, and the picture comes."""

import pytest
from playwright.async_api import Route, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import another_market

pytestmark = pytest.mark.browser

PICTURE_RUNS = (
    "() => document.querySelector('.player__video')?.getVideoPlaybackQuality().totalVideoFrames > 5"
)


@pytest.mark.parametrize("place", ["shows", "control"])
async def test_a_page_asks_the_room_for_a_new_token(
    server: RunningServer, open_page: OpenPage, place: str
) -> None:
    """Both pages hand their player the way to it; the token is good for six hours."""
    market = await another_market(server.address)
    studio, visit = await open_page(), await open_page()
    await studio.page.goto(f"{server.address}/host#show={market.show}")
    await sign_in(studio.page, market.host.email)
    await studio.page.get_by_role("button", name="Go live").first.click(timeout=LIMIT_MS)
    await expect(studio.page.locator(".health--good, .health--fair").first).to_be_visible(timeout=LIMIT_MS)

    tokens: list[str] = []

    async def refuse_the_first(route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        tokens.append(await route.request.header_value("authorization") or "")
        if tokens[-1] == tokens[0]:
            await route.fulfill(status=401, json={"status": 401, "code": "watch_token_wrong"})
        else:
            await route.fallback()

    visit.expect_complaint("401.*/whep/")
    await visit.page.route("**/whep/*", refuse_the_first)
    await visit.page.goto(f"{server.address}/{place}/{market.show}")
    if place == "control":
        await sign_in(visit.page, market.moderator.email)
    await visit.page.wait_for_function(PICTURE_RUNS, timeout=LIMIT_MS)
    assert len(set(tokens)) == 2
    assert tokens[0].startswith("Bearer ")
