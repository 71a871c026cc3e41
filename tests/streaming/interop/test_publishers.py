"""Publishers of other people's making, judged by a viewer that decodes what arrives."""

import asyncio
from collections.abc import Callable
from importlib.metadata import version

import av
import pytest

from tests.fixtures_browser import OpenPage
from tests.streaming.browser.conftest import MediaPage, Start, first_line
from tests.streaming.interop import aiortc_viewer
from tests.streaming.interop.clients import HERE, KEY, node, obs, obs_trying_again, running
from tests.streaming.interop.firefox import REACHABLE, SCRIPT, running_firefox
from tests.streaming.interop.matrix import package_version, row
from tests.streaming.interop.pages import chromium_version, open_eyevinn
from tests.streaming.media_server import MediaServer, media_process

pytestmark = [pytest.mark.browser, pytest.mark.together]
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
    url = f"{media.url}/whip/{show}"
    async with obs(url) as first, aiortc_viewer.watching(media.url, show) as viewer:
        await viewer.sees_and_hears()
        assert await first.stop() == 200
        async with obs(url) as second:
            await viewer.sees_and_hears()
            second.process.kill()
        async with obs_trying_again(url):
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
    record_property("version", chromium_version(visit))


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


@row("publisher", "Firefox", "VP8 and Opus")
async def test_firefox_is_seen_heard_and_leaves(show: str, record_property: Property) -> None:
    """The same page as a viewer's, the other way round: a canvas and its fake microphone."""
    async with media_process(REACHABLE) as media, running_firefox() as firefox:
        await firefox.open(media.url)
        await firefox.run(f"publish('/whip/{show}')")
        async with aiortc_viewer.watching(media.url, show) as viewer:
            await viewer.sees_and_hears()
        assert await firefox.run("leave()") == 200
    record_property("version", f"Firefox {firefox.version}")


@pytest.mark.parametrize(
    "codec",
    [
        pytest.param("video/VP8", marks=row("publisher", "Chromium", "VP8 and Opus")),
        pytest.param("video/H264", marks=row("publisher", "Chromium", "H264 and Opus")),
        pytest.param("video/VP9", marks=row("publisher", "Chromium", "VP9 and Opus")),
        pytest.param("video/AV1", marks=row("publisher", "Chromium", "AV1 and Opus")),
    ],
)
async def test_chromium_is_seen_and_heard_in_chromium(
    media: MediaServer, media_page: MediaPage, show: str, codec: str, record_property: Property
) -> None:
    """With the publisher and the player that this server ships."""
    host, viewer = await media_page(media), await media_page(media)
    await host.page.evaluate("([show, codec]) => publish(show, { codec })", [show, codec])
    await viewer.page.evaluate("show => watch(show)", show)
    await viewer.page.evaluate("codec => codecIs(codec)", codec)
    await viewer.page.evaluate("moreFrames(10)")
    assert (await viewer.page.evaluate("examine()"))["changed"] > 20
    assert await viewer.page.evaluate("loudness()") > 0.01
    record_property("version", chromium_version(viewer))


@row("publisher", "FFmpeg's WHIP muxer (in PyAV)", "H264 High and Opus")
async def test_ffmpeg_is_seen_and_heard(
    media: MediaServer, start_publisher: Start, show: str, record_property: Property
) -> None:
    """It offers to be the DTLS server, and ignores requests for key frames."""
    ffmpeg = start_publisher("ffmpeg", f"{media.url}/whip/{show}")
    assert await asyncio.to_thread(first_line, ffmpeg) == b"on air\n"
    async with aiortc_viewer.watching(media.url, show) as viewer:
        await viewer.sees_and_hears()
    record_property("version", f"PyAV {version('av')} with FFmpeg {av.ffmpeg_version_info}")


@row("publisher", "Chromium", "VP8 and Opus, layers h, m and l")
async def test_chromiums_layers_are_all_accepted_and_seen(
    media: MediaServer, open_page: OpenPage, show: str, record_property: Property
) -> None:
    """Simulcast by rids, in plain WebRTC; the answer takes each."""
    visit = await open_page()
    visit.expect_complaint("favicon")
    await visit.page.goto(media.url)
    await visit.page.add_script_tag(path=SCRIPT)
    await visit.page.evaluate("path => publish(path, ['h', 'm', 'l'])", f"/whip/{show}")
    assert "a=simulcast:recv h;m;l" in await visit.page.evaluate("connection.remoteDescription.sdp")
    async with aiortc_viewer.watching(media.url, show) as viewer:
        await viewer.sees_and_hears()
    assert await visit.page.evaluate("leave()") == 200
    record_property("version", chromium_version(visit))
