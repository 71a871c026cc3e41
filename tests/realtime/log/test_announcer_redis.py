"""Announcers of several fronts on one source: facts once, and every front's screens see every entry."""

from collections.abc import Sequence
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.log import announcer_redis
from realtime.log.announcer_redis import Announcer, Raw
from realtime.store.store_redis import RoomStore
from tests.realtime.stage import LEDGER, SHOW, Counts


class Front:
    """One front's announcer, and the entries it has seen."""

    def __init__(self, store: RoomStore) -> None:
        self.seen: list[bytes] = []
        self.ends = 0
        self.announcer = Announcer(store, SHOW, LEDGER, "0-0", self._read, Counts(), 1.0, self._at_end)

    async def _read(self, found: Sequence[Raw]) -> list[tuple[str, bytes]]:
        self.seen += [entry for entry, _ in found]
        return [("f", b'{"kind":"pin","product":null}') for _, fields in found if fields[b"kind"] == b"note"]

    def _at_end(self) -> None:
        self.ends += 1


async def write(redis: Redis, *kinds: str) -> list[bytes]:
    """Write ledger entries."""
    ids: list[Any] = [await redis.xadd(LEDGER, {"kind": kind, "data": "{}"}) for kind in kinds]
    return ids


async def test_who_was_overtaken_still_sees_every_entry(
    store: RoomStore, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another front copied on; what lies between is looked over for stock, and no fact is copied twice."""
    await store.open(SHOW, {LEDGER: "0-0"})
    ids = await write(redis_client, "note", "reserve", "note", "commit")
    fast, slow = Front(store), Front(store)
    while await fast.announcer.step():
        pass
    monkeypatch.setattr(announcer_redis, "BATCH_TOTAL", 1)
    while await slow.announcer.step():
        pass
    assert fast.seen == slow.seen == ids
    assert (fast.ends, slow.ends) == (1, 1)
    entries, _ = await store.read(SHOW, 0, 10)
    assert len(entries) == 2


async def test_the_end_is_told_only_when_there_is_nothing_more(store: RoomStore, redis_client: Redis) -> None:
    """Each look that finds nothing says so anew."""
    await store.open(SHOW, {LEDGER: "0-0"})
    front = Front(store)
    assert not await front.announcer.step()
    await write(redis_client, "reserve")
    assert not await front.announcer.step()
    assert front.ends == 2
    assert len(front.seen) == 1
