"""Units of work on real databases: atomic, isolated, and never failing only because another one writes."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from random import Random

import pytest
import sqlalchemy as sa

from commerce import database_sql
from commerce.database_sql import Database, DatabaseAway, driver_url
from commerce.outbox_tables_sql import data_format
from tests.waiting import until

LONG_LOOK = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500000) SELECT count(*) FROM n"
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open the migrated database."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


async def value(database: Database) -> str:
    """Read the one row that every database has."""
    async with database.read() as sql:
        return str((await sql.execute(sa.select(data_format.c.oldest_release))).scalar_one())


async def test_a_unit_that_raises_leaves_nothing(database: Database) -> None:
    """All of it or none of it."""
    before = await value(database)

    async def change_and_fail() -> None:
        async with database.write() as sql:
            await sql.execute(sa.update(data_format).values(oldest_release="0.0.9"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    assert await value(database) == before


async def test_read_then_write_units_do_not_lose_each_others_work(database_url: str) -> None:
    """Twenty increments through two pools: SQLite would refuse deferred transactions here."""
    first, second = Database.open(database_url), Database.open(database_url)
    async with first.write() as sql:
        await sql.execute(sa.update(data_format).values(oldest_release="0"))

    async def add_one(database: Database) -> None:
        async with database.write() as sql:
            query = sa.select(data_format.c.oldest_release).with_for_update()
            now = int((await sql.execute(query)).scalar_one())
            await sql.execute(sa.update(data_format).values(oldest_release=str(now + 1)))

    await asyncio.gather(*(add_one(database) for _ in range(10) for database in (first, second)))
    assert await value(first) == "20"
    await first.close()
    await second.close()


def in_use(database: Database) -> int:
    """Count the connections that somebody works with."""
    pool = database.engine.pool
    assert isinstance(pool, sa.QueuePool)
    return pool.checkedout()


async def add(database: Database, release: str) -> None:
    """Write and look, one after the other."""
    async with database.write() as sql:
        await sql.execute(sa.update(data_format).values(oldest_release=release))
        await sql.execute(sa.select(data_format.c.oldest_release))


async def test_who_is_cancelled_in_a_statement_leaves_no_lock_behind(sqlite_url: str) -> None:
    """The unit comes to its end; what was raised is kept, and with it every frame it came through."""
    database = Database.open(sqlite_url)
    asked = asyncio.Event()

    async def look_for_long() -> None:
        async with database.write() as sql:
            await sql.execute(sa.update(data_format).values(oldest_release="7"))
            asked.set()
            await sql.exec_driver_sql(LONG_LOOK)

    looking = asyncio.create_task(look_for_long())
    await asked.wait()
    looking.cancel()
    with pytest.raises(asyncio.CancelledError) as _kept:
        await looking
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=2)) as other:
        other.execute("BEGIN IMMEDIATE")
    assert await value(database) == "7"
    await database.close()


async def test_many_are_cancelled_anywhere_and_everybody_goes_on(database: Database) -> None:
    """By hand or by a limit of time; whoever is left alone writes, and no connection is lost."""
    random, loop = Random(11), asyncio.get_running_loop()
    kinds: set[type] = set()

    async def in_time(limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await add(database, "8")
        # A cancellation that comes out of the block late would end this.
        await asyncio.sleep(0)

    for _ in range(100):
        hurried = [asyncio.create_task(in_time(random.uniform(0, 0.02))) for _ in range(random.randrange(3))]
        unlucky = [asyncio.create_task(add(database, "9")) for _ in range(random.randrange(1, 8))]
        for task in unlucky:
            if random.random() < 0.5:
                loop.call_later(random.uniform(0, 0.02), task.cancel)
        await asyncio.gather(*hurried)
        kinds |= {type(error) for error in await asyncio.gather(*unlucky, return_exceptions=True)}
    await add(database, "10")
    assert await value(database) == "10"
    assert kinds == {asyncio.CancelledError, type(None)}
    assert in_use(database) == 0


async def test_a_loop_of_units_ends_when_it_is_cancelled(database: Database) -> None:
    """Each unit ends before the cancellation is heard, and no other begins."""
    total = 0

    async def go_on() -> None:
        nonlocal total
        while True:
            await add(database, str(total))
            total += 1

    going = asyncio.create_task(go_on())
    await until(lambda: total > 3)
    going.cancel()
    at_most = total + 1
    with pytest.raises(asyncio.CancelledError):
        await going
    assert total <= at_most


async def test_sqlite_is_set_to_survive_a_power_cut(sqlite_url: str) -> None:
    """WAL, full synchronisation, foreign keys and patience, on every connection."""
    database = Database.open(sqlite_url)
    async with database.read() as sql:
        found = {
            name: (await sql.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    await database.close()


@pytest.mark.parametrize(
    ("plain", "driver"),
    [
        ("sqlite:////data/x.db", "sqlite+aiosqlite:////data/x.db"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql://u@h/d?host=/run", "postgresql+asyncpg://u@h/d?host=/run"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_plain_urls_get_their_async_driver(plain: str, driver: str) -> None:
    """What people write is enough."""
    assert driver_url(plain) == driver


async def test_a_database_that_breaks_off_or_is_not_there_is_away(postgres_url: str) -> None:
    """Units say so in the driver's words, without the statement and its values; the next one works again."""
    database = Database.open(postgres_url)

    async def break_off() -> None:
        async with database.write() as sql:
            await sql.execute(sa.update(data_format).values(oldest_release="0.0.9"))
            await sql.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid()), 'mei@example.org'"))

    before = await value(database)
    with pytest.raises(DatabaseAway) as broken:
        await break_off()
    assert "mei@example.org" not in str(broken.value)
    assert await value(database) == before
    await database.close()
    nowhere = Database.open("postgresql://liveshop@/shop?host=/nowhere")
    with pytest.raises(DatabaseAway):
        await nowhere.ping()


async def test_a_file_that_others_hold_for_too_long_is_away(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process's unit that does not end is waited for, and then named."""
    monkeypatch.setattr(database_sql, "BUSY_TIMEOUT_MS", 20)
    database = Database.open(sqlite_url)
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway, match="locked"):
            await add(database, "0.0.9")
        other.rollback()
    await add(database, "0.0.9")
    assert await value(database) == "0.0.9"
    await database.close()


async def test_a_statement_that_is_wrong_is_a_fault(database: Database) -> None:
    """Only a database that does not answer is away: whoever asks again would hear the same."""
    with pytest.raises(sa.exc.DBAPIError):
        async with database.read() as sql:
            await sql.execute(sa.text("SELECT nothing FROM nowhere"))
