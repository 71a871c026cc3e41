"""A million datagrams at a running server: nothing ends, nothing grows, viewers miss nothing."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import httpx
import pytest

from tests.streaming.flood import Figures, Flood, flooded
from tests.streaming.leaks import LeakError, growth_bytes, must_not_grow
from tests.streaming.media_server import MediaServer, media_process
from tests.streaming.raw_peer import publisher, viewer
from tests.streaming.timed_player import PICTURE, SOUND
from tests.waiting import until

pytestmark = pytest.mark.alone

WARM_UP, NUMBER = 10_000, 1_000_000
# So many show a leak of each.
ENOUGH_FOR_A_LEAK = 20_000
# A million take 27 to 60 s.
LIMIT_S = 600
BOUND_BYTES = 3 << 20
# The aims are 20 and 100 ms, with the flood's queue in front of each packet and everything on the same
# cores; a busy machine may make it ten times that. Measured: 7 and 21 ms.
BUSY_USUAL_MS, BUSY_LATE_MS = 200, 1000
TABLES = ("sessions", "viewers", "publishers", "shows", "handshakes", "fragments", "paths", "dtls_waiting")


@dataclass
class Outcome:
    """What a flood did: the server's figures before and after, its growth, and what viewers got."""

    before: Figures
    after: Figures
    grown_bytes: int
    sent: int
    spoken: int
    disguised: int
    shown: int
    heard: list[int]
    seen: list[int]
    delays_s: list[float]


async def run_flood(*, module: str = "tests.streaming.media_server", number: int = NUMBER) -> Outcome:
    """Warm a server up, flood it while the show goes on, and compare."""
    async with media_process(module=module) as server, flooded(server) as flood:
        assert server.process is not None
        await flood.send(WARM_UP)
        before = await flood.settled()
        for player in flood.players:
            player.forget()
        sent, disguised = flood.sent_total + sum(count_sent(flood)), flood.disguised_total
        speaking = asyncio.create_task(flood.speak())
        grown = await growth_bytes(server.process.pid, lambda: flood.send(number))
        flood.stop_speaking()
        await speaking
        after = await flood.settled()
        assert server.process.returncode is None
        sent = flood.sent_total + sum(count_sent(flood)) - sent
        heard, seen = [[player.delays_s(kind) for player in flood.players] for kind in (SOUND, PICTURE)]
        return Outcome(
            before, after, grown, sent, flood.spoken_total,
            flood.disguised_total - disguised, flood.shown_total,
            [len(one) for one in heard], [len(one) for one in seen], sorted(chain(*heard, *seen)),
        )  # fmt: skip


def count_sent(flood: Flood) -> list[int]:
    """How many datagrams each peer has sent by itself."""
    return [len(peer.sent.all()) for peer in (flood.host, *flood.players)]


@pytest.mark.timeout(LIMIT_S)
async def test_a_flood_disturbs_nobody_and_leaves_nothing(
    record_property: Callable[[str, object], None],
) -> None:
    """The process lives, its tables and memory are as before, and every datagram is accounted for.

    Viewers get each sound and each picture, and none late. Half of the datagrams look like the show's own.
    """
    outcome = await run_flood()
    before, after = outcome.before, outcome.after
    must_not_grow(outcome.grown_bytes, BOUND_BYTES)
    assert {name: after.values[name] for name in TABLES} == {name: before.values[name] for name in TABLES}
    assert after.lost == before.lost
    assert outcome.heard == [outcome.spoken] * 2
    assert outcome.seen == [outcome.shown] * 2
    assert outcome.disguised >= NUMBER / 2
    usual_ms, late_ms = [
        round(1000 * outcome.delays_s[int(share * len(outcome.delays_s))], 1) for share in (0.5, 0.99)
    ]
    print("under way, ms:", usual_ms, "usually,", late_ms, "one in a hundred")  # noqa: T201 the figures are the point
    record_property("under_way_ms", usual_ms)
    record_property("under_way_late_ms", late_ms)
    assert usual_ms < BUSY_USUAL_MS
    assert late_ms < BUSY_LATE_MS
    assert after.total("datagrams_in") - before.total("datagrams_in") == outcome.sent
    assert after.accounted - before.accounted == outcome.sent
    assert sum(after.drops.values()) - sum(before.drops.values()) > NUMBER * 0.7


async def test_the_leak_check_finds_a_planted_leak() -> None:
    """A server that keeps every datagram is seen to grow."""
    outcome = await run_flood(module="tests.streaming.leaking_media_process", number=ENOUGH_FOR_A_LEAK)
    with pytest.raises(LeakError):
        must_not_grow(outcome.grown_bytes, BOUND_BYTES)


async def test_strangers_do_not_push_the_host_out_of_the_buffer(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """More than the socket holds, while nobody reads; what the host sends after that still arrives."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            while not media.inside.relay.udp.sockets[0].lost_total():
                for size in (1000, 20):
                    for _ in range(500):
                        stranger.sendto(b"\x80" * size, media.candidates[0])
        await host.send_audio(2, b"heard")
        assert (await player.next_rtp(111)).payload == b"heard"
        assert [len(one.by_address) for one in media.inside.relay.udp.sockets] == [2]


async def test_a_hosts_queue_follows_its_path_and_goes_with_it(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Another port, then none; the port itself cannot be shared by others."""
    udp = media.inside.relay.udp
    async with publisher(http) as host:
        [before] = udp._queues.values()
        await host.open_path()
        await host.send_check()
        [after] = udp._queues.values()
        assert after.getpeername() == host._transports[1].get_extra_info("sockname")
        assert before.fileno() == -1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            with pytest.raises(OSError, match="in use"):
                thief.bind(media.candidates[0])
    await until(lambda: not udp._queues)
