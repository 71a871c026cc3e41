"""A line on which not even the smallest picture fits: the sound goes on, and the picture comes back."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.fixtures_browser import Visit
from tests.lossy_link import LinkConditions
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.browser.test_layers import WIRE, Record, watch_over, width_is
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.in_pairs]

CAMERA = {"width": 1280, "height": 720, "frameRate": 15}
# 40 kb/s of sound; the smallest picture takes 130.
TOO_NARROW = LinkConditions(delay_s=0.02, rate_bits_per_s=80_000, queue_packets=30)
LIMIT_MS = 100_000
LISTENED_MS = 4_000
"""The next trial comes 10 s after the picture was held, which is seen 3 s later."""


async def held_is(visit: Visit, wanted: bool) -> float:
    """Wait until the player says that the picture is held back, or no more; returns the seconds."""
    took_ms = await visit.page.evaluate(
        "([wanted, limit_ms]) => heldIs(wanted, limit_ms)", [wanted, LIMIT_MS]
    )
    assert isinstance(took_ms, float | int)
    return round(took_ms / 1000, 1)


async def sound(visit: Visit) -> dict[str, Any]:
    """What the browser says of it."""
    told = await visit.page.evaluate("rawAudio()")
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("layers", [pytest.param(True, id="layers"), pytest.param(False, id="one")])
@pytest.mark.timeout(300)
async def test_the_sound_goes_on_in_the_same_session_and_the_picture_comes_back(
    media: MediaServer, media_page: MediaPage, show: str, layers: bool, record_property: Record
) -> None:
    """The player says so meanwhile; a new session would fill the line with another picture.

    In a show of one layer, as OBS sends it, only the player's receiver reports tell of the line.
    """
    host, viewer = await media_page(media), await media_page(media)
    wish = {"codec": "video/VP8", "size": CAMERA, "layers": layers}
    await host.page.evaluate("([show, wish]) => publish(show, wish)", [show, wish])
    async with AsyncExitStack() as links:
        link = await watch_over(viewer, show, links)
        await width_is(viewer, 1280, 1280)
        link.change(down=TOO_NARROW)
        record_property("held_after_s", await held_is(viewer, True))
        before = await sound(viewer)
        await viewer.page.evaluate("pass_ms => new Promise((done) => setTimeout(done, pass_ms))", LISTENED_MS)
        after = await sound(viewer)
        concealed, heard = (after[n] - before[n] for n in ("concealedSamples", "totalSamplesReceived"))
        record_property("concealed_share", round(concealed / heard, 3))
        assert concealed < 0.1 * heard
        link.change(down=WIRE)
        record_property("picture_back_s", await held_is(viewer, False))
        await viewer.page.evaluate("moreFrames(15, 30_000)")
        record_property("whole_picture_s", await width_is(viewer, 1280, 1280))
        assert (await viewer.page.evaluate("player.stats()"))["sessions"] == 1
