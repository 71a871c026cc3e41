"""A show's tap over real DTLS-SRTP: whole frames for a consumer, and no harm to the show."""

import itertools
import threading
from typing import Any

import httpx
import pytest

from streaming.frames.frame import MediaFrame
from streaming.rtp import rtcp
from streaming.show_media import ShowMedia
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import (
    H264,
    H264_DELTA,
    VP8_DELTA,
    VP8_KEY,
    RawPeer,
    publisher,
    viewer,
)
from tests.waiting import until

SETS = b"\x78\x00\x04\x67sps\x00\x04\x68pps"
H264_FIRST = b"\x65\x88" + bytes(30)
SOUND = b"\xf8sound"


class Collector:
    """A consumer that keeps what it gets; `gate` makes it slow, `fault` makes it raise."""

    def __init__(self) -> None:
        self.frames: list[MediaFrame] = []
        self.ended = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.fault: Exception | None = None

    def frame(self, frame: MediaFrame) -> None:
        """Take a frame."""
        assert self.gate.wait(20)
        if self.fault is not None:
            raise self.fault
        self.frames.append(frame)

    def end(self) -> None:
        """Note the end."""
        self.ended.set()

    def of(self, kind: str) -> list[MediaFrame]:
        """The frames of one kind."""
        return [frame for frame in self.frames if frame.kind == kind]


def tapped(media: MediaServer, show: str = "s1") -> tuple[ShowMedia, Collector]:
    """Attach a collector to a show."""
    carried = media.inside.relay.show(show)
    assert carried is not None
    collector = Collector()
    carried.attach_tap(collector)
    return carried, collector


async def send_group(host: RawPeer, first: int, deltas: int, *, timestamp: int = 0) -> None:
    """One key frame and some pictures after it, 3000 ticks apart."""
    await host.send_video(first, VP8_KEY, timestamp=timestamp)
    for index in range(1, deltas + 1):
        await host.send_video(first + index, VP8_DELTA, timestamp=timestamp + 3000 * index)


async def test_a_consumer_gets_pictures_and_sound(media: MediaServer, http: httpx.AsyncClient) -> None:
    """Whole, without RTP's descriptors, from a key frame on, with times of one clock."""
    async with publisher(http) as host:
        _, collector = tapped(media)
        await host.send_video(9, VP8_DELTA)
        await send_group(host, 10, 2, timestamp=3000)
        await host.send_audio(1, SOUND)
        await until(lambda: len(collector.frames) == 4)
    pictures = collector.of("video")
    assert [frame.data for frame in pictures] == [VP8_KEY[1:], VP8_DELTA[1:], VP8_DELTA[1:]]
    assert [frame.is_key_frame for frame in pictures] == [True, False, False]
    assert [frame.is_discontinuity for frame in pictures] == [True, False, False]
    steps_s = [after.capture_s - before.capture_s for before, after in itertools.pairwise(pictures)]
    assert steps_s == pytest.approx([1 / 30, 1 / 30], abs=0.001)
    (heard,) = collector.of("audio")
    assert (heard.data, heard.codec, heard.duration_ticks) == (SOUND, "OPUS", 960)
    assert abs(heard.capture_s - pictures[0].capture_s) < 2.0


async def test_a_key_frame_is_asked_for_when_a_tap_begins(
    media: MediaServer, http: httpx.AsyncClient
) -> None:
    """A recording begins at once and not at the encoder's next whim."""
    async with publisher(http) as host:
        await send_group(host, 0, 1)
        await until(lambda: media.inside.relay.counters.totals["key_frames_in"] == 1)
        carried, _ = tapped(media)
        wanted = await host.next_rtcp(rtcp.KeyFrameWanted)
        assert wanted.media_ssrc == host.ssrcs["video"]
        carried.taps.close()


async def test_a_late_packet_takes_its_place(media: MediaServer, http: httpx.AsyncClient) -> None:
    """As a retransmission does."""
    async with publisher(http) as host:
        _, collector = tapped(media)
        await host.send_video(10, VP8_KEY + b"a", marker=False)
        await host.send_video(12, b"\x00c")
        await host.send_video(11, b"\x00b", marker=False)
        await until(lambda: len(collector.frames) == 1)
    assert collector.frames[0].data == VP8_KEY[1:] + b"abc"


async def test_sender_reports_put_sound_and_picture_in_step(
    media: MediaServer, http: httpx.AsyncClient
) -> None:
    """Two frames that the publisher's reports say are of one moment are so in the tap."""
    async with publisher(http) as host:
        ntp = 3_900_000_000 << 32
        await host.send_video(1, VP8_KEY, timestamp=500)
        await host.send_audio(1, SOUND, timestamp=700)
        for kind, timestamp in (("video", 90_500), ("audio", 700 + 48_000)):
            report = rtcp.SenderReport(host.ssrcs[kind], ntp, timestamp, 1, 1)
            await host.send_rtcp(rtcp.build_sender_report(report))
        show = media.inside.relay.show("s1")
        assert show is not None
        assert show.publisher is not None
        clock = show.publisher.clock
        await until(lambda: all((met := clock.meeting(kind)) and met[2] for kind in ("audio/0", "video/0")))
        carried, collector = tapped(media)
        await host.send_video(2, VP8_KEY, timestamp=500 + 90_000 * 2)
        await host.send_audio(2, SOUND, timestamp=700 + 48_000 * 2)
        await until(lambda: len(collector.frames) == 2)
        carried.taps.close()
    times_s = [frame.capture_s for frame in collector.frames]
    assert times_s[0] == pytest.approx(times_s[1], abs=0.0001)


