"""The schema: what migrations make is what the tables say, on both databases."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from commerce.database_sql import Database
from commerce.migrations.migrate import DataTooNew, migrate, parse_release
from commerce.tables_sql import metadata


async def test_the_migrated_schema_equals_the_tables(empty_database_url: str) -> None:
    """Alembic finds nothing to change after the last migration."""
    await migrate(empty_database_url)
    database = Database.open(empty_database_url)

    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.read() as sql:
        assert await sql.run_sync(differences) == []
    await database.close()


async def test_every_table_is_there_with_its_columns(empty_database_url: str) -> None:
    """The comparison itself sees tables: their names and columns are read back from the database."""
    await migrate(empty_database_url)
    database = Database.open(empty_database_url)

    def columns(connection: sa.Connection) -> dict[str, set[str]]:
        inspector = sa.inspect(connection)
        return {
            name: {column["name"] for column in inspector.get_columns(name)}
            for name in inspector.get_table_names()
            if name != "alembic_version"
        }

    async with database.read() as sql:
        found = await sql.run_sync(columns)
    assert found == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
    await database.close()


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    """A second start finds the schema as it should be."""
    await migrate(database_url)
    await migrate(database_url)
    database = Database.open(database_url)
    async with database.read() as sql:
        rows = (await sql.exec_driver_sql("SELECT oldest_release FROM data_format")).all()
    assert [row[0] for row in rows] == ["0.1.0"]
    await database.close()


async def test_data_of_a_newer_release_is_refused(database_url: str) -> None:
    """An older release does not start on data it cannot work beside."""
    database = Database.open(database_url)
    async with database.write() as sql:
        await sql.exec_driver_sql("UPDATE data_format SET oldest_release = '9.0.0'")
    with pytest.raises(DataTooNew, match=r"9\.0\.0"):
        await migrate(database_url)
    async with database.read() as sql:
        kept = (await sql.exec_driver_sql("SELECT oldest_release FROM data_format")).scalar_one()
    assert kept == "9.0.0"
    await database.close()


def test_releases_compare_by_number() -> None:
    """0.10.0 is newer than 0.9.0."""
    assert parse_release("0.10.0") > parse_release("0.9.0")
