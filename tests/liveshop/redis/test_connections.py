"""Connections to Redis in a rush."""

import asyncio
from typing import Any

import pytest

from commerce.sale.calls_redis import write_client
from liveshop.redis.connections_redis import open_redis


@pytest.mark.parametrize("make", [open_redis, write_client])
async def test_in_a_rush_commands_wait_for_a_connection(make: Any, redis_plain_url: str) -> None:
    """A few hundred at once over two: each is answered, where redis-py's own pool would refuse most."""
    client = make(redis_plain_url, max_connections=2)
    try:
        answers = await asyncio.gather(*(client.echo(f"{number}") for number in range(300)))
        assert answers == [f"{number}".encode() for number in range(300)]
        assert len(await client.client_list()) < 50, "the bound is a bound"
    finally:
        await client.aclose()


@pytest.mark.parametrize("make", [open_redis, write_client])
async def test_who_gives_up_waiting_leaves_the_others_their_turn(make: Any, redis_plain_url: str) -> None:
    """A cancelled command takes no connection with it."""
    client = make(redis_plain_url, max_connections=1)
    try:
        waiting = [asyncio.create_task(client.echo(f"{number}")) for number in range(50)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [one for one in answers if isinstance(one, bytes)] == [b"%d" % n for n in range(1, 50, 2)]
        assert await client.echo("still there") == b"still there"
    finally:
        await client.aclose()
