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
    "sound_only": "There is only sound right now: no picture comes, or this browser cannot show it.",
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


async def test_a_picture_that_was_paused_says_so_and_goes_on(
    media: MediaServer, media_page: MediaPage
) -> None:
    """By a press, or by itself when the page is in sight again: browsers pause out of sight."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "playing")
    video = page.locator("video")
    await video.evaluate("video => video.pause()")
    await page.get_by_role("button", name="Tap to play").click()
    await expect(page.get_by_text("Tap to play")).to_have_count(0)
    assert await video.evaluate("video => video.paused") is False
    await video.evaluate("video => video.pause()")
    await expect(page.get_by_text("Tap to play")).to_be_visible()
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.get_by_text("Tap to play")).to_have_count(0)
    assert await video.evaluate("video => video.paused") is False


async def test_sound_alone_can_be_switched_on_and_off(media: MediaServer, media_page: MediaPage) -> None:
    """What is behind a veil and heard has its buttons in front of it."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "sound_only")
    await page.get_by_role("button", name="Tap for sound").click()
    assert await page.locator("video").evaluate("video => video.muted") is False
    await page.get_by_role("button", name="Sound off").press("Enter")
    assert await page.locator("video").evaluate("video => video.muted") is True


async def test_a_picture_that_runs_is_not_covered_for_long(media: MediaServer, media_page: MediaPage) -> None:
    """The room said that the host is away, and the word of the return got lost."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "playing")
    await page.evaluate("player.setHost('away')")
    await expect(page.get_by_text(STATES["host_away"])).to_be_visible()
    await expect(page.get_by_text(STATES["host_away"])).to_have_count(0, timeout=10_000)
    await page.evaluate("Object.assign(world, { frames: false, sound: false })")
    await expect(page.get_by_text(STATES["host_away"])).to_be_visible(timeout=10_000)
    await page.evaluate("Object.assign(world, { frames: true, sound: true })")
    await expect(page.get_by_text(STATES["host_away"])).to_have_count(0, timeout=10_000)


async def test_a_host_whose_return_is_not_told_is_seen(media: MediaServer, media_page: MediaPage) -> None:
    """The host was away for long, the picture is back, and the room says nothing of it."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await show(page, "host_away")
    await page.wait_for_function("document.querySelector('.player').dataset.state === 'away'")
    await page.evaluate("Object.assign(world, { frames: true, sound: true })")
    await expect(page.get_by_text(STATES["host_away"])).to_have_count(0, timeout=10_000)


async def test_a_token_that_ran_out_is_asked_for_anew(media: MediaServer, media_page: MediaPage) -> None:
    """A page that was open for longer than its token lives shows the picture all the same."""
    page = (await media_page(media, "player_states.html", "phone")).page
    await page.evaluate("() => { show('playing'); world.wants = 'Bearer another token'; }")
    await expect(page.get_by_text("Tap for sound")).to_be_visible(timeout=10_000)
