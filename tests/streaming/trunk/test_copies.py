"""A show that one media process owns, watched at another one: over real sockets and a real Redis."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest

from streaming.broadcasts import BroadcastState
from streaming.events import stream_key
from streaming.rtp import rtcp
from streaming.show_media import ShowMedia
from tests.lossy_link import LinkConditions, lossy_link
from tests.streaming.media_server import media_process
from tests.streaming.raw_peer import H264, H264_KEY, VP8, VP8_DELTA, VP8_KEY, RawPeer, publisher, viewer
from tests.streaming.trunk.layered_host import layered_host
from tests.streaming.trunk.two_processes import Place, place, two_processes
from tests.waiting import until

KEY_SECOND, KEY_MOVED = VP8_KEY + b"second", VP8_KEY + b"moved"


@pytest.fixture
async def places(redis: Any) -> AsyncIterator[tuple[Place, Place]]:
    """Two media processes; the first is asked to publish."""
    async with two_processes(redis) as both:
        yield both


def copy_of(edge: Place) -> ShowMedia:
    """The show as the edge has it."""
    show = edge.relay.show("s1")
    assert show is not None
    return show


def flows(edge: Place) -> bool:
    """Whether the owner has answered a check over the trunk, and nothing has ended that since."""
    one = edge.relay.edges._edges.get("s1")
    return one is not None and one.is_healthy


async def begin(host: RawPeer, edge: Place) -> None:
    """Let the copy flow: a key frame and a sound that reach the edge."""
    await until(lambda: flows(edge))
    await host.send_audio(1000)
    await host.send_video(1000, VP8_KEY)
    copy = copy_of(edge)
    await until(lambda: copy.sound.source is not None and copy.picture.source is not None)


async def test_a_viewer_elsewhere_gets_sound_and_picture(places: tuple[Place, Place]) -> None:
    """Contiguous, with the publisher's steps and its audio level, and with a key frame first."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            for number in range(1, 6):
                await host.send_audio(1000 + number, timestamp=960 * number, level=30 + number)
                await host.send_video(1000 + number, VP8_DELTA, timestamp=3000 * number)
            pictures = [await player.next_rtp(96) for _ in range(6)]
            assert [picture.payload for picture in pictures] == [VP8_KEY, *[VP8_DELTA] * 5]
            assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(pictures)} == {1}
            assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(pictures)} == {3000}
            sounds = [await player.next_rtp(111) for _ in range(6)]
            assert [sound.extensions[2][0] for sound in sounds] == [40, 31, 32, 33, 34, 35]
            assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(sounds)} == {1}
            assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(sounds)} == {960}
            told = [(await place.http.get("/internal/shows/s1/figures")).json() for place in (owner, edge)]
            assert [one["viewers_total"] for one in told] == [0, 1], "each tells of its own viewers"
            assert [one["layers"][0]["codec"] for one in told] == ["VP8", "VP8"]
        assert owner.relay.gauges()["trunks"] == edge.relay.gauges()["edges"] == 1


