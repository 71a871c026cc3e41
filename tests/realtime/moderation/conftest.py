"""Two fronts with people in them."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.realtime.client import RoomClient
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW, Shop, serving


@pytest.fixture
async def two(plain_redis: Redis, shop: Shop) -> AsyncIterator[Two]:
    """Offer two fronts with people in them."""
    async with (
        serving(plain_redis, shop, "front-0") as one,
        serving(plain_redis, shop, "front-1") as other,
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(one.url, SHOW, "gu_lin") as lin,
        RoomClient(other.url, SHOW, "ac_mod") as mod,
    ):
        yield Two(one, other, mei, lin, mod)
