"""While nothing is under way the relay ticks slowly and reads what viewers send in passing, and only then."""

import time
from contextlib import AsyncExitStack
from struct import pack

import httpx
import pytest

from streaming.peers import MAX_FEEDBACKS_PER_COMPOUND
from streaming.relay import BUSY_S, Relay
from streaming.rtp import rtcp
from streaming.server import CALM_TICKS, TICK_S
from streaming.transport.inbox_native import AT_ONCE
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8_DELTA, VP8_KEY, RawPeer, publisher, viewer
from tests.waiting import until

CALM_WITHIN_S = BUSY_S + 5.0


async def calm_show(stack: AsyncExitStack, http: httpx.AsyncClient, relay: Relay) -> tuple[RawPeer, RawPeer]:
    """A host on air and a viewer with a picture, once nothing is under way any more."""
    host = await stack.enter_async_context(publisher(http))
    player = await stack.enter_async_context(viewer(http))
    await host.send_video(1, VP8_KEY)
    await player.next_rtp(96)
    await until(lambda: not relay.is_busy, limit_s=CALM_WITHIN_S)
    return host, player


async def miss_a_packet(host: RawPeer, player: RawPeer, number: int) -> bytes:
    """A picture comes; returns the viewer's request to have it once more."""
    await host.send_video(number, VP8_DELTA, timestamp=3000 * number)
    missed = await player.next_rtp(96)
    return rtcp.build_nack(5, missed.ssrc, [missed.sequence])


async def test_a_calm_show_answers_checks_in_passing(http: httpx.AsyncClient, media: MediaServer) -> None:
    """No host's packet comes, nobody watches the socket, and yet each check is answered within some ticks."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        _, player = await calm_show(stack, http, relay)
        for _ in range(3):
            before, asked_s = relay.counters.totals["checks_answered"], time.monotonic()
            await player.send_check()
            assert relay.counters.totals["checks_answered"] == before + 1
            assert time.monotonic() - asked_s < 1.0
        assert not relay.is_busy


async def test_a_viewer_that_misses_a_packet_is_watched_from_then_on(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """The first request is answered in passing; for a while the others are read as they come."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        host, player = await calm_show(stack, http, relay)
        await player.send_rtcp(await miss_a_packet(host, player, 2))
        await until(lambda: relay.counters.totals["retransmissions"] == 1)
        assert relay.is_busy
        await until(lambda: not relay.is_busy, limit_s=CALM_WITHIN_S)


async def test_a_lost_packet_of_sound_that_nobody_repeats_ends_no_calm(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Browsers offer repeats of pictures only. It is counted when it is sure not to come."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        host, player = await calm_show(stack, http, relay)
        for number in (1, 2, 4):
            await host.send_audio(number, b"sound")
            await player.next_rtp(111)
        relay.tick(time.monotonic())
        assert not relay.is_busy
        await until(lambda: relay.counters.totals["packets_given_up"] == 1)
        assert not relay.is_busy


async def test_a_newcomer_ends_the_calm(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Handshakes are read as they come, and calm returns when they are over and there is a picture."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        host, _ = await calm_show(stack, http, relay)
        async with viewer(http) as newcomer:
            assert relay.is_busy
            await host.send_video(2, VP8_KEY, timestamp=3000)
            await newcomer.next_rtp(96)
            await until(lambda: not relay.is_busy, limit_s=CALM_WITHIN_S)


async def test_a_flood_is_watched(http: httpx.AsyncClient, media: MediaServer) -> None:
    """More than is read in passing ends the calm: what viewers say must not drown in it."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        _, player = await calm_show(stack, http, relay)
        before = relay.counters.drops["unknown_protocol"]
        # In one piece: nothing of it is read in between.
        flood(player, 4 * AT_ONCE)
        await until(lambda: relay.is_busy)
        await until(lambda: relay.counters.drops["unknown_protocol"] - before >= 3 * AT_ONCE)
        await player.send_check()


def flood(player: RawPeer, datagrams: int) -> None:
    """Send that many datagrams of no known kind."""
    for _ in range(datagrams):
        player.ice.send(b"\xff" * 40)


async def test_a_tick_that_fails_is_followed_by_others(
    media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in one show must not stop the clocks of all."""
    ticks = 0

    def failing(now_s: float) -> None:
        nonlocal ticks
        ticks += 1
        raise RuntimeError("a fault in a show")

    monkeypatch.setattr(media.inside.relay, "tick", failing)
    await until(lambda: ticks >= 3)


async def test_too_much_feedback_in_one_piece_is_not_read(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Each report of thousands of packets takes a millisecond; the rest of such a compound is passed over."""
    relay = media.inside.relay
    async with AsyncExitStack() as stack:
        _, player = await calm_show(stack, http, relay)
        report = pack("!BBHIIHHIHH", 0x8F, 205, 5, 5, 6, 1, 2048, 1 << 8, 2048, 0)
        await player.send_rtcp(report * (MAX_FEEDBACKS_PER_COMPOUND + 3))
        await until(lambda: relay.counters.drops["too_much_feedback"] == 3)


async def test_ticks_do_not_multiply(
    http: httpx.AsyncClient, media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read within a tick may hurry the next one; there is still one row of ticks afterwards."""
    relay = media.inside.relay
    ticks, tick = 0, relay.tick

    def counted(now_s: float) -> None:
        nonlocal ticks
        ticks += 1
        tick(now_s)

    monkeypatch.setattr(relay, "tick", counted)
    async with AsyncExitStack() as stack:
        host, player = await calm_show(stack, http, relay)
        for number in range(2, 5):
            request = await miss_a_packet(host, player, number)
            await until(lambda: not relay.is_busy, limit_s=CALM_WITHIN_S)
            # The host is silent: this is read by a tick.
            await player.send_rtcp(request)
            await until(lambda: relay.is_busy)
            await until(lambda: not relay.is_busy, limit_s=CALM_WITHIN_S)
        before, began_s = ticks, time.monotonic()
        await until(lambda: time.monotonic() - began_s > 0.6)
        assert (ticks - before) / (time.monotonic() - began_s) < 1.5 / (CALM_TICKS * TICK_S)