async def test_lips_stay_in_step_over_the_trunk(places: tuple[Place, Place]) -> None:
    """The publisher's clock is years off, its sound 100 ms late; the viewer meets both on one clock."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            ntp_of_1999 = 3_124_224_000 << 32
            await host.send_audio(1001, b"met", timestamp=48_000)
            await host.send_video(1001, VP8_KEY + b"met", timestamp=90_000)
            for kind, timestamp in (("video", 90_000), ("audio", 48_000 + 4_800)):
                report = rtcp.SenderReport(host.ssrcs[kind], ntp_of_1999, timestamp, 1, 1)
                await host.send_rtcp(rtcp.build_sender_report(report))
            sound, picture = await player.next_rtp(111), await player.next_rtp(96)
            while sound.payload != b"met":
                sound = await player.next_rtp(111)
            while picture.payload != VP8_KEY + b"met":
                picture = await player.next_rtp(96)
            met: dict[int, float] = {}  # when both were captured, by the edge's clock

            def agree() -> bool:
                return len(met) == 2 and abs(met[picture.ssrc] - met[sound.ssrc] - 0.1) < 0.005

            async with asyncio.timeout(6):
                while not agree():  # the first reports may have left before the host's came
                    told = await player.next_rtcp(rtcp.SenderReport)
                    packet, rate = (sound, 48_000) if told.ssrc == sound.ssrc else (picture, 90_000)
                    behind_s = ((told.timestamp - packet.timestamp) & 0xFFFFFFFF) / rate
                    met[told.ssrc] = told.ntp / (1 << 32) - behind_s
            assert agree()


async def test_wishes_of_many_viewers_reach_the_publisher_as_one(places: tuple[Place, Place]) -> None:
    """Aggregated at the edge and again at the owner; the key frame that comes serves them all."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as one, viewer(edge.http) as two, viewer(edge.http) as three:
            await begin(host, edge)
            players = (one, two, three)
            for player in players:
                assert (await player.next_rtp(96)).payload == VP8_KEY
            asked = owner.relay.counters.totals["key_frame_requests"]
            for _ in range(4):
                for player in players:
                    await player.send_rtcp(rtcp.build_picture_loss(1, player.sent_ssrc("video")))
            while (await host.next_rtcp(rtcp.KeyFrameWanted)).media_ssrc != host.ssrcs["video"]:
                pass
            await host.send_video(1001, VP8_KEY + b"again", timestamp=3000)
            for player in players:
                assert (await player.next_rtp(96)).payload == VP8_KEY + b"again"
            assert owner.relay.counters.totals["key_frame_requests"] - asked <= 2
            assert edge.relay.counters.totals["key_frame_requests"] <= 2


def led_to(address: tuple[str, int]) -> Callable[[bytes], bytes]:
    """Let trunks go to an address instead of the owner's."""

    def rewrite(body: bytes) -> bytes:
        answer = json.loads(body)
        answer["candidates"] = [address]
        return json.dumps(answer).encode()

    return rewrite


async def test_what_is_lost_on_the_hop_is_asked_for_again(places: tuple[Place, Place]) -> None:
    """A fifth of the packets goes missing; the edge's viewer gets every one, under its own numbers."""
    owner, edge = places
    [address] = owner.relay.udp.candidates
    async with lossy_link(address) as link, publisher(owner.http) as host:
        edge.siblings.rewrite = led_to(link.address)
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            link.change(down=LinkConditions(loss=0.2))
            for number in range(1, 101):
                payload = VP8_DELTA + number.to_bytes(2, "big")
                await host.send_video(1000 + number, payload, timestamp=3000 * number)
                await asyncio.sleep(0)
            link.change(down=LinkConditions())
            await host.send_video(1101, VP8_DELTA + b"!!", timestamp=3000 * 101)
            pictures = [await player.next_rtp(96) for _ in range(102)]
            first = pictures[0].sequence
            order = sorted(pictures, key=lambda packet: (packet.sequence - first) & 0xFFFF)
            assert [(packet.sequence - first) & 0xFFFF for packet in order] == list(range(102))
            numbers = [int.from_bytes(packet.payload[-2:], "big") for packet in order[1:-1]]
            assert numbers == list(range(1, 101))
        assert link.totals("down").lost > 5
        assert owner.relay.counters.totals["retransmissions"] > 5


async def test_the_codec_may_change_in_the_middle(places: tuple[Place, Place]) -> None:
    """The host comes back with H264: nothing is agreed anew, the edge's viewer follows at the key frame."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            before = await player.next_rtp(96)
            async with publisher(owner.http, "s1", H264, query="?takeover=1") as second:
                await second.send_video(9000, H264_KEY, timestamp=77)
                after = await player.next_rtp(102)
                assert (after.sequence - before.sequence) & 0xFFFF == 1
                assert 0 < (after.timestamp - before.timestamp) & 0xFFFFFFFF < 90_000 * 5
        assert len(edge.siblings.asked) == 1


async def test_the_live_codec_stands_first_for_the_first_viewer_too(places: tuple[Place, Place]) -> None:
    """The owner says what is published before any packet has come."""
    owner, edge = places
    async with publisher(owner.http, "s1", H264) as host, viewer(owner.http) as early:
        await host.send_video(1, H264_KEY)
        await early.next_rtp(102)
        async with viewer(edge.http, "s1", VP8, H264) as late:
            line = next(line for line in late.answer.splitlines() if line.startswith("m=video"))
            assert line.split()[3:] == ["102", "103", "96", "97"]


async def test_a_publisher_may_be_replaced(places: tuple[Place, Place]) -> None:
    """To the edge the line goes on: contiguous numbers, a key frame first."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            before = await player.next_rtp(96)
            async with publisher(owner.http, query="?takeover=1") as second:
                await second.send_video(7, VP8_DELTA)
                await second.send_video(8, KEY_SECOND, timestamp=3000)
                after = await player.next_rtp(96)
                assert (after.payload, (after.sequence - before.sequence) & 0xFFFF) == (KEY_SECOND, 1)