async def test_a_publishers_return_is_marked(media: MediaServer, http: httpx.AsyncClient) -> None:
    """With another codec and other numbers; both kinds, beginning with a key frame of known sets."""
    async with publisher(http) as host:
        _, collector = tapped(media)
        await send_group(host, 10, 1)
        await host.send_audio(1, SOUND)
        await until(lambda: len(collector.frames) == 3)
    async with publisher(http, "s1", H264, query="?takeover=1") as host:
        await host.send_video(500, H264_DELTA, timestamp=77)
        await host.send_video(501, SETS, timestamp=3077, marker=False)
        await host.send_video(502, H264_FIRST, timestamp=3077)
        await host.send_audio(900, SOUND, timestamp=5)
        await until(lambda: len(collector.frames) == 5)
    assert [frame.codec for frame in collector.of("video")] == ["VP8", "VP8", "H264"]
    assert [frame.is_discontinuity for frame in collector.of("video")] == [True, False, True]
    assert [frame.is_discontinuity for frame in collector.of("audio")] == [True, True]
    assert collector.of("video")[2].parameter_sets == (b"\x67sps", b"\x68pps")
    captured_s = [frame.capture_s for frame in collector.of("video")]
    assert captured_s == sorted(captured_s)


async def test_a_consumer_that_raises_is_let_go_and_the_show_goes_on(
    media: MediaServer, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told the end, counted, and viewers and other consumers see nothing of it."""
    async with publisher(http) as host, viewer(http) as player:
        carried, broken = tapped(media)
        _, other = tapped(media)
        broken.fault = OSError("the disk is full")
        await send_group(host, 10, 1)
        await until(lambda: len(carried.taps.live) == 1)
        assert broken.ended.is_set()
        assert "the disk is full" in caplog.text
        assert media.inside.relay.counters.drops["tap_consumer_failed"] == 1
        await host.send_video(12, VP8_DELTA, timestamp=9000)
        await until(lambda: len(other.frames) == 3)
        assert [(await player.next_rtp(96)).payload for _ in range(3)] == [VP8_KEY, VP8_DELTA, VP8_DELTA]


async def test_a_slow_consumer_loses_packets_and_the_show_none(
    media: MediaServer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is bounded, what does not fit is counted; pictures go on with a key frame later."""
    monkeypatch.setattr("streaming.tap.MAX_QUEUED_PACKETS", 8)
    monkeypatch.setattr("streaming.tap.MEETING_INTERVAL_S", 1000.0)
    async with publisher(http) as host, viewer(http) as player:
        _, collector = tapped(media)
        collector.gate.clear()
        await send_group(host, 0, 19)
        for _ in range(20):
            await player.next_rtp(96)
        drops = media.inside.relay.counters.drops
        await until(lambda: drops["tap_queue_full"] >= 10)
        assert collector.frames == []
        collector.gate.set()
        await until(lambda: len(collector.frames) >= 6)
        await send_group(host, 20, 0, timestamp=90_000)
        await until(lambda: collector.frames[-1].is_key_frame)
        await until(lambda: drops["tap_hole_given_up"] == 1)
    assert drops["tap_queue_full"] < 20


async def test_a_consumer_that_fails_at_its_end_is_counted(
    media: MediaServer, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that could not be finished must not go unnoticed."""

    def fail() -> None:
        raise OSError("no room for the index")

    async with publisher(http):
        carried, collector = tapped(media)
        monkey: Any = collector
        monkey.end = fail
        carried.detach_tap(collector)
        await until(lambda: media.inside.relay.counters.drops["tap_consumer_failed"] == 1)
    assert "no room for the index" in caplog.text


@pytest.mark.parametrize("how", ["detached", "show ended", "show lost", "server ended"])
async def test_a_consumer_is_told_the_end(media: MediaServer, http: httpx.AsyncClient, how: str) -> None:
    """After everything that came; nothing comes later."""
    async with publisher(http) as host:
        carried, collector = tapped(media)
        await send_group(host, 0, 2)
        await until(lambda: media.inside.relay.counters.totals["packets_in"] == 3)
        relay = media.inside.relay
        if how == "detached":
            carried.detach_tap(collector)
            carried.detach_tap(collector)
        elif how == "show ended":
            await relay.end_show("s1")
        elif how == "show lost":
            relay.lose_show("s1")
        else:
            relay.close_all()
        await until(collector.ended.is_set)
        assert len(collector.frames) == 3
        assert carried.taps.live == []


async def test_without_a_tap_nothing_is_kept(media: MediaServer, http: httpx.AsyncClient) -> None:
    """No thread, no queue: streams look into an empty list."""
    async with publisher(http) as host, viewer(http) as player:
        await send_group(host, 0, 1)
        await player.next_rtp(96)
        carried = media.inside.relay.show("s1")
        assert carried is not None
        assert all(stream.taps == [] for stream in (carried.sound, *carried.picture.layers))
        assert not [thread for thread in threading.enumerate() if thread.name == "tap"]
