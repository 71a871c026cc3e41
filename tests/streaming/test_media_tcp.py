"""Media over TCP: the same sessions for peers whose network blocks UDP, and strangers who get nothing."""

import asyncio
import contextlib
import itertools
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from streaming.rtp.rtcp import KeyFrameWanted
from streaming.settings import Limits
from streaming.transport.framing import frame
from tests.streaming.media_server import LOOPBACK, MediaServer, media_server
from tests.streaming.raw_peer import VP8, VP8_DELTA, VP8_KEY, RawPeer, publisher, viewer
from tests.waiting import until

BIG = bytes(1100)


@contextlib.asynccontextmanager
async def served(**limits: int) -> AsyncIterator[tuple[MediaServer, httpx.AsyncClient]]:
    """A server with other limits, and a client of it."""
    async with (
        media_server(replace(LOOPBACK, limits=replace(Limits(), **limits))) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        yield server, http


async def stranger(server: MediaServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection that has shown nothing."""
    return await asyncio.open_connection(*server.inside.tcp_candidates[0])


async def expect_reset(reader: asyncio.StreamReader) -> None:
    """The server ends the connection and has sent not one byte."""
    try:
        assert await asyncio.wait_for(reader.read(), 6) == b""
    except ConnectionResetError:
        return


async def test_the_answer_lists_tcp_after_udp_with_the_same_port(http: httpx.AsyncClient) -> None:
    """Encoders that take the first candidate take UDP; the twin has the same number and a lower priority."""
    peer = RawPeer("sendonly", [VP8])
    await peer.post(http, "/whip/s1")
    found = re.findall(r"a=candidate:\S+ 1 (\w+) (\d+) (\S+) (\d+) typ host(.*)\r", peer.answer)
    assert [(kind, rest) for kind, _, _, _, rest in found] == [("udp", ""), ("tcp", " tcptype passive")]
    (_, udp_priority, *udp_end, _), (_, tcp_priority, *tcp_end, _) = found
    assert udp_end == tcp_end
    assert int(tcp_priority) < int(udp_priority)
    assert int(tcp_priority) == (90 << 24) + (((4 << 13) + 8191) << 8) + 255


@pytest.mark.parametrize("host_tcp", [False, True])
async def test_pictures_and_sound_travel_over_tcp(http: httpx.AsyncClient, host_tcp: bool) -> None:
    """Publishing, watching, or both."""
    async with publisher(http, tcp=host_tcp) as host, viewer(http, tcp=True) as player:
        await host.send_video(1, VP8_KEY + BIG)
        assert (await player.next_rtp(96)).payload == VP8_KEY + BIG
        for number in range(2, 20):
            await host.send_video(number, VP8_DELTA + bytes([number]), timestamp=number * 3000)
            await host.send_audio(number, bytes([number]), timestamp=number * 960)
        pictures = [await player.next_rtp(96) for _ in range(2, 20)]
        sounds = [await player.next_rtp(111) for _ in range(2, 20)]
    assert [packet.payload[-1] for packet in pictures] == list(range(2, 20))
    assert [packet.payload[0] for packet in sounds] == list(range(2, 20))
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in itertools.pairwise(pictures)} == {1}


async def test_a_viewer_moves_from_udp_to_tcp_and_back(http: httpx.AsyncClient, media: MediaServer) -> None:
    """A path is a path: the nominated one is used, whatever its kind."""
    async with publisher(http) as host, viewer(http) as player:
        for number, move in enumerate([None, player.open_stream, player.open_path], 1):
            if move is not None:
                await move()
                await player.send_check()
            await host.send_video(number, VP8_KEY + bytes([number]), timestamp=number * 3000)
            assert (await player.next_rtp(96)).payload[-1] == number
        assert media.inside.relay.counters.totals["packets_out_tcp"] == 1


async def test_a_stream_that_ends_ends_the_session_soon(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Three seconds for another path, not thirty."""
    async with publisher(http), viewer(http, tcp=True) as player:
        assert player.stream is not None
        player.stream.transport.abort()
        await until(lambda: len(media.inside.relay.sessions) == 1)
        await until(lambda: media.inside.relay.gauges()["tcp_connections"] == 0)


async def test_a_deleted_session_closes_its_stream(http: httpx.AsyncClient, media: MediaServer) -> None:
    """The goodbye is sent before the connection ends."""
    async with publisher(http), viewer(http, tcp=True) as player:
        assert (await http.delete(player.location)).status_code == 200
        await player.wait_closed()
        assert player.stream is not None
        await asyncio.wait_for(player.stream.ended.wait(), 5)
    assert media.inside.relay.gauges()["tcp_connections"] == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "tcp_frame_too_long"),
        (frame(b"\x16\xfe\xfd" + bytes(60)), "tcp_not_a_check"),
        (frame(b"\x80\x60" + bytes(60)), "tcp_not_a_check"),
        (frame(b""), "tcp_not_a_check"),
        (frame(b"\x00\x01" + bytes(60)), "tcp_not_a_check"),
        ((549).to_bytes(2, "big"), "tcp_frame_too_long"),
    ],
)
async def test_a_stranger_is_reset_without_a_byte(media: MediaServer, data: bytes, reason: str) -> None:
    """Whatever the first frame is but a check that we can verify."""
    reader, writer = await stranger(media)
    writer.write(data)
    await expect_reset(reader)
    assert media.inside.relay.counters.drops[reason] == 1
    assert media.inside.relay.gauges()["tcp_connections"] == 0
    assert media.inside.relay.gauges()["tcp_unproven"] == 0
    writer.close()