async def test_every_layer_crosses_as_a_layer_of_its_own(places: tuple[Place, Place]) -> None:
    """Two arrive as two once key frames came of those asked for; the viewer's picture begins with one."""
    owner, edge = places
    async with layered_host(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await until(lambda: flows(edge))
            for number in range(3):
                for layer in (0, 1):
                    payload = (VP8_KEY if number == 0 else VP8_DELTA) + bytes((layer,))
                    await host.send_layer(layer, 10 + number, payload, 3000 * number)
            copy = copy_of(edge)
            for number in range(3, 20):
                if len(copy.picture.layers) > 1 and all(one.live_codec for one in copy.picture.layers):
                    break
                wanted = await host.next_rtcp(rtcp.KeyFrameWanted)
                layer = wanted.media_ssrc - host.layer_ssrc(0)
                await host.send_layer(layer, 10 + number, VP8_KEY + bytes((layer,)), 3000 * number)
                await until(lambda: copy.picture.source is not None)
            assert [one.live_codec for one in copy.picture.layers] == ["VP8", "VP8"]
            assert (await player.next_rtp(96)).payload[:2] == VP8_KEY[:2]


async def test_publishing_at_the_edge_is_for_the_owner(places: tuple[Place, Place]) -> None:
    """421, with and without a copy there: the front asks the owner then."""
    owner, edge = places
    async with publisher(owner.http) as host:
        for _ in range(2):
            answer = await RawPeer("sendonly", [VP8]).post(edge.http, "/whip/s1?takeover=1")
            assert (answer.status_code, answer.json()["owner"]) == (421, "0")
            await host.send_audio(999)
            async with viewer(edge.http):
                await begin(host, edge)
        assert owner.relay.gauges()["publishers"] == 1


async def test_watching_elsewhere_is_answered_as_at_the_owner(places: tuple[Place, Place]) -> None:
    """409 before the first publish and after the end; 201 while the host is away."""
    owner, edge = places
    assert (await RawPeer("recvonly", [VP8]).post(edge.http, "/whep/s1")).status_code == 409
    assert edge.siblings.asked == []
    async with publisher(owner.http) as host:
        await host.send_audio(1)
    away = owner.relay.show("s1")
    assert away is not None
    await until(lambda: away.life.state is BroadcastState.AWAY)
    async with viewer(edge.http) as player:
        await owner.relay.end_show("s1")
        await player.wait_closed()
    assert (await RawPeer("recvonly", [VP8]).post(edge.http, "/whep/s1")).status_code == 409
    await until(lambda: edge.relay.gauges()["edges"] == 0)
    assert owner.relay.gauges()["trunks"] == 0


async def test_only_the_owner_says_how_the_host_is(places: tuple[Place, Place], redis: Any) -> None:
    """Live, away and back stand once in the show's stream, by the owner."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http):
            await begin(host, edge)
            copy = copy_of(edge)
            assert copy.life.state is BroadcastState.LIVE
            await until(lambda: copy.life.state is BroadcastState.AWAY)
            await host.send_audio(2000)
            await until(lambda: copy.life.state is BroadcastState.LIVE)
            kinds: list[tuple[bytes, bytes]] = []
            async with asyncio.timeout(5):
                while len(kinds) < 3:
                    entries = await redis.xrange(stream_key("s1"))
                    kinds = [(fields[b"kind"], fields[b"process"]) for _, fields in entries]
    assert kinds == [(b"host_live", b"0"), (b"host_away", b"0"), (b"host_back", b"0")]
    assert edge.owners.dropped_events_total == 0


async def test_a_killed_owner_costs_no_viewer_its_session(redis: Any, redis_plain_url: str) -> None:
    """The edge hears nothing, asks, and owns the show when the lease has lapsed; the host posts there."""
    siblings_of = "tests.streaming.trunk.owner_process"
    async with (
        two_processes(redis, first=2) as (edge, _),
        media_process(redis_plain_url, "0", module=siblings_of) as owner,
        httpx.AsyncClient(base_url=owner.url, verify=False) as http,
    ):
        edge.siblings.urls["0"] = owner.url
        hosting = publisher(http)
        host = await hosting.__aenter__()
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            before = await player.next_rtp(96)
            assert owner.process is not None
            owner.process.kill()
            await host.close()
            await until(lambda: edge.relay.gauges()["edges"] == 0, limit_s=8)
            async with publisher(edge.http) as second:
                await second.send_video(7, KEY_MOVED)
                after = await player.next_rtp(96)
                assert (after.payload, (after.sequence - before.sequence) & 0xFFFF) == (KEY_MOVED, 1)
        kinds = [fields[b"kind"] for _, fields in await redis.xrange(stream_key("s1"))]
        assert kinds.count(b"media_moved") == 1


async def test_a_show_that_moves_is_followed(redis: Any) -> None:
    """The owner finds that a third process has its lease; the edge goes there, its viewer stays."""
    async with (
        two_processes(redis, first=1) as (edge, third),
        place(redis, 0, edge.siblings) as owner,
        publisher(owner.http) as host,
    ):
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            before = await player.next_rtp(96)
            await redis.hset("{show:s1}:owner", mapping={"process": "2", "boot": "boot-2", "fence": "9"})
            async with publisher(third.http) as second:
                await until(lambda: third.relay.gauges()["trunks"] == 1)
                await until(lambda: flows(edge))
                await second.send_video(7, KEY_MOVED)
                after = await player.next_rtp(96)
                assert (after.payload, (after.sequence - before.sequence) & 0xFFFF) == (KEY_MOVED, 1)


async def test_an_owners_goodbye_is_answered_at_once(places: tuple[Place, Place]) -> None:
    """Nobody waits for a second and a half of silence when the owner says that a trunk has ended."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            former = copy_of(edge).publisher
            owner.relay.trunks.close("s1", "shutdown")
            await until(lambda: len(edge.siblings.asked) == 2, limit_s=1.2)
            await until(lambda: copy_of(edge).publisher is not former and flows(edge))
            await host.send_audio(1001, b"again")
            while (await player.next_rtp(111)).payload != b"again":
                pass


async def test_an_edge_without_viewers_leaves(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten seconds, here less; edges that come and go leave no trunk, show or port behind."""
    monkeypatch.setattr("streaming.trunk.edge.IDLE_LIMIT_S", 0.1)
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        for _ in range(3):
            async with viewer(edge.http):
                await until(lambda: edge.relay.gauges()["edges"] == 1)
            await until(lambda: edge.relay.gauges()["edges"] == 0)
            await until(lambda: owner.relay.gauges()["trunks"] == 0)
        assert edge.relay.gauges()["shows"] == edge.relay.gauges()["sessions"] == 0
        before = (owner.relay.demux.gauges(), len(owner.relay.show("s1").sound._tracks))  # type: ignore[union-attr]
        assert before == ({"fragments": 1, "paths": 1, "dtls_waiting": 0}, 0)


async def test_an_owner_forgets_a_silent_edge(places: tuple[Place, Place]) -> None:
    """Five seconds without a check, and its row is free; before, it is there."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http):
            await begin(host, edge)
            [trunk] = owner.relay.trunks._trunks.values()
            heard_s = trunk.connection.last_valid_s
            owner.relay.trunks.tick(heard_s + 4.9)
            assert len(owner.relay.trunks) == 1
            owner.relay.trunks.tick(heard_s + 5.1)
            assert len(owner.relay.trunks) == 0
            assert owner.relay.counters.totals["sessions_closed_trunk_silent"] == 1


async def test_a_person_is_shown_out_at_the_edge_too(places: tuple[Place, Place]) -> None:
    """A ban closes that person's session; the copy goes on."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            assert edge.relay.sessions.revoke(person="gu_test", show="s1", role=None) == 1
            await player.wait_closed()
            assert edge.relay.gauges()["edges"] == 1


async def test_an_owner_nobody_can_reach_is_come_again(places: tuple[Place, Place]) -> None:
    """503 with Retry-After, and no trace of the show is left at the edge."""
    owner, edge = places
    async with publisher(owner.http):
        del edge.siblings.urls["0"]
        answer = await RawPeer("recvonly", [VP8]).post(edge.http, "/whep/s1")
        assert (answer.status_code, answer.json()["code"]) == (503, "owner_unknown")
        assert "retry-after" in answer.headers
        assert edge.relay.gauges()["shows"] == edge.relay.gauges()["edges"] == 0


async def test_where_no_packet_gets_through_viewers_are_not_taken(places: tuple[Place, Place]) -> None:
    """HTTP between the processes works and UDP does not: 503, and a front asks the owner instead."""
    owner, edge = places
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        edge.siblings.rewrite = led_to(deaf.getsockname())
        async with publisher(owner.http):
            answer = await RawPeer("recvonly", [VP8]).post(edge.http, "/whep/s1")
            assert (answer.status_code, answer.json()["code"]) == (503, "owner_unknown")
            assert edge.relay.gauges()["shows"] == edge.relay.gauges()["edges"] == 0


async def test_an_owner_out_of_reach_gets_the_new_viewers_itself(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cable between breaks in mid-show: the edge refuses newcomers, and takes them when it is mended."""
    owner, edge = places
    [address] = owner.relay.udp.candidates
    async with lossy_link(address) as link, publisher(owner.http) as host:
        edge.siblings.rewrite = led_to(link.address)
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            link.change(up=LinkConditions(cut=True), down=LinkConditions(cut=True))
            copying = edge.relay.edges._edges["s1"]
            with monkeypatch.context() as impatient:
                impatient.setattr("streaming.trunk.edge.OUT_OF_REACH_S", 0.3)
                await until(lambda: time.monotonic() - copying.alive_s > 0.3)
                answer = await RawPeer("recvonly", [VP8]).post(edge.http, "/whep/s1")
                assert (answer.status_code, answer.json()["code"]) == (503, "owner_unknown")
            mended_s = time.monotonic()
            link.change(up=LinkConditions(), down=LinkConditions())
            await until(lambda: copying.alive_s > mended_s)
            async with viewer(edge.http) as newcomer:
                await host.send_audio(1001, b"mended")
                assert (await newcomer.next_rtp(111)).payload == b"mended"
                while (await player.next_rtp(111)).payload != b"mended":
                    pass


async def test_strangers_at_a_trunks_port_are_dropped(places: tuple[Place, Place]) -> None:
    """What they send is counted and never answered; forgeries from the owner's address move nothing."""
    owner, edge = places
    async with publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            await player.next_rtp(111)
            path = edge.relay.edges._edges["s1"].path
            assert path is not None
            [port] = [one.port for one in path._sockets.values()]
            stranger, owners = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), owner.relay.udp.sockets[0]
            drops = edge.relay.counters.drops
            with stranger:
                stranger.setblocking(False)
                for datagram in (b"\x80" * 40, b"\x00" * 20, b"\x16" * 60, b""):
                    stranger.sendto(datagram, ("127.0.0.1", port))
                    owners.send(datagram, ("127.0.0.1", port))
                await until(lambda: drops["trunk_from_unknown"] >= 4 and drops["bad_stun"] >= 2)
                await until(lambda: drops["bad_srtp"] >= 1 and drops["bad_size"] >= 1)
                await host.send_audio(1001, b"still here")
                assert (await player.next_rtp(111)).payload == b"still here"
                with pytest.raises(BlockingIOError):
                    stranger.recv(2048)
