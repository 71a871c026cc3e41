"""Two fronts with people in them."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.realtime.client import RoomClient
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW, Shop, two_fronts


@pytest.fixture
async def two(plain_redis: Redis, shop: Shop) -> AsyncIterator[Two]:
    """Offer two fronts with people in them."""
    async with (
        two_fronts(plain_redis, shop) as (one, other),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(one.url, SHOW, "gu_lin") as lin,
        RoomClient(other.url, SHOW, "ac_mod") as mod,
    ):
        yield Two(one, other, mei, lin, mod)
