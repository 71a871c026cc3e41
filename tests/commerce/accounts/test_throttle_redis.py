"""The throttle, on a plain Redis and on a cluster."""

from typing import Any

import pytest
from redis.asyncio import Redis

from commerce.accounts.throttle_redis import Allowance, Throttle
from commerce.errors import TooManyAttempts
from commerce.ids import new_id

SLOW = Allowance("slow", 3, 60_000)
QUICK = Allowance("quick", 1, 1)


async def test_a_burst_passes_and_then_one_per_interval(redis_client: Redis) -> None:
    """The fourth of three is told how long to wait; a refusal does not make the wait longer."""
    throttle = Throttle(redis_client, new_id)
    for _ in range(3):
        await throttle.take(SLOW, "mei")
    waits = []
    for _ in range(3):
        with pytest.raises(TooManyAttempts) as caught:
            await throttle.take(SLOW, "mei")
        waits.append(caught.value.retry_after_s or 0.0)
    assert 0 < waits[-1] <= waits[0] <= 60


async def test_subjects_and_allowances_do_not_share(redis_client: Redis) -> None:
    """Somebody else, or another kind of attempt, has a count of its own; clearing forgets one subject."""
    throttle = Throttle(redis_client, new_id)
    for _ in range(3):
        await throttle.take(SLOW, "mei")
    await throttle.take(SLOW, "lin")
    await throttle.take(Allowance("other", 3, 60_000), "mei")
    with pytest.raises(TooManyAttempts):
        await throttle.take(SLOW, "mei")
    await throttle.clear(SLOW, "mei")
    await throttle.take(SLOW, "mei")


async def test_the_same_attempt_counts_once(redis_client: Redis) -> None:
    """A call whose answer was swallowed may be sent again with its id."""
    throttle = Throttle(redis_client, lambda _prefix: "at_same")
    for _ in range(10):
        await throttle.take(SLOW, "mei")
    other = Throttle(redis_client, new_id)
    for _ in range(2):
        await other.take(SLOW, "mei")
    with pytest.raises(TooManyAttempts):
        await other.take(SLOW, "mei")


async def test_old_subjects_are_forgotten(redis_client: Redis) -> None:
    """Each call removes up to four whose time has passed, so the hash cannot grow for ever."""
    throttle = Throttle(redis_client, new_id)
    for number in range(20):
        await throttle.take(QUICK, f"visitor-{number}")
    await throttle.take(SLOW, "mei")
    limit = 200
    while await redis_client.hlen("{server}:throttle") > 2 and limit:
        await throttle.take(Allowance("slow", 1000, 60_000), "mei")
        limit -= 1
    assert await redis_client.hlen("{server}:throttle") <= 2
    assert await redis_client.hexists("{server}:throttle", "slow:mei")


async def test_a_library_that_was_flushed_is_loaded_again(redis_client: Redis) -> None:
    """Functions that are missing cost one more call, not a fault."""
    throttle = Throttle(redis_client, new_id)
    await throttle.take(SLOW, "mei")
    anything: Any = redis_client  # the client's own types leave this command out
    await anything.execute_command("FUNCTION FLUSH")
    await throttle.take(SLOW, "mei")
    assert await redis_client.hexists("{server}:throttle", "slow:mei")
