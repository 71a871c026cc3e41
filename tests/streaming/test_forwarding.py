"""Packets of a publisher on their way to viewers, over real DTLS-SRTP on loopback."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import httpx
import pytest

from streaming.rtp import rtcp
from streaming.rtp.gaps import MAX_MISSING
from streaming.rtp.packet import RtpPacket
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import (
    H264,
    H264_DELTA,
    H264_KEY,
    VP8,
    VP8_DELTA,
    VP8_KEY,
    RawPeer,
    Video,
    publisher,
    viewer,
)
from tests.waiting import until

DEAF = Video(96, feedback=("nack",), retransmission=97)
PLAIN = Video(96, retransmission=None)


async def send_group(host: RawPeer, first: int, deltas: int, *, timestamp: int = 0) -> None:
    """One key frame and some pictures after it, 3000 ticks apart."""
    await host.send_video(first, VP8_KEY, timestamp=timestamp)
    for index in range(1, deltas + 1):
        await host.send_video(first + index, VP8_DELTA, timestamp=timestamp + 3000 * index)


async def test_a_viewer_gets_no_picture_before_a_key_frame(http: httpx.AsyncClient) -> None:
    """Packets between key frames are useless to a joiner; the first it sees begins one."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(10, VP8_DELTA)
        await host.send_video(11, VP8_KEY + b"first", timestamp=3000)
        packet = await player.next_rtp(96)
        assert packet.payload == VP8_KEY + b"first"


async def test_a_viewer_gets_sound_at_once(http: httpx.AsyncClient) -> None:
    """Sound needs no beginning, and its level travels with it."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(5, b"beep", level=77)
        packet = await player.next_rtp(111)
        assert (packet.payload, packet.extensions[2], packet.extensions[1]) == (b"beep", b"\x4d", b"0")


async def test_the_publisher_is_asked_for_a_key_frame_when_a_viewer_joins(http: httpx.AsyncClient) -> None:
    """The request names the publisher's video stream."""
    async with publisher(http) as host:
        await send_group(host, 0, 1)
        async with viewer(http):
            wanted = await host.next_rtcp(rtcp.KeyFrameWanted)
            assert wanted.media_ssrc == host.ssrcs["video"]


async def test_key_frame_requests_are_throttled_and_repeated(http: httpx.AsyncClient) -> None:
    """Five viewers cause one request; without a key frame it is repeated after about a second."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, VP8_DELTA)
        loop = asyncio.get_running_loop()
        await host.next_rtcp(rtcp.KeyFrameWanted)
        first_s = loop.time()
        for _ in range(5):
            await player.send_rtcp(rtcp.build_picture_loss(1, player.sent_ssrc("video")))
        await host.next_rtcp(rtcp.KeyFrameWanted)
        assert loop.time() - first_s > 0.9


async def test_a_viewers_picture_loss_reaches_the_publisher(http: httpx.AsyncClient) -> None:
    """A viewer that lost the picture gets a key frame from the source."""
    async with publisher(http) as host, viewer(http) as player:
        await send_group(host, 0, 0)
        await player.next_rtp(96)
        await player.send_rtcp(rtcp.build_full_intra_request(1, player.sent_ssrc("video"), 1))
        assert (await host.next_rtcp(rtcp.KeyFrameWanted)).media_ssrc == host.ssrcs["video"]


async def test_numbers_and_times_are_rewritten_but_keep_their_distances(http: httpx.AsyncClient) -> None:
    """SSRC, sequence numbers and timestamps are the viewer's own; gaps and steps are the publisher's."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(65534, VP8_KEY, timestamp=0xFFFFFF00)
        await host.send_video(65535, VP8_DELTA, timestamp=0xFFFFFF00 + 3000)
        await host.send_video(1, VP8_DELTA, timestamp=0xFFFFFF00 + 9000, marker=False)
        a, b, c = [await player.next_rtp(96) for _ in range(3)]
        assert {a.ssrc, b.ssrc, c.ssrc} == {player.sent_ssrc("video")}
        assert ((b.sequence - a.sequence) & 0xFFFF, (c.sequence - b.sequence) & 0xFFFF) == (1, 2)
        assert ((b.timestamp - a.timestamp) & 0xFFFFFFFF, (c.timestamp - b.timestamp) & 0xFFFFFFFF) == (
            3000,
            6000,
        )
        assert (b.marker, c.marker) == (True, False)


