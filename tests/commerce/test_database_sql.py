"""Units of work on real databases: atomic, isolated, and never failing only because another one writes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from commerce.database_sql import Database, driver_url
from commerce.outbox_tables_sql import data_format


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
