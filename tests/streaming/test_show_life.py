"""A show's media over time: away, back, takeover by silence, peers that vanish, paths that move."""

import asyncio
from dataclasses import replace

import httpx
import pytest
import uvloop

from streaming.broadcasts import BroadcastState
from streaming.events import HostAway, HostBack, HostLive
from streaming.ports import AloneOwners
from streaming.rtp.packet import RtpPacket
from streaming.rtp.rtcp import ReceiverReport
from streaming.settings import Limits
from streaming.transport import connection as connection_module
from streaming.transport.connection import HANDSHAKE_LIMIT_S, SILENCE_LIMIT_S, Connection
from streaming.transport.ice_lite import read_check
from tests.streaming.media_server import LOOPBACK, MediaServer, media_server
from tests.streaming.raw_peer import VP8, VP8_DELTA, VP8_KEY, RawPeer, publisher, viewer
from tests.waiting import until


async def announced(owners: AloneOwners, kinds: list[type]) -> None:
    """Wait until exactly these events have been announced."""
    await until(lambda: [type(event) for event in owners.events] == kinds)


async def test_the_room_hears_live_away_and_back() -> None:
    """Away comes 2 s after the last packet and at most 3 s after it; back with the next packet."""
    owners = AloneOwners()
    loop = asyncio.get_running_loop()
    async with (
        media_server(LOOPBACK, owners) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        async with publisher(http) as host:
            assert owners.events == []
            await host.send_audio(1)
            await announced(owners, [HostLive])
            last_s = loop.time()
            await announced(owners, [HostLive, HostAway])
            assert 1.9 < loop.time() - last_s < 3.0
            await host.send_audio(2)
            await announced(owners, [HostLive, HostAway, HostBack])
        assert [event.number for event in owners.events] == [1, 2, 3]


async def test_after_two_seconds_of_silence_a_newcomer_takes_over(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Without asking for it; the viewer's sound goes on with contiguous numbers."""
    async with publisher(http) as first, viewer(http) as player:
        await first.send_audio(1)
        before = await player.next_rtp(111)
        life = media.inside.relay._shows["s1"].life
        await until(lambda: life.state is BroadcastState.AWAY)
        assert (await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")).status_code == 201
        await first.wait_closed()
        async with publisher(http, query="?takeover=1") as second:
            await second.send_audio(4711)
            after = await player.next_rtp(111)
            assert (after.sequence - before.sequence) & 0xFFFF == 1


async def test_a_publisher_whose_packets_come_again_goes_on(http: httpx.AsyncClient) -> None:
    """The network dropped ten seconds of packets; the numbers jump, the session is the same."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, VP8_KEY)
        await player.next_rtp(96)
        await host.send_video(40_000, VP8_DELTA, timestamp=900_000)
        await host.send_video(40_001, VP8_KEY + b"back", timestamp=903_000)
        assert (await player.next_rtp(96)).payload == VP8_KEY + b"back"


async def test_a_viewers_path_may_move(http: httpx.AsyncClient) -> None:
    """From Wi-Fi to mobile: a nominating check from the new address moves the stream."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        old = player._transports[0]
        await player.open_path()
        await player.send_check(nominate=True)
        old.close()
        await host.send_audio(2, b"on the new path")
        assert (await player.next_rtp(111)).payload == b"on the new path"


async def test_a_check_that_does_not_nominate_is_answered_and_moves_nothing(http: httpx.AsyncClient) -> None:
    """Consent checks and tests of other paths come without USE-CANDIDATE."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        await player.open_path()
        await player.send_check(nominate=False)
        player.use_path(0)
        player._transports[1].close()
        await host.send_audio(2, b"on the old path")
        assert (await player.next_rtp(111)).payload == b"on the old path"


async def test_a_viewer_behind_a_new_address_that_only_consents_goes_on(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Firefox and aioice do when a NAT forgets them; the old path's time is over at once here."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        old = player._transports[0]
        await player.open_path()
        old.close()
        monkeypatch.setattr(connection_module, "STALE_PATH_S", -1.0)
        await player.send_check(nominate=False)
        await host.send_audio(2, b"on the new path")
        assert (await player.next_rtp(111)).payload == b"on the new path"


def connection_of(media: MediaServer) -> Connection:
    """The only session's connection."""
    [session] = media.inside.relay.sessions
    return session.connection


async def test_a_handshake_that_never_happens_is_given_up(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """After ten seconds the session is gone; before, it is there."""
    await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")
    connection = connection_of(media)
    connection.tick(connection.created_s + HANDSHAKE_LIMIT_S - 0.1)
    assert len(media.inside.relay.sessions) == 1
    connection.tick(connection.created_s + HANDSHAKE_LIMIT_S + 0.1)
    assert len(media.inside.relay.sessions) == 0
    assert media.inside.relay.counters.totals["sessions_closed_handshake_timeout"] == 1


async def test_a_peer_that_vanishes_is_given_up_after_thirty_seconds(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Neither checks nor media: consent has lapsed (RFC 7675)."""
    async with publisher(http):
        connection = connection_of(media)
        connection.tick(connection.last_valid_s + SILENCE_LIMIT_S - 0.1)
        assert len(media.inside.relay.sessions) == 1
        connection.tick(connection.last_valid_s + SILENCE_LIMIT_S + 0.1)
        assert len(media.inside.relay.sessions) == 0


async def test_a_check_keeps_a_silent_peer_alive(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Consent is what counts, not media."""
    async with publisher(http) as host:
        connection = connection_of(media)
        check = read_check(host.check())
        assert check is not None
        assert connection.socket is not None
        later_s = connection.last_valid_s + SILENCE_LIMIT_S - 1
        connection.on_check(check, connection.socket, connection.address, later_s)
        connection.tick(later_s + 10)
        assert len(media.inside.relay.sessions) == 1


async def test_a_peers_goodbye_ends_its_session(http: httpx.AsyncClient, media: MediaServer) -> None:
    """A browser tab that closes sends a DTLS alert; nobody waits for thirty seconds."""
    async with publisher(http):
        pass
    await until(lambda: len(media.inside.relay.sessions) == 0)


async def test_too_many_sessions_are_503() -> None:
    """A full process says when to come again."""
    server_of_one = media_server(replace(LOOPBACK, limits=Limits(sessions=1)))
    async with server_of_one as server, httpx.AsyncClient(base_url=server.url, verify=False) as http:
        await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")
        response = await RawPeer("sendonly", [VP8]).post(http, "/whip/s2")
        assert (response.status_code, response.json()["code"]) == (503, "overloaded")
        assert "retry-after" in response.headers


async def test_the_process_says_goodbye_when_it_ends() -> None:
    """Players learn at once and come back elsewhere."""
    async with media_server() as server:
        http = httpx.AsyncClient(base_url=server.url, verify=False)
        host = await publisher(http).__aenter__()
        await http.aclose()
    await host.wait_closed()
    await host.close()


def test_everything_works_on_uvloop() -> None:
    """The UDP side reads raw sockets, which both loops do."""

    async def one_packet() -> bytes:
        async with (
            media_server() as server,
            httpx.AsyncClient(base_url=server.url, verify=False) as http,
            publisher(http) as host,
            viewer(http) as player,
        ):
            await host.send_audio(1, b"uvloop")
            return (await player.next_rtp(111)).payload

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(one_packet()) == b"uvloop"


@pytest.mark.parametrize("index", [0, 3])
async def test_session_urls_carry_the_process(index: int) -> None:
    """Any front can send any verb to the right process."""
    numbered = media_server(replace(LOOPBACK, index=index))
    async with numbered as server, httpx.AsyncClient(base_url=server.url, verify=False) as http:
        peer = RawPeer("sendonly", [VP8])
        await peer.post(http, "/whip/s1")
        assert peer.location.startswith(f"/whip/s1/{index}.")
        assert (await http.delete(peer.location)).status_code == 200


async def test_a_host_who_reloads_within_two_seconds_was_never_away() -> None:
    """The old session ends with a goodbye and the new one begins: no screen flickers."""
    owners = AloneOwners()
    async with (
        media_server(LOOPBACK, owners) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        async with publisher(http) as first:
            await first.send_audio(1)
            await announced(owners, [HostLive])
        await until(lambda: len(server.inside.relay.sessions) == 0)
        async with publisher(http) as second:
            await second.send_audio(1)
            await second.next_rtcp(ReceiverReport)
        assert [type(event) for event in owners.events] == [HostLive]
        await announced(owners, [HostLive, HostAway])


async def test_a_layer_that_falls_silent_is_replaced_by_one_that_is_sent(http: httpx.AsyncClient) -> None:
    """A browser short of bandwidth stops sending the first layer; viewers go on with another."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, VP8_KEY)
        await player.next_rtp(96)
        other = RtpPacket(True, 96, 500, 0, 4_000_000_001, VP8_KEY + b"other", {1: b"1"})
        await host.send(other)
        await host.next_rtcp(ReceiverReport)
        await host.next_rtcp(ReceiverReport)
        await host.next_rtcp(ReceiverReport)
        await host.send(replace(other, sequence=501, timestamp=3000))
        assert (await player.next_rtp(96)).payload == VP8_KEY + b"other"
