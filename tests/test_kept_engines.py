"""The kept engines: used again in another event loop, by one database at a time, and never with old rows."""

import asyncio

import pytest
import sqlalchemy as sa

from commerce.database_sql import Database
from commerce.outbox_tables_sql import data_format
from tests.kept_engines import KeptEngines


async def add_one(database: Database) -> int:
    """Add a row to a table, close the database; returns how many rows there were."""
    async with database.write() as sql:
        count = sa.select(sa.func.count()).select_from(data_format)
        before = int((await sql.execute(count)).scalar_one())
        await sql.execute(sa.insert(data_format).values(id=before + 1, oldest_release="0.1.0"))
    await database.close()
    return before


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_an_engine_of_the_session_sees_no_row_of_another_test(
    database_url: str, kept_engines: KeptEngines, turn: int
) -> None:
    """Whichever of these comes first, and although the address is the same: one row is there."""
    with kept_engines.lent(database_url) as database:
        assert asyncio.run(add_one(database)) == 1


def test_an_engine_serves_one_loop_after_another(database_url: str) -> None:
    """Lent again, it is the same engine, whose statements are compiled, and it goes on where it was."""
    kept = KeptEngines()
    with kept.lent(database_url) as first:
        assert asyncio.run(add_one(first)) == 1
    with kept.lent(database_url) as second:
        assert second.engine is first.engine
        assert asyncio.run(add_one(second)) == 2


def test_two_databases_at_once_have_engines_of_their_own(database_url: str) -> None:
    """Closing one leaves the other's connections alone."""
    kept = KeptEngines()
    with kept.lent(database_url) as one, kept.lent(database_url) as other:
        assert one.engine is not other.engine
        assert asyncio.run(add_one(one)) == 1
        assert asyncio.run(add_one(other)) == 2
