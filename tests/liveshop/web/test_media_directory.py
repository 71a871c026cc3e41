"""Which media process owns a show, also while Redis is away."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from liveshop.web.media_client import MediaClient
from liveshop.web.media_directory_redis import MediaDirectoryRedis
from streaming.functions import owner_key


@pytest.fixture
async def redis(redis_plain_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_plain_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


@pytest.fixture
async def nowhere() -> AsyncIterator[Any]:
    """A client of a Redis that is away."""
    client = Redis.from_url("unix:///no.sock", retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


@pytest.fixture
def directory(redis: Any) -> MediaDirectoryRedis:
    """A front's directory."""
    return MediaDirectoryRedis(redis, MediaClient(), lambda: 0.0, lambda: "grant")


async def test_while_redis_is_away_the_last_owner_is_told(
    directory: MediaDirectoryRedis, redis: Any, nowhere: Any
) -> None:
    """As it was read last; of a show that nobody asked about nothing is known."""
    for index in (1, 2):
        await redis.hset(owner_key("s1"), "process", index)
        assert await directory.owner("s1") == index
    directory._redis = nowhere
    assert [await directory.owner(show) for show in ("s1", "s1", "s2")] == [2, 2, None]
    directory._redis = redis
    await redis.hset(owner_key("s1"), "process", 3)
    assert await directory.owner("s1") == 3


async def test_a_show_that_has_no_owner_any_more_is_forgotten(
    directory: MediaDirectoryRedis, redis: Any, nowhere: Any
) -> None:
    """Redis has said so before it went away."""
    await redis.hset(owner_key("s1"), "process", 1)
    assert await directory.owner("s1") == 1
    await redis.delete(owner_key("s1"))
    assert await directory.owner("s1") is None
    directory._redis = nowhere
    assert await directory.owner("s1") is None


async def test_only_the_shows_asked_for_latest_are_remembered(
    directory: MediaDirectoryRedis, redis: Any, nowhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is thousands; here it is two."""
    monkeypatch.setattr("liveshop.web.media_directory_redis.OWNERS_KEPT", 2)
    for index, show in enumerate(("s0", "s1", "s2")):
        await redis.hset(owner_key(show), "process", index)
    for show in ("s0", "s1", "s0", "s2"):
        await directory.owner(show)
    directory._redis = nowhere
    assert [await directory.owner(show) for show in ("s0", "s1", "s2")] == [0, None, 2]
