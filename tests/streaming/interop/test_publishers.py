"""Publishers of other people's making, judged by a viewer that decodes what arrives."""

from collections.abc import Callable
from importlib.metadata import version

import pytest

from tests.fixtures_browser import OpenPage
from tests.streaming.interop import aiortc_viewer
from tests.streaming.interop.clients import HERE, KEY, node, obs, obs_trying_again, running
from tests.streaming.interop.firefox import REACHABLE, running_firefox
from tests.streaming.interop.matrix import package_version, row
from tests.streaming.interop.pages import open_eyevinn
from tests.streaming.media_server import MediaServer, media_process

pytestmark = pytest.mark.browser
OBS = "libdatachannel in OBS's way"
SYSTEM_PYTHON = "/usr/bin/python3"
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


@pytest.mark.parametrize(
    "trickle",
    [
        pytest.param(True, marks=row("publisher", "@eyevinn/whip-web-client", "cross-origin, trickling")),
        pytest.param(
            False, marks=row("publisher", "@eyevinn/whip-web-client", "cross-origin, gathering first")
        ),
    ],
)
async def test_eyevinns_page_is_seen_heard_and_leaves(
    media: MediaServer, open_page: OpenPage, show: str, trickle: bool, record_property: Property
) -> None:
    """It learns from OPTIONS whether it may trickle, names the tag in ETag, and deletes without its key."""
    visit, statuses = await open_eyevinn(open_page, media)
    url = f"{media.url}/whip/{show}"
    session = await visit.page.evaluate(
        "([url, trickle]) => eyevinnPublish(url, { trickle })", [url, trickle]
    )
    assert session.startswith(f"{media.url}/whip/{show}/")
    async with aiortc_viewer.watching(media.url, show) as viewer:
        await viewer.sees_and_hears()
        await visit.page.evaluate("eyevinn.destroy()")
    seen = set(statuses.seen)
    assert {"OPTIONS 204", "POST 201", "DELETE 200"} <= seen
    assert ("PATCH 204" in seen) is trickle
    assert seen <= {"OPTIONS 204", "POST 201", "PATCH 204", "DELETE 200"}
    record_property("version", package_version("@eyevinn/whip-web-client"))
    record_property("version", f"Chromium {visit.context.browser.version if visit.context.browser else ''}")


@row("publisher", "@roamhq/wrtc (libwebrtc)", "its own choice of codecs")
async def test_libwebrtc_in_node_is_seen_heard_and_leaves(
    media: MediaServer, show: str, record_property: Property
) -> None:
    """A synthetic picture and tone, encoded by libwebrtc; candidates are not waited for."""
    async with node("wrtc.mjs", "publish", f"{media.url}/whip/{show}", KEY) as publisher:
        await publisher.says("state", state="connected")
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
        assert await publisher.stop() == 200
    record_property("version", package_version("@roamhq/wrtc"))


@pytest.mark.parametrize(
    "codec",
    [
        pytest.param("VP8", marks=row("publisher", "GStreamer webrtcbin, posted by us", "VP8 and Opus")),
        pytest.param("H264", marks=row("publisher", "GStreamer webrtcbin, posted by us", "H264 and Opus")),
    ],
)
async def test_gstreamer_is_seen_heard_and_leaves(
    media: MediaServer, show: str, codec: str, record_property: Property
) -> None:
    """Its mids are names and not numbers, and it sends the candidates with the offer."""
    script = str(HERE / "gstreamer_publisher.py")
    async with running(SYSTEM_PYTHON, script, f"{media.url}/whip/{show}", KEY, codec) as publisher:
        told = await publisher.says("version")
        await publisher.says("state", state="connected")
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
        assert await publisher.stop() == 200
    record_property("version", told["version"])


@row("publisher", "Firefox", "its fake camera and microphone, VP8 and Opus")
async def test_firefox_is_seen_heard_and_leaves(show: str, record_property: Property) -> None:
    """The same page as a viewer's, the other way round."""
    async with media_process(REACHABLE) as media, running_firefox() as firefox:
        await firefox.open(media.url)
        await firefox.run(f"publish('/whip/{show}')")
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
        assert await firefox.run("leave()") == 200
    record_property("version", f"Firefox {firefox.version}")