async def test_a_packet_of_1400_bytes_passes(http: httpx.AsyncClient) -> None:
    """Publishers fill their MTU; libsrtp's Python wrapper would refuse this one."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        payload = VP8_KEY + bytes(1300)
        await host.send_video(1, payload)
        assert (await player.next_rtp(96)).payload == payload


async def test_a_missing_packet_is_answered_by_retransmission(http: httpx.AsyncClient) -> None:
    """RTX: own stream, own payload type, the original number in front of the payload."""
    async with publisher(http) as host, viewer(http) as player:
        await send_group(host, 0, 2)
        lost = [await player.next_rtp(96) for _ in range(3)][1]
        nack = rtcp.build_nack(1, player.sent_ssrc("video"), [lost.sequence])
        await player.send_rtcp(nack)
        again = await player.next_rtp(97)
        assert again.payload == lost.sequence.to_bytes(2, "big") + lost.payload
        assert (again.timestamp, again.ssrc != lost.ssrc) == (lost.timestamp, True)


async def test_who_loses_much_gets_each_repeat_twice(http: httpx.AsyncClient) -> None:
    """Both under numbers of their own: a lost repeat would cost another round trip."""
    async with publisher(http) as host, viewer(http) as player:
        await send_group(host, 0, 2)
        lost = [await player.next_rtp(96) for _ in range(3)][1]
        ssrc = player.sent_ssrc("video")
        block = rtcp.ReportBlock(ssrc, 13, 1, lost.sequence, 0, 0, 0)
        await player.send_rtcp(
            rtcp.build_receiver_report(1, [block]) + rtcp.build_nack(1, ssrc, [lost.sequence])
        )
        first, second = [await player.next_rtp(97) for _ in range(2)]
        assert first.payload == second.payload
        assert (second.sequence - first.sequence) & 0xFFFF == 1


async def test_without_rtx_the_packet_is_sent_again_as_it_was(http: httpx.AsyncClient) -> None:
    """A plain repeat has the same number, time and bytes."""
    async with publisher(http) as host, viewer(http, "s1", PLAIN) as player:
        await send_group(host, 0, 2)
        lost = [await player.next_rtp(96) for _ in range(3)][1]
        player.forget_received()
        await player.send_rtcp(rtcp.build_nack(1, player.sent_ssrc("video"), [lost.sequence]))
        assert await player.next_rtp(96) == lost


async def test_repeats_are_throttled(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Fifty requests for one packet within a moment bring one answer."""
    async with publisher(http) as host, viewer(http) as player:
        await send_group(host, 0, 2)
        lost = [await player.next_rtp(96) for _ in range(3)][1]
        nack = rtcp.build_nack(1, player.sent_ssrc("video"), [lost.sequence])
        for _ in range(50):
            await player.send_rtcp(nack)
        await player.next_rtp(97)
        await host.send_video(3, VP8_DELTA + b"end", timestamp=12000)
        await player.next_rtp(96)
        assert media.inside.relay.counters.totals["retransmissions"] <= 3


async def test_the_publisher_is_asked_for_what_was_lost_on_its_way(http: httpx.AsyncClient) -> None:
    """A gap is NACKed, and what comes by RTX reaches the viewer under its old number."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(100, VP8_KEY)
        await host.send_video(102, VP8_DELTA + b"late", timestamp=6000)
        nack = await host.next_rtcp(rtcp.Nack)
        assert (nack.media_ssrc, nack.sequences) == (host.ssrcs["video"], (101,))
        first, third = await player.next_rtp(96), await player.next_rtp(96)
        payload = (101).to_bytes(2, "big") + VP8_DELTA + b"found"
        await host.send(RtpPacket(True, 97, 7, 3000, host.retransmission_ssrc, payload, {}))
        second = await player.next_rtp(96)
        assert second.payload == VP8_DELTA + b"found"
        assert [(p.sequence - first.sequence) & 0xFFFF for p in (second, third)] == [1, 2]


async def test_what_is_given_up_of_a_publishers_packets_is_told_as_a_total(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """One packet more than is asked for at a time, of sound: no key frame helps, and nobody may miss it."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await host.send_audio(MAX_MISSING + 3)
        await player.next_rtp(111)
        await until(lambda: media.inside.relay.counters.totals["packets_given_up"])
        text = (await http.get("/metrics")).text
        assert f"streaming_packets_given_up_total {MAX_MISSING + 1}\n" in text


async def test_the_publisher_hears_when_its_packets_came(http: httpx.AsyncClient) -> None:
    """Transport-wide feedback goes out, or the browser's estimate would stay at its start."""
    async with publisher(http) as host:
        for number in range(5):
            extensions = {3: number.to_bytes(2, "big")}
            await host.send(RtpPacket(True, 96, number, 0, host.ssrcs["video"], VP8_KEY, extensions))
        await host.next_rtcp(rtcp.ReceiverReport)
        async with asyncio.timeout(5):
            while not any(b"\x8f\xcd" in data for data in host.raw_rtcp):
                await host.next_rtcp(rtcp.ReceiverReport)


