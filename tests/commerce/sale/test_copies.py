"""`replicated`: what was done is told once the replicas have it; then losing the primary loses nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from commerce.errors import CommerceError
from commerce.sale.calls_redis import Copies, has_waitaof, write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.refusals import AnswerLost, CopiesMissing
from commerce.sale.types import Reservation, ReserveRequest
from tests.commerce.sale.a_shop import ANA, BEN, MUG, MUG_POOL, SHOP, Shop, mug
from tests.fixtures_redis_many import Pair, running_pair

UNITS = 100_000
PACKED = 20


@pytest.fixture
async def copied(redis_pair: Pair) -> AsyncIterator[Shop]:
    """Open a shop with 10 mugs whose answers wait for one replica, 1.5 s at most."""
    engine = SaleEngine(write_client(redis_pair.primary.url), copies=Copies(1, limit_ms=1_500))
    shop = Shop(engine)
    await shop.stock(MUG, 10)
    yield shop
    await engine.redis.aclose()


async def held_on(url: str) -> int:
    """Count the mugs held, as one server has it."""
    engine = SaleEngine(write_client(url))
    counters = (await engine.pools(SHOP, [MUG_POOL]))[MUG_POOL]
    await engine.redis.aclose()
    return counters.held


async def test_what_was_told_is_on_the_replica(copied: Shop, redis_pair: Pair) -> None:
    """At the very moment of the answer."""
    await copied.hold()
    redis_pair.primary.stop()
    assert await held_on(redis_pair.replica.url) == 1


async def test_a_late_copy_is_never_yours(copied: Shop, redis_pair: Pair) -> None:
    """Not at first, and not when the same is asked again; once the copy is there the answer is the first."""
    redis_pair.replica.stop()
    for _ in range(2):
        with pytest.raises(CopiesMissing) as caught:
            await copied.hold(ANA, key="mine")
        assert (caught.value.code, caught.value.facts["lost"]) == ("busy", True)
    redis_pair.replica.go_on()
    held = await copied.hold(ANA, key="mine")
    assert held.person == ANA
    assert await copied.units() == (9, 1, 0, 0)
    assert await held_on(redis_pair.replica.url) == 1


async def test_a_refusal_waits_for_nobody(copied: Shop, redis_pair: Pair) -> None:
    """Nothing was written, so there is nothing that could be lost."""
    held = await copied.hold(ANA)
    redis_pair.replica.stop()
    with pytest.raises(CommerceError) as caught:
        await copied.engine.release(SHOP, reservation=held.id, person=BEN)
    assert caught.value.code == "not_yours"
    assert await copied.units() == (9, 1, 0, 0)


def test_waitaof_is_taken_where_the_server_has_it() -> None:
    """From 7.2 on, and with an append-only file; WAITAOF counts the disk of the primary too."""
    assert not has_waitaof({"redis_version": "7.0.15", "aof_enabled": 1})
    assert not has_waitaof({"redis_version": "7.2.4", "aof_enabled": 0})
    assert has_waitaof({"redis_version": "8.0.2", "aof_enabled": 1})
    copies = Copies(2, limit_ms=300)
    assert copies.words(on_disk=True) == ("WAITAOF", 1, 2, 300)
    assert copies.words(on_disk=False) == ("WAIT", 2, 300)
    assert [copies.missing(answer) for answer in (2, 1, [1, 2], [0, 2], [1, 1])] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert copies.missing(ValueError("an answer that is an error"))


@pytest.fixture
def logging_pair(tmp_path: Path) -> Iterator[Pair]:
    """Offer a primary and its replica that both keep an append-only file."""
    with running_pair(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as pair:
        yield pair


async def test_disks_are_waited_for_where_the_server_can(logging_pair: Pair) -> None:
    """`WAITAOF` from 7.2 on, `WAIT` before; a replica whose disk has nothing then is no copy."""
    primary, replica = logging_pair.primary, logging_pair.replica
    on_disk = has_waitaof(primary.command("INFO"))
    engine = SaleEngine(write_client(primary.url), copies=Copies(1, limit_ms=1_500))
    shop = Shop(engine)
    await shop.stock(MUG, 10)
    await shop.hold(ANA)
    primary.command("CONFIG", "RESETSTAT")
    replica.command("CONFIG", "SET", "appendonly", "no")
    if on_disk:
        with pytest.raises(CopiesMissing):
            await shop.hold(BEN)
    else:
        await shop.hold(BEN)
    used = set(primary.command("INFO", "commandstats"))
    await engine.redis.aclose()
    assert used & {"cmdstat_wait", "cmdstat_waitaof"} == {"cmdstat_waitaof" if on_disk else "cmdstat_wait"}


class Rush:
    """Buyers who press as fast as answers come; `told` is who was told that a mug is theirs."""

    def __init__(self, engine: SaleEngine) -> None:
        self.engine = engine
        self.told: set[str] = set()
        self.enough = asyncio.Event()
        self._numbers = itertools.count(1)

    async def buy(self) -> None:
        """Press until Redis is gone."""
        while True:
            requests = [self._request() for _ in range(PACKED)]
            try:
                answers = await self.engine.reserve_many(SHOP, requests)
            except AnswerLost:
                return
            self.told |= {one.id for one in answers if isinstance(one, Reservation)}
            if len(self.told) >= 500:
                self.enough.set()

    def _request(self) -> ReserveRequest:
        number = next(self._numbers)
        return ReserveRequest(f"ac_{number}", f"key-{number}", f"rs_rush{number}", (mug(),))


async def lost_by_failover(pair: Pair, copies: Copies | None, *, cut: bool) -> tuple[int, int]:
    """Kill the primary under buying load and promote its replica; answers how many were told, and lost.

    With `cut` the line between the two breaks once the stock is on both.
    """
    # The stock reaches both, however long that takes on a busy machine.
    host = SaleEngine(write_client(pair.primary.url), copies=Copies(1, limit_ms=4_000))
    await Shop(host).stock(MUG, UNITS)
    await host.redis.aclose()
    engine = SaleEngine(write_client(pair.primary.url), copies=copies)
    if cut:
        pair.cut()
    rush = Rush(engine)
    buying = [asyncio.create_task(rush.buy()) for _ in range(4)]
    enough = asyncio.create_task(rush.enough.wait())
    done = asyncio.ensure_future(asyncio.gather(*buying))
    waited: list[asyncio.Future[Any]] = [enough, done]
    await asyncio.wait(waited, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    enough.cancel()
    pair.primary.kill()
    await done
    await engine.redis.aclose()
    await asyncio.to_thread(pair.promote)
    after = SaleEngine(write_client(pair.replica.url))
    await Shop(after).hold("ac_next", key="next")  # the promoted replica sells on
    found = [await after.reservation(SHOP, one) for one in sorted(rush.told)]
    assert (await after.audit(SHOP)).sound
    await after.redis.aclose()
    return len(rush.told), found.count(None)


async def test_a_failover_loses_nothing_that_was_told(redis_pair: Pair) -> None:
    """The primary is killed while hundreds are told that theirs is theirs."""
    told, lost = await lost_by_failover(redis_pair, Copies(1), cut=False)
    assert told >= 500
    assert lost == 0


async def test_with_the_line_cut_nobody_is_told(redis_pair: Pair) -> None:
    """What only the primary has is nobody's, so its loss loses nothing."""
    assert await lost_by_failover(redis_pair, Copies(1, limit_ms=200), cut=True) == (0, 0)


async def test_without_waiting_the_same_failover_does_lose(redis_pair: Pair) -> None:
    """The check is seen to fail: a replica that is behind is promoted, and sales that were told are gone."""
    told, lost = await lost_by_failover(redis_pair, None, cut=True)
    assert told >= 500
    assert lost == told
