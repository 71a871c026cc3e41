"""Redis goes away and comes back while a show is copied: whoever gets its packets keeps them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from streaming.functions import owner_key
from streaming.ports import Ownership
from tests.streaming.raw_peer import RawPeer, publisher, viewer
from tests.streaming.test_owners_redis import away, heard, let_lapse
from tests.streaming.trunk.test_copies import begin, copy_of, flows
from tests.streaming.trunk.two_processes import Place, two_processes
from tests.waiting import until


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
        await let_lapse(redis, "s1")
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
            await let_lapse(redis, "s1")
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


async def test_a_trunk_that_ends_while_redis_is_away_is_begun_anew(redis: Any) -> None:
    """The last owner known is asked; it says no if it is not the owner any more."""
    async with copied(redis) as (owner, edge, host, player), away(edge.owners):
        former = copy_of(edge).publisher
        owner.relay.trunks.close("s1", "shutdown")
        await until(lambda: copy_of(edge).publisher is not former and flows(edge))
        assert await goes_on(host, player)


async def test_an_edge_that_ended_while_it_asked_does_nothing_more(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cancellation was lost in a call of Redis; the show's next edge keeps its trunk."""
    asks, go_on = asyncio.Event(), asyncio.Event()
    async with two_processes(redis) as (owner, edge), publisher(owner.http) as host:
        await host.send_audio(999)
        claim = edge.owners.claim

        async def deaf(show: str, *, publishing: bool) -> tuple[Ownership, str]:
            if asyncio.current_task() is follower:
                asks.set()
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
                await go_on.wait()
            return await claim(show, publishing=publishing)

        monkeypatch.setattr("streaming.trunk.edge.IDLE_LIMIT_S", 0.1)
        async with viewer(edge.http):
            await begin(host, edge)
            follower = edge.relay.edges._edges["s1"].task
            assert follower is not None
            monkeypatch.setattr(edge.owners, "claim", deaf)
            owner.relay.trunks.close("s1", "shutdown")
            await asks.wait()
        await until(lambda: edge.relay.gauges()["edges"] == 0)
        async with viewer(edge.http) as second:
            await until(lambda: flows(edge))
            go_on.set()
            await asyncio.wait([follower], timeout=5)
            assert follower.done()
            assert len(edge.siblings.asked) == 2
            assert await goes_on(host, second)
        assert owner.relay.counters.totals["sessions_closed_trunk_replaced"] == 0


async def test_an_owner_who_ends_each_trunk_is_not_asked_all_the_time(redis: Any) -> None:
    """Twice a second at most: another process under this one's number may be after the same show."""
    async with copied(redis) as (owner, edge, _, _player):
        asked_s: list[float] = []
        ask = edge.siblings.ask

        async def noticed(process: str, path: str, grant: str, body: bytes) -> bytes:
            asked_s.append(monotonic())
            return await ask(process, path, grant, body)

        edge.siblings.ask = noticed  # type: ignore[method-assign] # to hear of it
        for _ in range(3):
            former = copy_of(edge).publisher
            owner.relay.trunks.close("s1", "trunk_replaced")
            await until(lambda: copy_of(edge).publisher is not former and flows(edge))  # noqa: B023
        assert len(asked_s) == 3
        assert all(later - before > 0.45 for before, later in pairwise(asked_s))
