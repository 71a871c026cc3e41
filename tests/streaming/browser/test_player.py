"""The player's view: every state has its words and buttons, on a phone and on a desktop."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import Shape
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.together]

SHOTS = Path(__file__).parents[2] / "shots" / "player"
STATES = {
    "connecting": "The picture is coming…",
    "playing": "Tap for sound",
    "landscape": "Tap for sound",
    "waiting": "Waiting for the host's picture…",
    "host_away": "The host will be right back",
    "reconnecting": "Reconnecting…",
    "sound_only": "Your browser cannot show this picture. You hear the show.",
    "held": "Only the sound comes through right now.",
    "refused": "Try again",
    "unauthorised": "You cannot watch this show any more.",
    "no_such_show": "There is no picture here.",
    "tap_to_play": "Tap to play",
}


async def show(page: Page, state: str) -> None:
    """Bring the player into a state and wait for its words."""
    await page.evaluate("state => show(state)", state)
    await expect(page.get_by_text(STATES[state])).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("shape", ["phone", "desktop"])
async def test_every_state_is_seen_in_words(media: MediaServer, media_page: MediaPage, shape: Shape) -> None:
    """Each state shows its sentence; pictures of all are kept for the eye in tests/shots."""
    visit = await media_page(media, "player_states.html", shape)
    assert sorted(await visit.page.evaluate("names")) == sorted(STATES)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for state in STATES:
        await show(visit.page, state)
        await visit.page.screenshot(path=SHOTS / f"{state}-{shape}.png")


async def test_a_tap_gives_sound_and_the_tools_take_it_away(
    media: MediaServer, media_page: MediaPage
) -> None:
    """It starts muted, as browsers ask; the button says how to get sound and then goes."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "playing")
    video = page.locator("video")
    assert await video.evaluate("video => [video.muted, video.playsInline]") == [True, True]
    await page.get_by_role("button", name="Tap for sound").click()
    await expect(page.get_by_text("Tap for sound")).to_have_count(0)
    assert await video.evaluate("video => video.muted") is False
    # By keyboard: the tools show themselves as long as the focus is on them.
    await page.get_by_role("button", name="Sound off").press("Enter")
    await expect(page.get_by_role("button", name="Tap for sound")).to_be_visible()


async def test_two_taps_are_a_heart_where_they_fell(media: MediaServer, media_page: MediaPage) -> None:
    """A double tap calls back with its place; a single one does not."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "playing")
    stage = page.locator("#stage")
    await stage.click(position={"x": 60, "y": 300})
    assert await page.evaluate("hearts.length") == 0
    await stage.dblclick(position={"x": 200, "y": 400})
    assert await page.evaluate("hearts") == [{"x": 200, "y": 400}]


async def test_a_refused_autoplay_asks_for_a_tap(media: MediaServer, media_page: MediaPage) -> None:
    """One tap and the show runs."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "tap_to_play")
    await page.evaluate("allow()")
    await page.get_by_role("button", name="Tap to play").click()
    await expect(page.get_by_text("Tap to play")).to_have_count(0)
    assert await page.locator("video").evaluate("video => video.paused") is False