async def test_sender_reports_carry_the_servers_clock_and_the_viewers_times(http: httpx.AsyncClient) -> None:
    """The publisher's clock is years off; both of the viewer's streams still meet on one clock."""
    async with publisher(http) as host, viewer(http) as player:
        ntp_of_1999 = 3_124_224_000 << 32
        await host.send_video(1, VP8_KEY, timestamp=90_000)
        await host.send_audio(1, timestamp=48_000)
        for kind, timestamp in (("video", 90_000), ("audio", 48_000)):
            await host.send_rtcp(
                rtcp.build_sender_report(rtcp.SenderReport(host.ssrcs[kind], ntp_of_1999, timestamp, 1, 1))
            )
        sent = {"video": await player.next_rtp(96), "audio": await player.next_rtp(111)}
        reports: dict[int, rtcp.SenderReport] = {}
        while len(reports) < 2 or any(r.packets_total == 0 for r in reports.values()):
            report = await player.next_rtcp(rtcp.SenderReport)
            reports[report.ssrc] = report
        moments = []
        for kind, rate in (("video", 90_000), ("audio", 48_000)):
            report = reports[player.sent_ssrc(kind)]
            behind = ((report.timestamp - sent[kind].timestamp) & 0xFFFFFFFF) / rate
            moments.append(report.ntp / (1 << 32) - behind)
        # Both packets were captured at the same moment of the publisher's clock.
        assert moments[0] == pytest.approx(moments[1], abs=0.005)


async def test_a_player_that_asks_for_the_round_trip_is_told(http: httpx.AsyncClient) -> None:
    """With the next report: once for each question, the newest one, with the time it waited here."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, VP8_KEY)
        await player.next_rtp(96)
        for ntp in (5 << 32, 7 << 32):
            await player.send_rtcp(rtcp.build_reference_time(77, ntp))
        reply = await player.next_rtcp(rtcp.ReferenceReply)
        assert (reply.ssrc, reply.last_reference) == (77, 7 << 16)
        assert 0 <= reply.delay_since_last < 2 * 65536
        with pytest.raises(TimeoutError):
            await player.next_rtcp(rtcp.ReferenceReply, limit_s=1.5)


async def test_a_publisher_deaf_to_requests_is_helped_by_the_newest_group(http: httpx.AsyncClient) -> None:
    """FFmpeg and OBS ignore key frame requests: a joiner gets the group so far, contiguous and squeezed."""
    async with publisher(http, "s1", DEAF) as host, viewer(http) as early:
        await send_group(host, 500, 20)
        for _ in range(21):
            await early.next_rtp(96)
        async with viewer(http) as late:
            packets = [await late.next_rtp(96, limit_s=0.5) for _ in range(21)]
            assert packets[0].payload == VP8_KEY
            steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)}
            assert steps == {1}
            spread_ticks = (packets[-1].timestamp - packets[0].timestamp) & 0xFFFFFFFF
            assert 20 <= spread_ticks <= 270, "as long as the replay takes"
            await host.send_video(521, VP8_DELTA + b"next", timestamp=3000 * 21)
            following = await late.next_rtp(96)
            assert (following.sequence - packets[-1].sequence) & 0xFFFF == 1
            assert 1500 <= (following.timestamp - packets[-1].timestamp) & 0xFFFFFFFF <= 3000


async def test_a_group_begins_with_parameter_sets_that_came_late(http: httpx.AsyncClient) -> None:
    """The packet was lost on the way to us and repeated; without it a joiner could decode nothing."""
    deaf = replace(H264, feedback=("nack",))
    sets = [b"\x67\x42\xe0\x1fsps", b"\x68pps"]
    async with publisher(http, "s1", deaf) as host, viewer(http, "s1", deaf) as early:
        await host.send_video(9, H264_DELTA)
        await host.send_video(11, sets[1], timestamp=3000, marker=False)
        await host.send_video(12, H264_KEY, timestamp=3000)
        await early.next_rtp(102)
        await host.send_video(10, sets[0], timestamp=3000, marker=False)
        await host.send_video(13, H264_DELTA, timestamp=6000)
        await early.next_rtp(102)
        async with viewer(http, "s1", deaf) as late:
            received = [(await late.next_rtp(102)).payload for _ in range(4)]
    assert received == [*sets, H264_KEY, H264_DELTA]


async def test_who_waits_is_shown_the_group_whose_parameter_sets_come_late(http: httpx.AsyncClient) -> None:
    """It was begun with the slice, which it could not decode; OBS sends the next sets seconds later."""
    deaf = replace(H264, feedback=("nack",))
    sets = [b"\x67\x42\xe0\x1fsps", b"\x68pps"]
    async with publisher(http, "s1", deaf) as host, viewer(http, "s1", deaf) as waiting:
        await host.send_video(9, H264_DELTA)
        await host.send_video(12, H264_KEY, timestamp=3000, marker=False)
        useless = await waiting.next_rtp(102)
        await host.send_video(11, sets[1], timestamp=3000, marker=False)
        await host.send_video(10, sets[0], timestamp=3000, marker=False)
        await host.send_video(13, b"\x65rest", timestamp=3000)
        await host.send_video(14, H264_DELTA, timestamp=6000)
        packets = [await waiting.next_rtp(102) for _ in range(5)]
        first = (useless.sequence + 2) & 0xFFFF  # the slice's frame was cut
        assert [packet.payload for packet in packets] == [*sets, H264_KEY, b"\x65rest", H264_DELTA]
        assert [(packet.sequence - first) & 0xFFFF for packet in packets] == [0, 1, 2, 3, 4]
        assert {packet.timestamp for packet in packets[:4]} == {useless.timestamp}


async def test_who_catches_up_in_the_middle_of_a_frame_gets_it_with_one_time(http: httpx.AsyncClient) -> None:
    """With two it would never be whole, and nothing is missing that the player could ask for."""
    async with publisher(http, "s1", DEAF) as host, viewer(http) as early:
        await send_group(host, 500, 5)
        await host.send_video(506, VP8_DELTA, timestamp=3000 * 6, marker=False)
        for _ in range(7):
            await early.next_rtp(96)
        async with viewer(http) as late:
            packets = [await late.next_rtp(96) for _ in range(7)]
            await host.send_video(507, b"\x00rest", timestamp=3000 * 6)
            rest = await late.next_rtp(96)
            await host.send_video(508, VP8_DELTA, timestamp=3000 * 7)
            following = await late.next_rtp(96)
    assert rest.timestamp == packets[-1].timestamp
    times = [packet.timestamp for packet in (*packets, following)]
    assert all(0 < (later - earlier) & 0xFFFFFFFF <= 3000 for earlier, later in pairwise(times))


async def test_a_publisher_that_promised_to_listen_but_does_not_is_helped_too(
    http: httpx.AsyncClient,
) -> None:
    """OBS offers `nack pli` and ignores it: after a third of a second the joiner gets the group."""
    async with publisher(http) as host, viewer(http) as early:
        await send_group(host, 0, 5)
        for _ in range(6):
            await early.next_rtp(96)
        async with asyncio.timeout(5):
            await host.next_rtcp(rtcp.ReceiverReport)  # a second passes: the group is no longer young
        async with viewer(http) as late:
            assert (await late.next_rtp(96, limit_s=0.8)).payload == VP8_KEY


async def test_the_codec_may_change_when_the_host_returns(http: httpx.AsyncClient) -> None:
    """VP8, then H264 by takeover: numbers and times go on, the payload type changes at a key frame."""
    async with viewer_of_new_show(http) as (first_host, player):
        await send_group(first_host, 0, 1)
        before = [await player.next_rtp(96) for _ in range(2)][-1]
        async with publisher(http, "s1", H264, query="?takeover=1") as second_host:
            await second_host.send_video(9000, H264_KEY, timestamp=77)
            after = await player.next_rtp(102)
            assert (after.sequence - before.sequence) & 0xFFFF == 1
            ahead_ticks = (after.timestamp - before.timestamp) & 0xFFFFFFFF
            assert 0 < ahead_ticks < 90_000 * 5


class viewer_of_new_show:  # noqa: N801 used as a context manager
    """A publisher and its first viewer."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def __aenter__(self) -> tuple[RawPeer, RawPeer]:
        self._host = publisher(self._http)
        host = await self._host.__aenter__()
        self._player = viewer(self._http)
        return host, await self._player.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self._player.__aexit__(None, None, None)
        await self._host.__aexit__(None, None, None)


