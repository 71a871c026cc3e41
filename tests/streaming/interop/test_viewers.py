"""Viewers of other people's making, judged by what they decode."""

import base64
import io
import json
from collections.abc import Callable
from importlib.metadata import version

import av
import numpy as np
import pytest
from av.container import InputContainer

from tests.fixtures_browser import OpenPage
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.interop import aiortc_viewer
from tests.streaming.interop.clients import KEY, node, obs
from tests.streaming.interop.firefox import REACHABLE, running_firefox
from tests.streaming.interop.matrix import package_version, row
from tests.streaming.interop.pages import chromium_version, open_eyevinn
from tests.streaming.media_server import MediaServer, media_process

pytestmark = [pytest.mark.browser, pytest.mark.together]
Property = Callable[[str, object], None]
SOUND_ABOVE = 300


@row("viewer", "@eyevinn/webrtc-player", "cross-origin, H264 and Opus")
async def test_eyevinns_player_sees_hears_and_leaves(
    media: MediaServer, open_page: OpenPage, show: str, record_property: Property
) -> None:
    """It posts the offer with its candidates and plays what is answered."""
    async with obs(f"{media.url}/whip/{show}"):
        visit, statuses = await open_eyevinn(open_page, media)
        await visit.page.evaluate("url => eyevinnWatch(url)", f"{media.url}/whep/{show}")
        assert (await visit.page.evaluate("decoded(20)"))["sounds"] > 0
        picture = await visit.page.evaluate("examine()")
        assert picture["brightest"] > 100
        assert picture["changed"] > 20
        await visit.page.evaluate("eyevinn.stop()")
    assert "POST 201" in statuses.seen
    assert not [one for one in statuses.seen if one[-3] != "2"]
    record_property("version", package_version("@eyevinn/webrtc-player"))
    record_property("version", chromium_version(visit))


@row("viewer", "aiortc", "H264 and Opus")
async def test_aiortc_sees_hears_and_leaves(media: MediaServer, show: str, record_property: Property) -> None:
    """It gathers first, offers no trickling, and its DELETE is answered with 200."""
    async with obs(f"{media.url}/whip/{show}"), aiortc_viewer.watching(media.url, show) as viewer:
        await viewer.sees_and_hears()
    record_property("version", f"aiortc {version('aiortc')}")


@pytest.mark.parametrize(
    "codec",
    [
        pytest.param("VP8", marks=row("viewer", "@roamhq/wrtc (libwebrtc)", "VP8 and Opus")),
        pytest.param("VP9", marks=row("viewer", "@roamhq/wrtc (libwebrtc)", "VP9 and Opus")),
    ],
)
async def test_libwebrtc_in_node_sees_hears_and_leaves(
    media: MediaServer, show: str, codec: str, record_property: Property
) -> None:
    """Its sinks get a bright, moving picture and a sound that is no silence."""
    async with (
        obs(f"{media.url}/whip/{show}", codec),
        node("wrtc.mjs", "watch", f"{media.url}/whep/{show}", KEY) as viewer,
    ):
        seen = await viewer.says("seen")
        assert seen["brightest"] > 100
        assert seen["changed"] > 100
        while seen["loudest"] < SOUND_ABOVE:
            seen = await viewer.says("seen")
        assert await viewer.stop() == 200
    record_property("version", package_version("@roamhq/wrtc"))


@row("viewer", "node-datachannel (libdatachannel)", "H264 and Opus, decoded by FFmpeg")
async def test_libdatachannel_receives_what_ffmpeg_can_decode(
    media: MediaServer, show: str, record_property: Property
) -> None:
    """It has no decoder: what it puts together from the packets is a stream that decodes."""
    async with (
        obs(f"{media.url}/whip/{show}"),
        node("datachannel_viewer.mjs", f"{media.url}/whep/{show}", KEY) as viewer,
    ):
        received = await viewer.says("received")
        assert received["sound"] > 0
        stream = av.open(io.BytesIO(base64.b64decode(received["stream"])), format="h264")
        assert isinstance(stream, InputContainer)
        pictures = [frame.to_ndarray(format="gray") for frame in stream.decode(video=0)]
        assert len(pictures) > 10
        assert np.any(pictures[-1] > 100)
        assert await viewer.stop() == 200
    record_property("version", package_version("node-datachannel"))


@row("viewer", "Firefox", "VP8 and Opus, then VP9 and Opus")
async def test_firefox_sees_hears_and_leaves(show: str, record_property: Property) -> None:
    """Debian's own; it has no H264 of its own, so a show in VP8 and one in VP9."""
    async with media_process(REACHABLE) as media, running_firefox() as firefox:
        await firefox.open(media.url)
        for codec in ("VP8", "VP9"):
            async with obs(f"{media.url}/whip/{show}{codec}", codec):
                await firefox.run(f"watch('/whep/{show}{codec}', '{codec}')")
                seen = json.loads(await firefox.run("decoded(20)"))
                assert seen["sounds"] > 0
                assert seen["brightest"] > 100
                assert seen["changed"] > 5
                assert await firefox.run("leave()") == 200
    record_property("version", f"Firefox {firefox.version}")


@row("viewer", "Chromium", "H264 and Opus")
async def test_chromium_sees_and_hears(
    media: MediaServer, media_page: MediaPage, show: str, record_property: Property
) -> None:
    """With the player that this server ships, of a publisher that obeys no request for a key frame."""
    async with obs(f"{media.url}/whip/{show}"):
        viewer = await media_page(media)
        await viewer.page.evaluate("show => watch(show)", show)
        await viewer.page.evaluate("moreFrames(10)")
        assert (await viewer.page.evaluate("examine()"))["changed"] > 20
        assert await viewer.page.evaluate("loudness()") > 0.01
    record_property("version", chromium_version(viewer))
