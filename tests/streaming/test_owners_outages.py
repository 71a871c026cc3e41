"""Redis goes away, hangs or loses what it held: the owners of shows keep them."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streaming.events import HostLive
from streaming.functions import carried_key, owner_key
from streaming.owners_redis import SIDE_BY_SIDE, RedisOwners
from streaming.ports import Ownership
from tests.streaming.test_owners_redis import away, events_of, heard, let_lapse, process
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
        await let_lapse(redis, "s1")
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
        assert not owners._outages.spared_s(monotonic())
        async with away(owners):
            await until(lambda: owners._outages.spared_s(monotonic()))


async def test_owners_renew_as_soon_as_redis_is_back(redis: Any) -> None:
    """Within a quarter of a second, not at the next full one."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        async with away(owners):
            await until(lambda: owners._outages.spared_s(monotonic()))
            await redis.hset(owner_key("s1"), "until_ms", "1")
        calls = heard(owners)
        await until(lambda: "media_1_renew" in calls, limit_s=0.6)
        assert int(await redis.hget(owner_key("s1"), "until_ms")) > 1


async def test_a_record_that_redis_lost_is_written_anew(redis: Any) -> None:
    """With the note of it; the owner keeps the show, its events are taken, and another process finds it."""
    async with process(redis, "0", "a") as owners, process(redis, "1", "b") as other:
        lost: list[str] = []
        owners.on_lost = lost.append
        await owners.claim("s1", publishing=True)
        before = await redis.hgetall(owner_key("s1"))
        await redis.delete(owner_key("s1"))
        await redis.delete(carried_key("0"))
        calls = heard(owners)
        await until(lambda: calls.count("media_1_renew") >= 2)
        after = await redis.hgetall(owner_key("s1"))
        assert int(after.pop(b"until_ms")) > int(before.pop(b"until_ms"))
        assert after == before
        assert (await owners.left_behind(), lost) == (["s1"], [])
        assert await other.claim("s1", publishing=False) == (Ownership.ELSEWHERE, "0")
        owners.announce(HostLive("s1", 5, "0", 1))
        assert await events_of(redis, "s1", 1) == [HostLive("s1", 5, "0", 1)]


async def test_a_lost_record_that_another_has_written_is_the_others(redis: Any) -> None:
    """A publisher came there before this process renewed."""
    async with process(redis, "0", "a") as owners, process(redis, "1", "b") as other:
        lost: list[str] = []
        owners.on_lost = lost.append
        await owners.claim("s1", publishing=True)
        await redis.delete(owner_key("s1"))
        await other.claim("s1", publishing=True)
        await until(lambda: lost)
        assert await redis.hget(owner_key("s1"), "process") == b"1"


async def test_older_processes_renew_as_they_did(redis: Any) -> None:
    """They do not say who they are: what Redis lost is gone, and nothing is written."""
    async with process(redis, "0", "a") as owners:
        assert await owners._call("media_1_renew", "s1", "1", "a", "3000") == 0
        assert await redis.exists(owner_key("s1")) == 0


async def test_a_record_that_cannot_be_renewed_holds_up_no_other(redis: Any) -> None:
    """Wherever it stands among them."""
    async with process(redis, "0", "a") as owners:
        for show in ("bad", "good"):
            await owners.claim(show, publishing=True)
        await redis.delete(owner_key("bad"))
        await redis.set(owner_key("bad"), "no record")
        for _ in range(2):
            await redis.hset(owner_key("good"), "until_ms", "1")
            calls = heard(owners)
            await until(lambda: "media_1_renew" in calls)  # noqa: B023 - it is waited for here
            assert int(await redis.hget(owner_key("good"), "until_ms")) > 1


class Hanging:
    """A Redis that takes commands and answers nothing; how many wait, and how many have ever come."""

    def __init__(self) -> None:
        self.waiting = self.most_waiting = self.total = 0

    async def execute_command(self, *_: object) -> None:
        """Take a command."""
        self.total += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1


async def test_a_redis_that_hangs_costs_one_time_limit_a_round(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one for each show; a bounded number is asked for at a time, in the next round others first."""
    owners, hanging = RedisOwners(redis, process="0", boot_id="a"), Hanging()
    for number in range(2 * SIDE_BY_SIDE):
        await owners.claim(f"s{number}", publishing=True)
    working, owners._redis = owners._redis, hanging
    with monkeypatch.context() as impatient:
        impatient.setattr("streaming.owners_redis.ANSWER_LIMIT_S", 0.1)
        for number in (1, 2):
            assert not await owners._renew_all()
            assert (hanging.total, hanging.most_waiting) == (number * SIDE_BY_SIDE, SIDE_BY_SIDE)
    assert all(lease.has_failed for lease in owners._leases.values())
    owners._redis, calls = working, heard(owners)
    assert await owners._renew_all()
    assert calls == ["media_1_renew"] * 2 * SIDE_BY_SIDE
    assert not any(lease.has_failed for lease in owners._leases.values())


class Refusing:
    """A Redis that nobody can connect to; how often it was tried."""

    def __init__(self) -> None:
        self.total = 0

    async def execute_command(self, *_: object) -> None:
        """Refuse."""
        self.total += 1
        raise ConnectionError("nobody there")


async def test_while_redis_refuses_few_leases_are_tried(redis: Any) -> None:
    """Four times a second it is looked for, not with every show."""
    owners = RedisOwners(redis, process="0", boot_id="a")
    for number in range(2 * SIDE_BY_SIDE):
        await owners.claim(f"s{number}", publishing=True)
    owners._redis = refusing = Refusing()
    assert not await owners._renew_all()
    assert refusing.total == SIDE_BY_SIDE