async def test_a_wrong_password_is_reset(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Knowing a fragment is not enough."""
    peer = RawPeer("sendonly", [VP8])
    await peer.post(http, "/whip/s1")
    reader, writer = await stranger(media)
    writer.write(frame(peer.check(pwd="another password of the length")))
    await expect_reset(reader)
    assert media.inside.relay.counters.drops["stun_bad_integrity"] == 1
    assert media.inside.relay.counters.drops["tcp_not_a_check"] == 1
    writer.close()


async def test_a_silent_connection_is_closed_in_time() -> None:
    """A connection that shows nothing is not kept."""
    async with served(tcp_proof_s=0) as (server, _):
        reader, writer = await stranger(server)
        await expect_reset(reader)
        assert server.inside.relay.counters.drops["tcp_proof_timeout"] == 1
        writer.close()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"tcp_unproven_per_address": 2}, "tcp_unproven_per_address"),
        ({"tcp_unproven": 2}, "tcp_unproven_full"),
        ({"tcp_connections": 2}, "tcp_connections_full"),
    ],
)
async def test_one_connection_too_many_is_reset(limits: dict[str, int], reason: str) -> None:
    """And the ones before it are kept; when one of them goes, another may come."""
    async with served(**limits) as (server, _):
        gauges, drops = server.inside.relay.gauges, server.inside.relay.counters.drops
        first = [await stranger(server) for _ in range(2)]
        await until(lambda: gauges()["tcp_unproven"] == 2)
        with contextlib.suppress(ConnectionResetError):  # it may come before the connect is done
            reader, writer = await stranger(server)
            await expect_reset(reader)
            writer.close()
        await until(lambda: drops[reason] == 1)
        assert gauges()["tcp_unproven"] == 2
        first[0][1].close()
        await until(lambda: gauges()["tcp_unproven"] == 1)
        extra = await stranger(server)
        await until(lambda: gauges()["tcp_unproven"] == 2)
        assert drops[reason] == 1
        for _, one in [*first, extra]:
            one.close()


async def test_proven_connections_leave_room_for_strangers() -> None:
    """The bound on unproven ones counts only them."""
    async with served(tcp_unproven=1) as (server, http), publisher(http, tcp=True), viewer(http, tcp=True):
        assert server.inside.relay.gauges()["tcp_connections"] == 2
        assert server.inside.relay.gauges()["tcp_unproven"] == 0


async def test_no_tcp_connections_means_no_tcp() -> None:
    """Nobody listens, and the answer does not say so."""
    async with served(tcp_connections=0) as (server, http):
        peer = RawPeer("sendonly", [VP8])
        await peer.post(http, "/whip/s1")
        assert " tcp " not in peer.answer
        assert server.inside.tcp_candidates == ()
        with socket.socket() as asking:
            assert asking.connect_ex(server.candidates[0]) != 0


async def pour(host: RawPeer, first: int, count: int, *, key: bool = False) -> int:
    """Send pictures and some sound; returns the next number."""
    for number in range(first, first + count):
        payload = VP8_KEY if key and number == first else VP8_DELTA
        await host.send_video(number, payload + number.to_bytes(4, "big") + BIG, timestamp=number * 3000)
        if number % 10 == 0:
            await host.send_audio(number // 10, b"sound", timestamp=number * 96)
            await asyncio.sleep(0)
    return first + count


async def test_a_viewer_who_stays_slow_is_sent_away() -> None:
    """After some seconds of a full stream the session ends, counted; the others are not touched."""
    async with (
        served(tcp_buffer_bytes=20_000, tcp_slow_s=0) as (server, http),
        publisher(http) as host,
        viewer(http, tcp=True) as player,
        viewer(http),
    ):
        counters = server.inside.relay.counters
        assert player.stream is not None
        player.stream.transport.pause_reading()
        following = await pour(host, 1, 10, key=True)
        while counters.totals["sessions_closed_too_slow"] == 0:
            following = await pour(host, following, 50)
        assert counters.totals["tcp_evicted"] == 1
        assert server.inside.relay.gauges()["tcp_connections"] == 0
        assert len(server.inside.relay.sessions) == 2


async def test_a_slow_viewer_loses_pictures_and_no_sound() -> None:
    """Until it reads again: then the next key frame, with the very next number, and all of the sound."""
    async with (
        served(tcp_buffer_bytes=20_000) as (server, http),
        publisher(http) as host,
        viewer(http, tcp=True) as player,
        viewer(http),
    ):
        counters = server.inside.relay.counters
        assert player.stream is not None
        following = await pour(host, 1, 10, key=True)
        first_sound = await player.next_rtp(111)
        player.stream.transport.pause_reading()
        while counters.drops["tcp_video_held"] < 200:
            following = await pour(host, following, 50)
        player.stream.transport.resume_reading()
        sounds = (following - 1) // 10
        for number in range(1, sounds):
            assert (await player.next_rtp(111)).sequence == (first_sound.sequence + number) & 0xFFFF
        await until(lambda: server.inside.relay.gauges()["tcp_connections"] == 1)
        before = [packet for packet in player.packets if packet.payload_type == 96]
        player.packets.clear()
        host.rtcp = asyncio.Queue()
        await host.next_rtcp(KeyFrameWanted)
        await pour(host, following, 5, key=True)
        after = [await player.next_rtp(96) for _ in range(5)]
        numbers = [packet.sequence for packet in [*before, *after]]
        assert {(b - a) & 0xFFFF for a, b in itertools.pairwise(numbers)} == {1}
        assert after[0].payload.startswith(VP8_KEY)
        # Who has UDP was sent everything.
        over_udp = counters.totals["packets_out"] - counters.totals["packets_out_tcp"]
        unsent = [name for name in counters.drops if name.startswith(("send_", "no_"))]
        assert (over_udp, unsent) == (following + 4 + sounds, [])
