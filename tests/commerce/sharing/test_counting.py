"""Counting who came by a link: once a day, written together, and never by oneself."""

import asyncio

import pytest

from commerce.services import CommerceServices
from commerce.sharing import counting
from commerce.sharing.counting import DAY_MS, ShareCounter
from commerce.sharing.counting_metrics import NOT_COUNTED
from commerce.sharing.tables_sql import share_seen
from tests.commerce.builders import Stall, new_guest, new_stall
from tests.commerce.counting import count_rows


class Shared:
    """A link of somebody's, and a counter with a clock of its own."""

    def __init__(self, commerce: CommerceServices, stall: Stall, owner: str, code: str) -> None:
        self.commerce, self.stall, self.owner, self.code = commerce, stall, owner, code
        self.now_ms = 20_000 * DAY_MS
        self.counter = self.front()

    def front(self) -> ShareCounter:
        """Make another front's counter."""
        return ShareCounter(self.commerce.database, self.commerce.keys, lambda: self.now_ms)

    async def sums(self) -> tuple[int, int]:
        """Return visits and entries."""
        await self.counter.flush()
        mine = await self.commerce.sharing.links.mine(self.stall.show, self.owner, "http://shop.test")
        return mine.visits, mine.entries


@pytest.fixture
async def shared(commerce: CommerceServices) -> Shared:
    """Share a show."""
    stall = await new_stall(commerce)
    owner = (await new_guest(commerce))[0].id
    mine = await commerce.sharing.links.mine(stall.show, owner, "http://shop.test")
    return Shared(commerce, stall, owner, mine.code)


async def test_a_device_counts_once_a_day(shared: Shared) -> None:
    """For visits and for entries apart; the next day again."""
    for _ in range(3):
        shared.counter.note("visit", shared.code, "gu_wu", "de_wu")
        shared.counter.note("entry", shared.code, "gu_wu", "de_wu", shared.stall.show)
    assert await shared.sums() == (1, 1)
    shared.counter.note("visit", shared.code.upper(), "gu_wu", "de_wu")
    shared.counter.note("visit", shared.code, "gu_bo", "de_bo")
    assert await shared.sums() == (2, 1)
    shared.now_ms += DAY_MS
    shared.counter.note("visit", shared.code, "gu_wu", "de_wu")
    assert await shared.sums() == (3, 1)


async def test_one_is_no_visitor_of_ones_own(shared: Shared) -> None:
    """Nor does an unknown code count, nor an entry into another show."""
    shared.counter.note("visit", shared.code, shared.owner, "de_own")
    shared.counter.note("visit", "zzzzzzzz", "gu_wu", "de_wu")
    shared.counter.note("visit", "no code", "gu_wu", "de_wu")
    shared.counter.note("entry", shared.code, "gu_wu", "de_wu", "sh_another")
    assert await shared.sums() == (0, 0)
    assert await count_rows(shared.commerce, share_seen) == 0


async def test_fronts_at_once_count_a_device_once(shared: Shared) -> None:
    """Each writes its batch at the same moment; many devices are in both."""
    fronts = [shared.front() for _ in range(3)]
    for number in range(450):
        for front in fronts:
            front.note("visit", shared.code, f"gu_{number}", f"de_{number}")
    await asyncio.gather(*(front.flush() for front in fronts))
    assert await shared.sums() == (450, 0)
    for front in fronts:
        await front.close()


async def test_a_rush_is_one_transaction(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand visitors are one write, when their time has come."""
    writes = 0
    write = shared.commerce.database.write

    def counted() -> object:
        nonlocal writes
        writes += 1
        return write()

    monkeypatch.setattr(shared.commerce.database, "write", counted)
    for number in range(1_000):
        shared.counter.note("visit", shared.code, f"gu_{number}", f"de_{number}")
    await shared.counter.close()
    assert writes == 1
    assert await shared.sums() == (1_000, 0)


async def test_what_waits_has_a_bound(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the bound is left out and counted as such; what is known already is no more."""
    monkeypatch.setattr(counting, "WAITING_MOST", 2)
    before = NOT_COUNTED._value.get()
    for device in ("de_1", "de_2", "de_3", "de_2"):
        shared.counter.note("visit", shared.code, "gu_wu", device)
    assert NOT_COUNTED._value.get() - before == 1
    assert await shared.sums() == (2, 0)


async def test_a_write_that_failed_is_made_again(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL was away for a moment: nothing is lost, nothing counts twice."""
    monkeypatch.setattr(counting, "FLUSH_S", 0.0)
    write, failures = shared.commerce.database.write, [OSError("away"), OSError("away")]

    def broken() -> object:
        if failures:
            raise failures.pop()
        return write()

    monkeypatch.setattr(shared.commerce.database, "write", broken)
    shared.counter.note("visit", shared.code, "gu_wu", "de_wu")
    assert shared.counter._writing is not None
    await shared.counter._writing
    assert failures == []
    assert await shared.sums() == (1, 0)


async def test_devices_are_forgotten_and_sums_stay(shared: Shared) -> None:
    """After two days nothing says which device came; what is kept is no device's name."""
    shared.counter.note("visit", shared.code, "gu_wu", "de_wu")
    await shared.counter.flush()
    shared.now_ms += DAY_MS
    assert await shared.counter.purge() == 0
    shared.now_ms += DAY_MS
    assert await shared.counter.purge() == 1
    assert await count_rows(shared.commerce, share_seen) == 0
    assert await shared.sums() == (1, 0)
