"""The outbox: with the change or not at all, in order, until done, and never a mail twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from commerce.database_sql import Database
from commerce.errors import Busy, NoSuchPool
from commerce.ids import new_id
from commerce.outbox_sql import Outbox, OutboxRow, retry_delay_ms


class Desk:
    """Carries out rows of kind `step`; `trouble` is raised once for each entry."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.ids: list[str] = []
        self.trouble: list[Exception] = []
        self.clock_ms = 1_000_000

    def now_ms(self) -> int:
        """Answer the clock that tests set."""
        return self.clock_ms

    async def __call__(self, row: OutboxRow) -> None:
        """Carry out one row, or fail."""
        if self.trouble:
            raise self.trouble.pop(0)
        await asyncio.sleep(0)
        self.done.append(row.payload["name"])
        self.ids.append(row.id)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open the migrated database."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def desk() -> Desk:
    """Offer a desk."""
    return Desk()


@pytest.fixture
def outbox(database: Database, desk: Desk) -> Outbox:
    """Offer an outbox whose rows the desk carries out."""
    box = Outbox(database, desk.now_ms, new_id)
    box.handle("step", desk)
    return box


async def add(outbox: Outbox, *names: str, shop: str | None = "sp_1") -> None:
    """Write rows in one transaction."""
    async with outbox.write() as unit:
        for name in names:
            await unit.add("step", {"name": name}, shop=shop)


async def test_rows_are_sent_after_the_commit_in_order(outbox: Outbox, desk: Desk) -> None:
    """When the block is left all is done and nothing waits."""
    await add(outbox, "a", "b", "c")
    assert desk.done == ["a", "b", "c"]
    assert await outbox.waiting() == 0


async def test_a_change_that_rolls_back_sends_nothing(outbox: Outbox, desk: Desk) -> None:
    """The row goes with its change."""

    async def change_and_fail() -> None:
        async with outbox.write() as unit:
            await unit.add("step", {"name": "a"}, shop="sp_1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    assert desk.done == []
    assert await outbox.waiting() == 0


@pytest.mark.parametrize("error", [Busy(), OSError("gone"), RuntimeError("bug")])
async def test_what_fails_stays_and_is_sent_later_in_order(
    outbox: Outbox, desk: Desk, error: Exception
) -> None:
    """The lane waits behind its first row; the same id is used again."""
    desk.trouble = [error]
    await add(outbox, "a", "b")
    assert (desk.done, await outbox.waiting()) == ([], 2)
    desk.clock_ms += 10_000
    assert await outbox.send_due() == 1
    assert (desk.done, await outbox.waiting()) == (["a", "b"], 0)


async def test_one_shop_does_not_wait_for_another(outbox: Outbox, desk: Desk) -> None:
    """Lanes are independent."""
    desk.trouble = [Busy()]
    await add(outbox, "stuck", shop="sp_1")
    await add(outbox, "free", shop="sp_2")
    assert desk.done == ["free"]


async def test_a_row_that_can_never_succeed_lets_the_others_pass(outbox: Outbox, desk: Desk) -> None:
    """It is kept as refused, counted, and not tried again."""
    desk.trouble = [NoSuchPool()]
    await add(outbox, "a", "b")
    assert desk.done == ["b"]
    desk.clock_ms += 10_000_000
    await outbox.send_due()
    assert (desk.done, outbox.refused_total) == (["b"], 1)


async def test_later_rows_of_a_stuck_shop_do_not_overtake(outbox: Outbox, desk: Desk) -> None:
    """A new change sends what was left first."""
    desk.trouble = [Busy()]
    await add(outbox, "a")
    await add(outbox, "b")
    assert desk.done == ["a", "b"]


async def test_senders_at_once_keep_the_order(outbox: Outbox, desk: Desk) -> None:
    """Many writers of one shop: each row is done, and first appearances are in order."""
    await asyncio.gather(*(add(outbox, f"{number}a", f"{number}b") for number in range(8)))
    assert sorted(set(desk.done)) == sorted(f"{number}{letter}" for number in range(8) for letter in "ab")
    for number in range(8):
        assert desk.done.index(f"{number}a") < desk.done.index(f"{number}b")


async def test_a_mail_is_claimed_by_one_of_two_senders(
    outbox: Outbox, database: Database, desk: Desk
) -> None:
    """Rows without a shop are not sent twice by two processes at once."""
    desk.trouble = [Busy()]
    await add(outbox, "mail", shop=None)
    desk.clock_ms += 10_000
    rival = Outbox(database, desk.now_ms, new_id)
    rival.handle("step", desk)
    await asyncio.gather(outbox.send_due(), rival.send_due())
    assert desk.done == ["mail"]
    assert await outbox.waiting() == 0


async def test_a_delayed_row_waits_for_its_time(outbox: Outbox, desk: Desk) -> None:
    """It is not sent with its change, and not before it is due."""
    async with outbox.write() as unit:
        await unit.add("step", {"name": "late"}, shop="sp_1", delay_ms=60_000)
    await outbox.send_due()
    assert desk.done == []
    desk.clock_ms += 60_000
    await outbox.send_due()
    assert desk.done == ["late"]


def test_pauses_double_up_to_a_minute() -> None:
    """One second, two, four, and never above sixty."""
    assert [retry_delay_ms(attempts) for attempts in (0, 1, 2, 5, 6, 50)] == [
        1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
    ]  # fmt: skip
