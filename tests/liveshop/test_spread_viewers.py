"""Viewers of one show spread over the media processes of a real server."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from streaming.events import stream_key
from tests.liveshop.running_server import RunningServer, running
from tests.liveshop.shows_on_air import Air, answering, process_of
from tests.streaming.raw_peer import VP8_KEY

pytestmark = pytest.mark.alone

MEDIA = {"LIVESHOP_MEDIAS": "2", "LIVESHOP_SPREAD_SESSIONS": "2", "LIVESHOP_PUBLIC_IP": "127.0.0.1"}
MOVED_LIMIT_S = 15.0


def gauge(server: RunningServer, process: str, name: str) -> float:
    """Read a media process's figure."""
    lines = server.inside(process, "/metrics").decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"streaming_{name} ")), -1.0)


async def moved(server: RunningServer, show: str) -> None:
    """Return once the room is told that the show's media has moved; players and studios post again then."""
    redis: Any = Redis.from_url(server.redis_url())
    async with redis, asyncio.timeout(MOVED_LIMIT_S):
        last, kinds = b"0-0", set[bytes]()
        while b"media_moved" not in kinds:
            for _, entries in await redis.xread({stream_key(show): last}, block=1000):
                last, kinds = entries[-1][0], kinds | {fields[b"kind"] for _, fields in entries}


async def test_viewers_are_spread_and_survive_the_owners_death(tmp_path: Path) -> None:
    """Host and viewer fill the owner; the next viewer watches a copy, also after `kill -9` of the owner."""
    with running(tmp_path / "data", **MEDIA) as server:
        air = await asyncio.to_thread(Air, server.address)
        async with contextlib.AsyncExitStack() as stack:
            host = await stack.enter_async_context(air.host())
            moving = await stack.enter_async_context(contextlib.AsyncExitStack())
            await moving.enter_async_context(answering(host))
            owner = process_of(host)
            near = await stack.enter_async_context(air.watch())
            far = await stack.enter_async_context(air.watch())
            assert (process_of(near), process_of(far)) == (owner, 1 - owner)
            for player in (near, far):
                assert (await player.next_rtp(96)).payload == VP8_KEY
            assert gauge(server, f"media-{owner}", "trunks") == 1
            assert gauge(server, f"media-{1 - owner}", "edges") == 1
            server.kill(f"media-{owner}")
            await moving.aclose()
            await moved(server, air.show)
            again = await stack.enter_async_context(air.host("?takeover=1"))
            far.packets.clear()
            async with answering(again):
                assert (await far.next_rtp(96, limit_s=10)).payload == VP8_KEY
