"""A show on a running server, published and watched through its public doors by raw peers."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

import httpx

from benchmarks.relay.liveshop_server import open_shows
from streaming.rtp import rtcp
from tests.streaming.raw_peer import VP8_KEY, RawPeer, publisher, viewer

WISH_LIMIT_S = 600.0  # longer than any test; who wants nothing is sent nothing


def process_of(peer: RawPeer) -> int:
    """Which media process a session is at: its address says so."""
    return int(peer.location.split("/")[3].partition(".")[0])


class Air:
    """One show. `host` and `watch` connect through the front at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        [(self.show, self._key)] = open_shows(address, 1)

    @contextlib.asynccontextmanager
    async def host(self, query: str = "") -> AsyncIterator[RawPeer]:
        """Publish until the block is left."""
        headers = {"authorization": f"Bearer {self._key}"}
        async with (
            httpx.AsyncClient(base_url=self._address, headers=headers) as http,
            publisher(http, self.show, query=query) as peer,
        ):
            yield peer

    @contextlib.asynccontextmanager
    async def watch(self) -> AsyncIterator[RawPeer]:
        """Watch until the block is left."""
        async with httpx.AsyncClient(base_url=self._address) as http, viewer(http, self.show) as peer:
            yield peer


@contextlib.asynccontextmanager
async def answering(host: RawPeer) -> AsyncIterator[None]:
    """Send sound and a key frame, and both again for every wish, as a host does who hears them all."""

    async def send() -> None:
        for number in itertools.count():
            await host.send_audio(number & 0xFFFF, timestamp=number * 960)
            await host.send_video(number & 0xFFFF, VP8_KEY, timestamp=number * 1800)
            await host.next_rtcp(rtcp.KeyFrameWanted, limit_s=WISH_LIMIT_S)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await task
