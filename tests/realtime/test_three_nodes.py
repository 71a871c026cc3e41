"""The room on three primaries: wake-ups are sharded messages, from whichever node has the slot."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from commerce.clients_redis import on_primaries, open_client
from realtime.log.wake_cluster_redis import client_of
from realtime.settings import RoomSettings
from tests.fixtures_redis_many import ThreeNodes
from tests.realtime.checker import agree
from tests.realtime.client import RoomClient
from tests.realtime.company import company
from tests.realtime.stage import LEDGER, SHOW, Shop, serving

# Longer than any test: what arrives was woken for.
ONLY_WOKEN = RoomSettings(poll_ms=600_000)


@pytest.fixture
async def cluster(redis_three_nodes: ThreeNodes) -> AsyncIterator[Redis]:
    """Offer the client a front has."""
    client = open_client(redis_three_nodes.url)
    yield client
    await client.aclose()


async def test_two_fronts_hear_each_other_through_the_cluster(cluster: Redis) -> None:
    """A comment at one front is on the screen of the other, and a price from the shop's ledger on both."""
    shop = Shop(cluster)
    async with (
        serving(cluster, shop, "front-0", ONLY_WOKEN) as one,
        serving(cluster, shop, "front-1", ONLY_WOKEN) as other,
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(other.url, SHOW, "gu_lin") as lin,
    ):
        await mei.comment("from the first front")
        await lin.until(lambda: lin.texts() == ["from the first front"])
        await lin.comment("and from the second")
        await mei.until(lambda: mei.texts()[-1:] == ["and from the second"])
        await shop.enter("price", variant="va_1", price_minor=700, price_version=2)
        for viewer in (mei, lin):
            await viewer.until(lambda viewer=viewer: len(viewer.facts) == 1)  # type: ignore[misc]
            assert viewer.facts[0]["price_minor"] == 700


async def test_the_wake_up_client_of_a_node_leaves_no_connection_open(cluster: Any) -> None:
    """Closed with it is also what nobody was using: a subscription cancelled on its way puts it back."""
    await cluster.initialize()
    client = client_of(cluster.get_primaries()[0])
    await client.ping()
    pool: Any = client.connection_pool
    (connection,) = pool._available_connections
    assert connection.is_connected
    await client.aclose()
    assert not connection.is_connected


async def test_a_room_goes_on_when_its_slot_moves(cluster: Redis, redis_three_nodes: ThreeNodes) -> None:
    """Log, names and ledger are served from the other node; nobody is sent a snapshot."""
    shop = Shop(cluster)
    settings = RoomSettings(poll_ms=500)
    async with (
        serving(cluster, shop, settings=settings) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        await mei.comment("before")
        await mei.until(lambda: mei.texts() == ["before"])
        await shop.enter("price", variant="va_1", price_minor=700, price_version=2)
        await mei.until(lambda: len(mei.facts) == 1)
        for key in (f"{{show:{SHOW}}}:log", LEDGER):
            source = redis_three_nodes.owner(key)
            redis_three_nodes.move_slot(key, next(s for s in redis_three_nodes.servers if s is not source))
        await mei.comment("after")
        await shop.enter("price", variant="va_1", price_minor=600, price_version=3)
        await mei.until(lambda: mei.texts() == ["before", "after"] and len(mei.facts) == 2)
        assert mei.snapshots == 0


async def test_cut_wake_up_connections_of_all_nodes_lose_nothing(cluster: Redis) -> None:
    """Each node's own connection comes back."""
    shop = Shop(cluster)
    async with (
        serving(cluster, shop, settings=ONLY_WOKEN) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        for number in range(3):
            await on_primaries(cluster, "CLIENT", "KILL", "TYPE", "pubsub")
            await mei.comment(f"number {number}")
            await mei.until(lambda number=number: len(mei.texts()) == number + 1)  # type: ignore[misc]
        assert mei.texts() == ["number 0", "number 1", "number 2"]


async def test_four_fronts_agree_while_slots_move_and_wake_ups_are_cut(
    cluster: Redis, redis_three_nodes: ThreeNodes
) -> None:
    """Everything happens on every front; each client ends with what the log holds, each fact once."""
    settings = RoomSettings(poll_ms=500)
    async with company(cluster, cluster, settings, fronts_total=4) as everybody:
        await everybody.happen()
        await on_primaries(cluster, "CLIENT", "KILL", "TYPE", "pubsub")
        await everybody.happen()
        for key in (f"{{show:{SHOW}}}:log", LEDGER):
            source = redis_three_nodes.owner(key)
            redis_three_nodes.move_slot(key, next(s for s in redis_three_nodes.servers if s is not source))
        await everybody.happen()
        await agree(cluster, *everybody.all)
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]
