"""A ban closes a person's sockets and pictures everywhere, within a second: real fronts, real media."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.liveshop.running_server import running
from tests.liveshop.shows_on_air import answering
from tests.realtime.client import RoomClient, new_key
from tests.story.market import PASSWORD, Api, Market, open_market
from tests.streaming.raw_peer import VP8, RawPeer, publisher, viewer

pytestmark = pytest.mark.alone

FOUR_FRONTS = {
    "LIVESHOP_FRONTS": "4",
    "LIVESHOP_MEDIAS": "2",
    "LIVESHOP_SPREAD_SESSIONS": "2",
    "LIVESHOP_PUBLIC_IP": "127.0.0.1",
}
SOCKETS = 10
LIMIT_S = 1.0
Record = Callable[[str, object], None]


class Watcher:
    """One person in the room with many sockets and two pictures."""

    def __init__(self, market: Market, api: Api) -> None:
        self._market = market
        self._api = api
        self.rooms: list[RoomClient] = []
        self.pictures: list[RawPeer] = []

    async def enter(self, stack: contextlib.AsyncExitStack, sockets: int, pictures: int) -> None:
        """Open the sockets, and watch with the hello's own token."""
        url = self._market.address.replace("http", "ws", 1)
        for _ in range(sockets):
            room = RoomClient(url, self._market.show, self._api.token)
            self.rooms.append(await stack.enter_async_context(room))
        headers = {"authorization": f"Bearer {self.rooms[0].hello['whep']['token']}"}
        http = httpx.AsyncClient(base_url=self._market.address, headers=headers)
        await stack.enter_async_context(http)
        for _ in range(pictures):
            self.pictures.append(await stack.enter_async_context(viewer(http, self._market.show)))

    async def until_out(self) -> tuple[list[int], float]:
        """Wait until the last socket and the last picture are gone; returns close codes and seconds."""
        began_s = time.monotonic()
        rooms = asyncio.gather(*(room.until_closed() for room in self.rooms))
        await asyncio.gather(*(picture.wait_closed() for picture in self.pictures))
        codes = await rooms
        return list(codes), time.monotonic() - began_s


async def _session(market: Market, **body: str) -> Api:
    return await Api(market.address).enter("/session", dict(body))


async def _on_air(stack: contextlib.AsyncExitStack, market: Market) -> None:
    key = await market.owner.call("GET", f"/shows/{market.show}/stream-key")
    headers = {"authorization": f"Bearer {key['key']}"}
    http = httpx.AsyncClient(base_url=market.address, headers=headers)
    await stack.enter_async_context(http)
    host = await stack.enter_async_context(publisher(http, market.show))
    await stack.enter_async_context(answering(host))


async def test_a_ban_closes_sockets_on_every_front_and_pictures_on_every_media_process(
    tmp_path: Path, record_property: Record
) -> None:
    """Within a second, and nobody else is touched; who was banned gets neither in again."""
    with running(tmp_path / "data", **FOUR_FRONTS) as server:
        market = await open_market(server.address)
        await market.owner.call("POST", f"/shows/{market.show}/start")
        async with contextlib.AsyncExitStack() as stack:
            apis = [
                await _session(market, guest_name="Spam"),
                await _session(market, guest_name="Lin"),
                await _session(market, email=market.moderator.email, password=PASSWORD),
            ]
            await _on_air(stack, market)
            spam, lin, mod = (Watcher(market, api) for api in apis)
            await spam.enter(stack, SOCKETS, 3)
            await lin.enter(stack, 1, 1)
            await mod.enter(stack, 1, 0)
            fronts = {room.hello["front"] for room in spam.rooms}
            medias = {picture.location.split("/")[3].partition(".")[0] for picture in spam.pictures}
            assert (len(fronts) >= 2, len(medias)) == (True, 2)
            banning = mod.rooms[0].ask("ban", person=apis[0].person["id"], reason="spam", key=new_key())
            (codes, took_s), _ = await asyncio.gather(spam.until_out(), banning)
            record_property("ban_everywhere_s", round(took_s, 3))
            record_property("fronts", len(fronts))
            assert set(codes) == {4503}
            assert took_s < LIMIT_S
            assert lin.rooms[0].close_code is None
            assert not lin.pictures[0].closed_by_server
            token = spam.rooms[0].hello["whep"]["token"]
            async with httpx.AsyncClient(
                base_url=market.address, headers={"authorization": f"Bearer {token}"}
            ) as http:
                refused = await RawPeer("recvonly", (VP8,)).post(http, f"/whep/{market.show}")
            assert (refused.status_code, refused.json()["code"]) == (403, "banned")
