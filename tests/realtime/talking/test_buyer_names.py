"""Buyers' names reach the room, in a rush many in a call."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from realtime.connections.connection import Connection
from realtime.errors import Unavailable
from realtime.store.store_redis import Speaker
from realtime.talking.buyer_names import TOGETHER, BuyerNames
from tests.realtime.stage import SHOW


class Store:
    """Takes names as slowly as it is told, and may fail."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.go = asyncio.Event()
        self.fails = False

    async def take_names(self, _show: str, people: Iterable[Speaker]) -> None:
        """Remember who came in one call."""
        self.calls.append([who.person for who in people])
        await self.go.wait()
        if self.fails:
            raise Unavailable("away")


def buyer(number: int) -> tuple[Connection, Speaker]:
    """Return somebody who just bought."""
    connection = Connection(SHOW, cast("Any", None), cast("Any", None), lambda: 0)
    return connection, Speaker(f"gu_{number}", f"Buyer {number}", f"buyer {number}", staff=False)


async def done(buyers: list[tuple[Connection, Speaker]]) -> None:
    """Wait for what the connections still do."""
    await asyncio.gather(*(task for connection, _ in buyers for task in connection.tasks))


async def test_a_rush_of_buyers_takes_few_calls() -> None:
    """The first goes at once, the others together in the calls after it."""
    store, buyers = Store(), [buyer(number) for number in range(2 * TOGETHER + 1)]
    names = BuyerNames(cast("Any", store))
    for connection, speaker in buyers:
        names.want(connection, speaker)
        await asyncio.sleep(0)
    names.want(*buyers[-1])
    store.go.set()
    await done(buyers)
    assert [len(call) for call in store.calls] == [1, TOGETHER, TOGETHER]
    assert all(connection.bought_as == speaker.name for connection, speaker in buyers)


async def test_a_store_that_is_away_is_asked_again_at_the_next_purchase() -> None:
    """Nothing is remembered of names that were not stored."""
    store, one = Store(), buyer(1)
    names = BuyerNames(cast("Any", store))
    store.fails = True
    store.go.set()
    names.want(*one)
    await done([one])
    assert one[0].bought_as is None
    store.fails = False
    names.want(*one)
    await done([one])
    assert one[0].bought_as == "Buyer 1"
