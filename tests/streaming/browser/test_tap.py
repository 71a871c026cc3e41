"""Ten seconds of a show that Chromium publishes, muxed into files as they come through the tap."""

import asyncio
import statistics
from pathlib import Path

import pytest

from streaming.muxer_av import Container, FrameMuxer
from tests.streaming.browser.conftest import MediaPage, Start, end_publisher
from tests.streaming.media_server import media_server
from tests.streaming.recorded import beeps_s, flashes_s, probe
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.together]

LENGTH_S = 10.0
LENGTH_LIMIT_S = 40.0
APART_LIMIT_S = 0.080
ON_THEIR_WAY = 3
BOTH: tuple[Container, ...] = ("webm", "mp4")


@pytest.mark.parametrize(
    ("codec", "containers"),
    [("VP8", ("webm",)), ("H264", ("mp4", "fragmented_mp4")), ("VP9", BOTH), ("AV1", BOTH)],
)
async def test_ten_seconds_of_a_browsers_show_are_a_file(
    media_page: MediaPage, show: str, tmp_path: Path, codec: str, containers: tuple[Container, ...]
) -> None:
    """That ffprobe accepts and decoders play: every frame that was sent, sound and picture in step."""
    async with media_server() as server:
        host = await media_page(server)
        host.expect_complaint(r"net::ERR_\w+ .*/whip/")  # its last DELETE finds the server going or gone
        wish = {"codec": f"video/{codec}", "flashing": True}
        assert await host.page.evaluate("([show, wish]) => publish(show, wish)", [show, wish]) == "live"
        await until(lambda: (carried := server.inside.relay.show(show)) and len(carried.live_codecs) == 2)
        carried = server.inside.relay.show(show)
        assert carried is not None
        sent = [await host.page.evaluate("framesSent()")]
        muxers = {name: FrameMuxer(str(tmp_path / name), name) for name in containers}
        for muxer in muxers.values():
            carried.attach_tap(muxer)
        # A file begins with a key frame that is asked for.
        await until(lambda: min(m.length_s for m in muxers.values()) > 0, limit_s=LENGTH_LIMIT_S)
        sent.append(await host.page.evaluate("framesSent()"))
        await until(lambda: min(m.length_s for m in muxers.values()) >= LENGTH_S, limit_s=LENGTH_LIMIT_S)
        sent.append(await host.page.evaluate("framesSent()"))
        for muxer in muxers.values():
            carried.detach_tap(muxer)
        sent.append(await host.page.evaluate("framesSent()"))
        for muxer in muxers.values():
            assert await asyncio.to_thread(muxer.ended.wait, 10)
        await host.page.evaluate("publisher.leave()")
        drops = {name: count for name, count in server.inside.relay.counters.drops.items() if "tap_" in name}
    assert set(drops) <= {"tap_late_packet"}
    for name in containers:
        assert_file_is_the_show(tmp_path / name, codec, sent[2] - sent[1], sent[3] - sent[0])


async def test_ffmpegs_show_is_a_file_too(start_publisher: Start, show: str, tmp_path: Path) -> None:
    """Profile High, and no answer to the request for a key frame: it begins with the next one there is."""
    path = tmp_path / "show.mp4"
    async with media_server() as server:
        ffmpeg = start_publisher("ffmpeg", f"{server.url}/whip/{show}")
        await until(lambda: server.inside.relay.show(show) is not None, limit_s=LENGTH_LIMIT_S)
        carried = server.inside.relay.show(show)
        assert carried is not None
        muxer = FrameMuxer(str(path), "mp4")
        carried.attach_tap(muxer)
        await until(lambda: muxer.length_s >= 4, limit_s=LENGTH_LIMIT_S)
        carried.detach_tap(muxer)
        assert await asyncio.to_thread(muxer.ended.wait, 10)
        await asyncio.to_thread(end_publisher, ffmpeg)
    streams = {stream["codec_type"]: stream for stream in probe(path)["streams"]}
    assert (streams["video"]["codec_name"], streams["video"]["profile"]) == ("h264", "High")
    for kind, frames_per_s, missing in (("video", 15, 2), ("audio", 50, 5)):
        length_s = float(streams[kind]["duration"])
        assert length_s >= 4
        assert int(streams[kind]["nb_read_frames"]) == pytest.approx(frames_per_s * length_s, abs=missing)


def assert_file_is_the_show(path: Path, codec: str, sent_within: int, sent_around: int) -> None:
    """Codec, number of frames, length, and flashes with their beeps.

    The host was asked how many frames it had sent when the file had begun and when it was to end, and around
    that; the newest ones may be on their way.
    """
    found = probe(path)
    streams = {stream["codec_type"]: stream for stream in found["streams"]}
    assert (streams["video"]["codec_name"], streams["audio"]["codec_name"]) == (codec.lower(), "opus")
    frames = int(streams["video"]["nb_read_frames"])
    assert sent_within - ON_THEIR_WAY <= frames <= sent_around + ON_THEIR_WAY
    assert abs(int(streams["audio"]["nb_read_frames"]) - 50 * float(found["format"]["duration"])) < 25
    assert LENGTH_S <= float(found["format"]["duration"]) < LENGTH_S + 5
    bells_s = beeps_s(path)
    pairs_s = [min((bell_s - flash_s for bell_s in bells_s), key=abs) for flash_s in flashes_s(path)]
    facts = (codec, path.name, frames, "frames of", (sent_within, sent_around))
    print(*facts, "flash to beep, ms:", [round(1000 * s) for s in pairs_s])  # noqa: T201 the figures are the point
    assert len(pairs_s) >= 8
    assert abs(statistics.median(pairs_s)) <= APART_LIMIT_S
