"""The room over real sockets, real Redis and real fronts."""

import asyncio

from redis.asyncio import Redis

from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Front, Shop, serving


async def test_a_comment_reaches_a_viewer_on_another_front(plain_redis: Redis, shop: Shop) -> None:
    """Two fronts on one Redis are one room."""
    async with (
        serving(plain_redis, shop, "front-0") as one,
        serving(plain_redis, shop, "front-1") as two,
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        assert (mei.hello["front"], lin.hello["front"]) == ("front-0", "front-1")
        said = await mei.comment("Which sizes?")
        await lin.until(lambda: said["id"] in lin.comments, within_s=1.0)
        assert lin.comments[said["id"]] == said
        await mei.until(lambda: said["id"] in mei.comments, within_s=1.0)
