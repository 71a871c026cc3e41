"""A shop, and fronts that serve its room."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from realtime.store_redis import RoomStore
from tests.realtime.stage import SHOW, Front, Shop, redis_of, serving


@pytest.fixture
async def plain_redis(redis_plain_url: str) -> AsyncIterator[Redis]:
    """Offer a client of a plain, empty Redis."""
    client = redis_of(redis_plain_url)
    yield client
    await client.aclose()


@pytest.fixture
def shop(plain_redis: Redis) -> Shop:
    """Offer a shop with one live show."""
    return Shop(plain_redis)


@pytest.fixture
async def front(plain_redis: Redis, shop: Shop) -> AsyncIterator[Front]:
    """Offer one running front."""
    async with serving(plain_redis, shop) as one:
        yield one


@pytest.fixture
async def store(redis_client: Redis) -> RoomStore:
    """Offer the room's store over both kinds of Redis, with an open log."""
    numbers = iter(range(1_000_000))
    room = RoomStore(redis_client, lambda: f"seed-{next(numbers)}", 1000)
    await room.load()
    await room.open(SHOW, {})
    return room
