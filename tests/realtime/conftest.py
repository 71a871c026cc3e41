"""A shop, and fronts that serve its room."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from realtime.store.store_redis import RoomStore
from tests.realtime.kept_redis import KeptRedis
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


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Offer a folder whose path fits a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="ls-room-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def kept(short_folder: Path) -> AsyncIterator[KeptRedis]:
    """Offer a durable Redis of one's own."""
    server = KeptRedis(short_folder)
    await server.start()
    yield server
    server.end()
