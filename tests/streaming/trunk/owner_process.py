"""A media process with its leases in a Redis, to be killed: `python -m` this file REDIS_URL INDEX."""

import argparse
import asyncio
import json
from dataclasses import replace

import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streaming.owners_redis import RedisOwners
from tests.streaming.media_server import LOOPBACK, media_server


async def serve(redis_url: str, index: int) -> None:
    """Print where it is and serve until it is killed."""
    redis = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    async with (
        RedisOwners(redis, process=str(index), boot_id="to be killed") as owners,
        media_server(replace(LOOPBACK, index=index), owners) as server,
    ):
        print(json.dumps({"url": server.url, "candidates": server.candidates}), flush=True)  # noqa: T201 the protocol
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("redis_url")
    parser.add_argument("index", type=int)
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.redis_url, arguments.index))
