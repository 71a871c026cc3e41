"""Redis goes away and comes back while a show is copied: whoever gets its packets keeps them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streaming.functions import owner_key
from tests.streaming.raw_peer import RawPeer, publisher, viewer
from tests.streaming.test_owners_redis import away, heard
from tests.streaming.trunk.test_copies import begin
from tests.streaming.trunk.two_processes import Place, two_processes
from tests.waiting import until


@pytest.fixture
async def redis(redis_plain_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_plain_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


@asynccontextmanager
async def copied(redis: Any) -> AsyncIterator[tuple[Place, Place, RawPeer, RawPeer]]:
    """A show that flows to a viewer at a copy: owner, edge, host and viewer."""
    async with two_processes(redis) as (owner, edge), publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            yield owner, edge, host, player


async def goes_on(host: RawPeer, *players: RawPeer) -> bool:
    """Whether what the host sends now reaches everybody."""
    await host.send_audio(2000, b"still here")
    for player in players:
        while (await player.next_rtp(111)).payload != b"still here":
            pass
    return True


async def test_viewers_of_a_copy_that_flows_cost_no_question_to_redis(redis: Any) -> None:
    """Its owner says in time when the show goes elsewhere."""
    async with copied(redis) as (_, edge, host, player):
        calls = heard(edge.owners)
        async with viewer(edge.http) as second, viewer(edge.http) as third:
            assert await goes_on(host, player, second, third)
        assert calls == []


async def test_an_owner_who_cannot_reach_redis_keeps_its_show(redis: Any) -> None:
    """Its lease has lapsed, but its packets come: a newcomer at the copy gets them too."""
    async with copied(redis) as (owner, edge, host, player), away(owner.owners):
        await redis.hset(owner_key("s1"), "until_ms", "1")
        async with viewer(edge.http) as newcomer:
            assert await goes_on(host, player, newcomer)
        assert (owner.relay.gauges()["publishers"], edge.relay.gauges()["edges"]) == (1, 1)
        assert await redis.hget(owner_key("s1"), "process") == b"0"


async def test_after_an_outage_a_newcomer_elsewhere_takes_no_running_show(redis: Any) -> None:
    """Also at a process that has no copy yet: it takes one of the owner, whose lease has lapsed."""
    async with two_processes(redis) as (owner, edge), publisher(owner.http) as host:
        await host.send_audio(999)
        async with away(owner.owners):
            async with away(edge.owners):
                refused = await RawPeer("recvonly", []).post(edge.http, "/whep/s1")
                assert refused.json()["code"] == "owner_unknown"
            await redis.hset(owner_key("s1"), "until_ms", "1")
            async with viewer(edge.http) as newcomer:
                await begin(host, edge)
                assert await goes_on(host, newcomer)
        assert (owner.relay.gauges()["publishers"], edge.relay.gauges()["edges"]) == (1, 1)


async def test_a_show_that_ends_is_over_at_a_copy_that_flows(redis: Any) -> None:
    """The owner was told, the other process not: the goodbye over the trunk leads to the question."""
    async with copied(redis) as (owner, edge, _, player):
        await owner.relay.end_show("s1")
        await player.wait_closed()
        answer = await RawPeer("recvonly", []).post(edge.http, "/whep/s1")
        assert (answer.status_code, edge.relay.gauges()["edges"]) == (409, 0)


async def test_a_redis_that_comes_back_empty_closes_nobody(redis: Any) -> None:
    """The owner writes its record anew; host, viewers and copy stay."""
    async with copied(redis) as (owner, _, host, player), viewer(owner.http) as second:
        await redis.flushall()
        calls = heard(owner.owners)
        await until(lambda: calls.count("media_1_renew") >= 2)
        assert await goes_on(host, player, second)
        assert owner.relay.counters.totals["shows_lost"] == 0
        assert await redis.hget(owner_key("s1"), "process") == b"0"
