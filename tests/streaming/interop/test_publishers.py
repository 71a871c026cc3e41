"""Publishers of other people's making, judged by a viewer that decodes what arrives."""

import asyncio
from collections.abc import Callable
from importlib.metadata import version

import httpx
import pytest

from tests.streaming.browser.conftest import MediaPage
from tests.streaming.interop import aiortc_viewer
from tests.streaming.interop.clients import obs, obs_trying_again
from tests.streaming.interop.matrix import package_version, row
from tests.streaming.media_server import MediaServer

pytestmark = pytest.mark.browser
OBS = "libdatachannel in OBS's way"
Property = Callable[[str, object], None]


@pytest.mark.parametrize(
    ("codec", "layers"),
    [
        pytest.param("H264", 1, marks=row("publisher", OBS, "H264 and Opus")),
        pytest.param("H264", 3, marks=row("publisher", OBS, "H264 and Opus, layers 0, 1 and 2")),
        pytest.param("VP8", 1, marks=row("publisher", OBS, "VP8 and Opus")),
    ],
)
async def test_obs_is_seen_heard_and_leaves(
    media: MediaServer, show: str, codec: str, layers: int, record_property: Property
) -> None:
    """201, a Location that can be used as a path, every layer accepted, no candidates needed, DELETE 200."""
    async with obs(f"{media.url}/whip/{show}", codec, layers) as publisher:
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
        answered = next(told for told in publisher.heard if told["event"] == "answered")
        assert answered["status"] == 201
        assert answered["location"].startswith(f"/whip/{show}/")
        assert "?" not in answered["location"]
        assert await publisher.stop() == 200
    record_property("version", package_version("node-datachannel"))
    record_property("version", f"judged by aiortc {version('aiortc')}")


async def test_obs_that_reconnects_is_seen_by_the_viewer_who_stayed(media: MediaServer, show: str) -> None:
    """OBS's own reconnect is a new POST with new credentials, after it left or after it crashed."""
    async with obs(f"{media.url}/whip/{show}") as first:
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
            assert await first.stop() == 200
            async with obs(f"{media.url}/whip/{show}") as second:
                await viewer.sees_and_hears()
                second.process.kill()
            async with obs_trying_again(f"{media.url}/whip/{show}"):
                await viewer.sees_and_hears()
