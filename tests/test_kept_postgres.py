"""The kept databases: what one test leaves behind, the next one never sees."""

from collections.abc import Iterator

import asyncpg
import pytest
import sqlalchemy as sa

from commerce.database_sql import Database
from commerce.outbox_tables_sql import outbox
from commerce.tables_sql import metadata
from tests.fixtures_sql import Cluster
from tests.kept_postgres import KeptDatabases

SAMPLES = {int: 1, str: "x", bool: True, bytes: b"x", float: 1.0}
A_ROW = {
    "id": "ob_1", "lane": "l", "kind": "k", "payload": "{}", "created_at_ms": 1, "due_at_ms": 1,
}  # fmt: skip


@pytest.fixture
def kept(postgres_cluster: Cluster) -> Iterator[KeptDatabases]:
    """Keep databases for this test alone."""
    databases = KeptDatabases(postgres_cluster, "liveshop_template")
    yield databases
    databases.close()


async def all_rows(url: str) -> dict[str, list[str]]:
    """Read every table of a database."""
    database = Database.open(url)
    async with database.read() as sql:
        names = sorted(await sql.run_sync(lambda connection: sa.inspect(connection).get_table_names()))
        rows = {}
        for name in names:
            query = f'SELECT t::text FROM "{name}" AS t ORDER BY 1'  # noqa: S608 - the database's own name
            found = await sql.exec_driver_sql(query)
            rows[name] = list(found.scalars())
    await database.close()
    return rows


async def execute(url: str, statement: str) -> None:
    """Run one statement in a database."""
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("turn", [1, 2, 3])
async def test_each_test_finds_its_database_as_if_it_were_new(postgres_url: str, turn: int) -> None:
    """Whichever of these comes first: no row is there, and the sequence begins with 1."""
    database = Database.open(postgres_url)
    async with database.write() as sql:
        assert (await sql.execute(sa.select(outbox))).all() == []
        number = (await sql.execute(sa.insert(outbox).values(A_ROW).returning(outbox.c.seq))).scalar_one()
    assert number == 1
    await database.close()


async def test_rows_of_every_table_are_gone_when_it_is_lent_again(kept: KeptDatabases) -> None:
    """Filled in all tables, whatever their foreign keys, it is as the template, and the same one."""
    with kept.lent() as first:
        new = await all_rows(first)
        database = Database.open(first)
        async with database.write() as sql:
            await sql.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in metadata.tables.values():
                if not new[table.name]:
                    row = {column.name: SAMPLES[column.type.python_type] for column in table.columns}
                    await sql.execute(sa.insert(table).values(row))
        await database.close()
        assert all((await all_rows(first)).values())
    with kept.lent() as second:
        assert second == first
        assert await all_rows(second) == new
    assert kept.made == 1


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE later (id integer)",
        "ALTER TABLE outbox ADD COLUMN later integer",
        "ALTER TABLE outbox ALTER COLUMN kind DROP NOT NULL",
        "DROP INDEX ix_outbox_due_at_ms",
        "CREATE VIEW later AS SELECT 1",
        "UPDATE data_format SET oldest_release = '9.0.0'",
        "DELETE FROM alembic_version",
    ],
)
async def test_a_changed_schema_is_thrown_away(kept: KeptDatabases, change: str) -> None:
    """So is one whose rows of the template were changed: the next test gets another database."""
    with kept.lent() as first:
        new = await all_rows(first)
        await execute(first, change)
    with kept.lent() as second:
        assert second != first
        assert await all_rows(second) == new
    assert kept.made == 2
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first)


async def test_a_connection_left_behind_reaches_no_later_test(kept: KeptDatabases) -> None:
    """Its database is dropped, and with it what it had not committed yet."""
    with kept.lent() as first:
        left = await asyncpg.connect(first)
        await left.execute("BEGIN; DELETE FROM alembic_version; LOCK TABLE outbox")
    with kept.lent() as second:
        assert second != first
        assert (await all_rows(second))["alembic_version"]
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await left.execute("COMMIT")


async def test_two_at_once_are_two(kept: KeptDatabases) -> None:
    """A database that is lent is lent to nobody else."""
    with kept.lent() as first, kept.lent() as second:
        assert first != second
        await execute(first, "INSERT INTO data_format VALUES (2, 'x')")
        assert len((await all_rows(second))["data_format"]) == 1
