"""Viewers of one show spread over the media processes of a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.liveshop.running_server import RunningServer, running
from tests.liveshop.shows_on_air import Air, process_of
from tests.streaming.raw_peer import VP8_KEY, RawPeer
from tests.streaming.waiting import until

pytestmark = pytest.mark.alone

MEDIA = {"LIVESHOP_MEDIAS": "2", "LIVESHOP_SPREAD_SESSIONS": "2", "LIVESHOP_PUBLIC_IP": "127.0.0.1"}


@contextlib.asynccontextmanager
async def sending(host: RawPeer) -> AsyncIterator[None]:
    """Send a key frame and some sound again and again, as a host does who hears every wish."""

    async def send() -> None:
        number = 0
        while True:
            await host.send_audio(number & 0xFFFF, timestamp=number * 960)
            await host.send_video(number & 0xFFFF, VP8_KEY, timestamp=number * 1800)
            number += 1
            await asyncio.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await task


def gauge(server: RunningServer, process: str, name: str) -> float:
    """Read a media process's figure."""
    lines = server.inside(process, "/metrics").decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"streaming_{name} ")), -1.0)


async def test_viewers_are_spread_and_survive_the_owners_death(tmp_path: Path) -> None:
    """Host and viewer fill the owner; the next viewer watches a copy, also after `kill -9` of the owner."""
    with running(tmp_path / "data", **MEDIA) as server:
        air = await asyncio.to_thread(Air, server.address)
        async with contextlib.AsyncExitStack() as stack:
            host = await stack.enter_async_context(air.host())
            moving = await stack.enter_async_context(contextlib.AsyncExitStack())
            await moving.enter_async_context(sending(host))
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
            again = await stack.enter_async_context(returning(air))
            far.packets.clear()
            async with sending(again):
                assert (await far.next_rtp(96, limit_s=10)).payload == VP8_KEY


@contextlib.asynccontextmanager
async def returning(air: Air) -> AsyncIterator[RawPeer]:
    """Publish again as soon as somebody takes it, as the studio does."""
    found: list[RawPeer] = []
    async with contextlib.AsyncExitStack() as stack:

        async def post() -> None:
            while not found:
                try:
                    found.append(await stack.enter_async_context(air.host("?takeover=1")))
                except (AssertionError, httpx.HTTPError, TimeoutError):
                    await asyncio.sleep(0.2)

        posting = asyncio.create_task(post())
        await until(lambda: found, limit_s=15)
        await posting
        yield found[0]
