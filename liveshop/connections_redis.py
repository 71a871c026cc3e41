"""Connections to Redis as this server wants them: retries off, so that no write is ever sent twice.

redis-py 8 repeats commands after a lost answer, executed or not. Reading code that wants to try again does so
itself. Connections are bounded; in a rush commands wait for one, where redis-py's own pool would refuse them.
"""

import asyncio

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0
LOOK_AGAIN_S = 0.02


def open_redis(url: str, *, max_connections: int = 100, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> Redis:
    """Open a client that answers bytes; nothing is connected until the first command."""
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=answer_timeout_s,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        max_connections=max_connections,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=answer_timeout_s,
        health_check_interval=0,
    )
    client: Redis = Redis.from_pool(pool)
    return client


async def redis_answers(url: str) -> bool:
    """Whether Redis has loaded its files and answers."""
    client = open_redis(url, max_connections=1)
    try:
        return bool(await client.ping())
    except (BusyLoadingError, RedisError, OSError):
        return False
    finally:
        await client.aclose()


async def wait_for_redis(url: str) -> None:
    """Return when Redis answers; the caller sets the limit."""
    while not await redis_answers(url):  # noqa: ASYNC110 - another program is awaited
        await asyncio.sleep(LOOK_AGAIN_S)
