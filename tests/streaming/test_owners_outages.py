"""Redis goes away, hangs or loses what it held: the owners of shows keep them."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streaming.functions import owner_key
from streaming.owners_redis import RedisOwners
from streaming.ports import Ownership
from tests.streaming.test_owners_redis import away, heard, process
from tests.waiting import until


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


async def test_after_an_outage_a_lapsed_lease_is_left_to_its_owner(redis: Any) -> None:
    """A viewer at another process moves nothing before the owner has had time to renew; a publisher does."""
    owner = RedisOwners(redis, process="0", boot_id="a")
    await owner.claim("s1", publishing=True)
    async with process(redis, "1", "b") as other:
        async with away(other):
            assert (await other.claim("s1", publishing=False))[0] is Ownership.UNKNOWN
        await redis.hset(owner_key("s1"), "until_ms", "1")
        before = await redis.hgetall(owner_key("s1"))
        for _ in range(2):
            assert await other.claim("s1", publishing=False) == (Ownership.ELSEWHERE, "0")
        assert await redis.hgetall(owner_key("s1")) == before
        assert await other.claim("s1", publishing=True) == (Ownership.MOVED, "1")


async def test_after_an_outage_what_was_given_back_is_free(redis: Any) -> None:
    """Its owner has said that it renews no more."""
    async with process(redis, "0", "a") as owner:
        await owner.claim("s1", publishing=True)
    async with process(redis, "1", "b") as other:
        async with away(other):
            await other.claim("s1", publishing=False)
        assert await other.claim("s1", publishing=False) == (Ownership.MOVED, "1")


async def test_a_process_without_shows_sees_an_outage_too(redis: Any) -> None:
    """It looks once a second whether Redis is there."""
    async with process(redis, "0", "a") as owners:
        assert not owners._outages.is_recent(monotonic())
        async with away(owners):
            await until(lambda: owners._outages.is_recent(monotonic()))


async def test_owners_renew_as_soon_as_redis_is_back(redis: Any) -> None:
    """Within a quarter of a second, not at the next full one."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        async with away(owners):
            await until(lambda: owners._outages.is_recent(monotonic()))
            await redis.hset(owner_key("s1"), "until_ms", "1")
        calls = heard(owners)
        await until(lambda: "media_1_renew" in calls, limit_s=0.6)
        assert int(await redis.hget(owner_key("s1"), "until_ms")) > 1
