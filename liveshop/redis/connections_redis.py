"""Connections to Redis as this server wants them: retries off, so that no write is ever sent twice.

What they are is `commerce.clients_redis`; here is how this server waits for a Redis that is starting.
"""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import BusyLoadingError, RedisError

from commerce.clients_redis import ANSWER_TIMEOUT_S, open_client

LOOK_AGAIN_S = 0.02


def open_redis(url: str, *, max_connections: int = 100, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> Redis:
    """Open a client that answers bytes; nothing is connected until the first command."""
    return open_client(url, max_connections=max_connections, answer_timeout_s=answer_timeout_s)


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