async def test_a_viewer_without_the_live_codec_gets_sound(http: httpx.AsyncClient) -> None:
    """It knows only H264; the picture is VP8."""
    async with publisher(http) as host, viewer(http, "s1", H264) as player:
        await host.send_video(1, VP8_KEY)
        await host.send_audio(1, b"sound")
        assert (await player.next_rtp()).payload == b"sound"
        assert not player.packets


async def test_the_live_codec_stands_first_in_the_answer(http: httpx.AsyncClient) -> None:
    """The viewer prefers VP8; H264 is live and goes first, and VP8 stays for the host's return."""
    async with publisher(http, "s1", H264) as host, viewer(http) as early:
        await host.send_video(1, H264_KEY)
        await early.next_rtp(102)
        async with viewer(http, "s1", VP8, H264) as late:
            line = next(line for line in late.answer.splitlines() if line.startswith("m=video"))
            assert line.split()[3:] == ["102", "103", "96", "97"]


async def test_a_passive_publisher_is_called_by_the_server(http: httpx.AsyncClient) -> None:
    """FFmpeg offers setup:passive and waits for the server's hello."""
    async with publisher(http, setup="passive") as host, viewer(http) as player:
        await host.send_audio(1, b"hello")
        assert (await player.next_rtp(111)).payload == b"hello"
