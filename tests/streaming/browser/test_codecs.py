"""Each codec that publishers send, watched in Chromium by somebody who comes late."""

import asyncio

import av
import pytest

from tests.fixtures_browser import Visit, wait_for_promise
from tests.free_ports import free_port
from tests.streaming.browser.conftest import MediaPage, Start, end_publisher, first_line
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.together]


async def assert_seen_and_heard(viewer: Visit, codec: str) -> None:
    """Frames of this codec grow, the picture is not black and changes, and there is sound."""
    await viewer.page.evaluate("codec => codecIs(codec)", codec)
    await viewer.page.evaluate("moreFrames(15)")
    seen, loudness = await viewer.page.evaluate("Promise.all([examine(), loudness()])")
    assert seen["brightest"] > 100
    assert seen["changed"] > 20
    assert loudness > 0.01


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264", "video/VP9", "video/AV1"])
async def test_a_late_viewer_sees_and_hears_a_browsers_show(
    media: MediaServer, media_page: MediaPage, show: str, codec: str
) -> None:
    """A keyframe is asked for when the viewer joins: the first picture is there at once."""
    host = await media_page(media)
    assert await host.page.evaluate("([show, codec]) => publish(show, { codec })", [show, codec]) == "live"
    await wait_for_promise(host.page, "async () => (await framesSent()) > 20")
    viewer = await media_page(media)
    await viewer.page.evaluate("show => watch(show)", show)
    await assert_seen_and_heard(viewer, codec)
    digest = await viewer.page.evaluate("player.stats()")
    assert digest["first_picture_ms"] < 2_000
    assert digest["audio_codec"] == "audio/opus"
    assert digest["sessions"] == 1


async def test_ffmpegs_defaults_are_seen_and_heard(
    media: MediaServer, media_page: MediaPage, show: str, start_publisher: Start
) -> None:
    """Profile High, which Chromium does not offer but decodes; a keyframe in 10 s, asked for or not."""
    ffmpeg = start_publisher("ffmpeg", f"{media.url}/whip/{show}", "defaults")
    assert await asyncio.to_thread(first_line, ffmpeg) == b"on air\n"
    viewer = await media_page(media)
    await viewer.page.evaluate("show => watch(show)", show)
    await assert_seen_and_heard(viewer, "video/H264")


@pytest.mark.parametrize(
    ("options", "refusal"), [({}, av.error.PatchWelcomeError), ({"bf": "0"}, av.error.ConnectionRefusedError)]
)
def test_ffmpegs_own_muxer_refuses_b_frames(options: dict[str, str], refusal: type[Exception]) -> None:
    """libx264's one default that it does not send by WHIP: no server is asked. Once it does, drop `bf`."""
    nowhere = f"http://127.0.0.1:{free_port()}/whip/nobody"
    container = av.open(nowhere, "w", format="whip", options={"authorization": "sk_test"})
    video = container.add_stream("libx264", rate=25, options=options)
    video.width, video.height, video.pix_fmt = 480, 270, "yuv420p"
    container.add_stream("libopus", rate=48_000, layout="stereo")
    with pytest.raises(refusal):
        container.start_encoding()


async def test_a_show_changes_its_codec_and_back_before_the_same_viewer(
    media: MediaServer, media_page: MediaPage, show: str, start_publisher: Start
) -> None:
    """From Chromium's VP8 to FFmpeg's H264 and back: the viewer's one session plays on."""
    host = await media_page(media)
    viewer = await media_page(media)
    await host.page.evaluate("show => publish(show, { codec: 'video/VP8' })", show)
    await viewer.page.evaluate("show => watch(show)", show)
    await viewer.page.evaluate("player.hostIs('away')")  # as the room says between two hosts: no new session
    await viewer.page.evaluate("codecIs('video/VP8')")

    await host.page.evaluate("publisher.leave()")
    ffmpeg = start_publisher("ffmpeg", f"{media.url}/whip/{show}")
    await asyncio.to_thread(first_line, ffmpeg)
    await viewer.page.evaluate("codecIs('video/H264')")
    await viewer.page.evaluate("moreFrames(15)")

    await asyncio.to_thread(end_publisher, ffmpeg)
    await host.page.evaluate("show => publish(show, { codec: 'video/VP8' })", show)
    await viewer.page.evaluate("codecIs('video/VP8')")
    await viewer.page.evaluate("moreFrames(15)")
    seen = await viewer.page.evaluate("examine()")
    assert seen["changed"] > 20
    assert await viewer.page.evaluate("player.stats().then(({ sessions }) => sessions)") == 1
