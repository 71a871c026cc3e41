"""The sale on three primaries: slots that move, libraries that are missing, nodes that are down."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis import exceptions

from commerce.clients_redis import OnceCluster, on_primaries, together
from commerce.errors import Busy
from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.functions import LIBRARY
from commerce.sale.keys import key_of
from commerce.sale.types import Line, Reservation, ReserveRequest
from tests.commerce.sale.a_shop import ANA, MUG, SHOP, Shop
from tests.fixtures_redis_many import ThreeNodes

SHOPS = [f"sp_shop{number}" for number in range(12)]
UNITS = 1_000


@pytest.fixture
async def engine(redis_three_nodes: ThreeNodes) -> AsyncIterator[SaleEngine]:
    """Open an engine on the cluster, as the server does."""
    engine = SaleEngine(write_client(redis_three_nodes.url), sharded_wake=True)
    yield engine
    await engine.redis.aclose()


async def stock(engine: SaleEngine, shop: str, quantity: int = UNITS) -> None:
    """Put mugs with a price into a shop."""
    await engine.price_put(
        shop, operation="ob_price", variant=MUG, product="pr_mug", price_minor=100, version=1
    )
    await engine.restock(shop, operation="ob_stock", variant=MUG, quantity=quantity, opens_pool=True)


def request(number: int) -> ReserveRequest:
    """Make one buyer's request; the same number is the same request."""
    return ReserveRequest(f"ac_{number}", f"key-{number}", f"rs_{number}", (Line(MUG, 1, 1),))


async def test_shops_are_spread_over_the_nodes_and_each_sells(
    engine: SaleEngine, redis_three_nodes: ThreeNodes
) -> None:
    """All of a shop's keys are on one node; a rush over all shops at once is answered."""
    for shop in SHOPS:
        await stock(engine, shop)
    owners = {redis_three_nodes.owner(key_of(shop, "pools")).port for shop in SHOPS}
    assert owners == {server.port for server in redis_three_nodes.servers}
    answers = await asyncio.gather(
        *(engine.reserve_many(shop, [request(n) for n in range(50)]) for shop in SHOPS)
    )
    assert all(isinstance(one, Reservation) for answer in answers for one in answer)
    for shop in SHOPS:
        audit = await engine.audit(shop)
        assert audit.sound
        assert audit.pools[0].counters.held == 50


async def test_a_library_missing_on_one_primary_is_loaded_by_the_call(
    engine: SaleEngine, redis_three_nodes: ThreeNodes
) -> None:
    """A primary that joined, or was emptied, serves with the next call; every primary has it afterwards."""
    await engine.load()
    await stock(engine, SHOP)
    redis_three_nodes.owner(key_of(SHOP, "pools")).command("FUNCTION", "DELETE", LIBRARY)
    await engine.reserve_many(SHOP, [request(1)])
    listed = await on_primaries(engine.redis, "FUNCTION LIST")
    assert len(listed) == 3
    assert all(LIBRARY in repr(one) for one in listed.values())


async def test_a_slot_that_moves_under_load_sells_nothing_twice(
    engine: SaleEngine, redis_three_nodes: ThreeNodes
) -> None:
    """MOVED is followed, since nothing ran; whoever got no answer asks again with the same key."""
    await stock(engine, SHOP)
    source = redis_three_nodes.owner(key_of(SHOP, "pools"))
    target = next(one for one in redis_three_nodes.servers if one is not source)
    await on_primaries(engine.redis, "PING")
    told: set[str] = set()

    async def buy(first: int) -> None:
        for number in range(first, first + 60):
            while True:
                try:
                    (answer,) = await engine.reserve_many(SHOP, [request(number)])
                except Busy:
                    continue
                assert isinstance(answer, Reservation), answer
                told.add(answer.id)
                break

    buying = [asyncio.create_task(buy(first)) for first in range(0, 240, 60)]
    await asyncio.to_thread(redis_three_nodes.move_slot, key_of(SHOP, "pools"), target)
    await asyncio.gather(*buying)
    assert redis_three_nodes.owner(key_of(SHOP, "pools")) is target
    audit = await engine.audit(SHOP)
    assert audit.sound
    assert audit.pools[0].counters.held == len(told) == 240


async def test_what_is_sent_together_follows_a_moved_slot(
    engine: SaleEngine, redis_three_nodes: ThreeNodes
) -> None:
    """FCALL and WAIT stay on one connection, also behind MOVED; an error stands in its place."""
    await stock(engine, SHOP)
    key = key_of(SHOP, "meta")
    before = await together(engine.redis, key, [("HGET", key, "writes"), ("WAIT", 0, 10)])
    target = next(one for one in redis_three_nodes.servers if one is not redis_three_nodes.owner(key))
    await asyncio.to_thread(redis_three_nodes.move_slot, key, target)
    assert await together(engine.redis, key, [("HGET", key, "writes"), ("WAIT", 0, 10)]) == before
    refused = await together(engine.redis, key, [("INCR", key), ("HGET", key, "writes")])
    assert isinstance(refused[0], exceptions.ResponseError)
    assert refused[1] == before[0]


async def test_in_a_rush_commands_wait_for_a_connection(redis_three_nodes: ThreeNodes) -> None:
    """Hundreds at once over two connections a node: each is answered."""
    client = OnceCluster(redis_three_nodes.url, 2, 5.0)
    keys = [f"{{shop:sp_{number}}}:x" for number in range(300)]
    assert await asyncio.gather(*(client.set(key, key) for key in keys)) == [True] * 300
    found = await asyncio.gather(*(client.get(key) for key in keys))
    assert found == [key.encode() for key in keys]
    await client.aclose()


async def test_a_node_that_is_down_is_busy_and_the_others_sell(
    engine: SaleEngine, redis_three_nodes: ThreeNodes
) -> None:
    """One shop waits, another goes on, and the first is served again once its node is back."""
    for shop in SHOPS:
        await stock(engine, shop)
    down = redis_three_nodes.owner(key_of(SHOPS[0], "pools"))
    other = next(one for one in SHOPS if redis_three_nodes.owner(key_of(one, "pools")) is not down)
    impatient = SaleEngine(write_client(redis_three_nodes.url, timeout_s=0.5))
    await impatient.reserve_many(other, [request(1)])
    await impatient.reserve_many(SHOPS[0], [request(1)])
    down.stop()
    try:
        with pytest.raises(Busy):
            await impatient.reserve_many(SHOPS[0], [request(2)])
        (answer,) = await impatient.reserve_many(other, [request(2)])
        assert isinstance(answer, Reservation)
    finally:
        down.go_on()
    (answer,) = await impatient.reserve_many(SHOPS[0], [request(2)])
    assert isinstance(answer, Reservation)
    await impatient.redis.aclose()


async def test_a_repeat_is_answered_by_the_record(engine: SaleEngine) -> None:
    """The same key over a cluster: one reservation."""
    shop = Shop(engine)
    await stock(engine, SHOP)
    first = await shop.hold(ANA, Line(MUG, 2, 1), key="one")
    assert await shop.hold(ANA, Line(MUG, 2, 1), key="one") == first
    assert await shop.units() == (UNITS - 2, 2, 0, 0)
