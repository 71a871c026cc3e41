"""Brings a database to the schema of this release; liveshop runs it at every start before anything else.

The data records the oldest release that may use it (`data_format.oldest_release`). A release older than
that refuses to start; a migration raises the number only when the running release could not work beside
what it did, so that two releases can run side by side during an upgrade.
"""

import asyncio
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from commerce.database_sql import Database

RELEASE = (0, 1, 0)
"""This release, as it compares with what the data records."""

_LOCK_NUMBER = 7_301_965
"""PostgreSQL's advisory lock that lets one process migrate at a time; any number nobody else uses."""


class DataTooNew(Exception):  # noqa: N818 - the sentence a start ends with
    """The data was written by a release that this one cannot work beside."""


def parse_release(text: str) -> tuple[int, ...]:
    """Answer `0.1.0` as (0, 1, 0)."""
    return tuple(int(part) for part in text.split("."))


def alembic_config() -> Config:
    """Answer where the migrations are, without any file of settings."""
    config = Config()
    config.set_main_option("script_location", str(files("commerce.migrations")))
    config.set_main_option("path_separator", "os")
    return config


async def migrate(database_url: str) -> None:
    """Run what is missing, in one transaction; raises DataTooNew. Harmless when nothing is missing."""
    database = Database.open(database_url)
    try:
        async with database.write() as sql:
            await sql.run_sync(_upgrade)
    finally:
        await database.close()


def migrate_now(database_url: str) -> None:
    """Run `migrate` where no loop is running."""
    asyncio.run(migrate(database_url))


def _upgrade(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
    _refuse_newer(connection)
    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == head:
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_newer(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table("data_format"):
        return
    row: Any = connection.exec_driver_sql("SELECT oldest_release FROM data_format").one_or_none()
    if row is not None and parse_release(row[0]) > RELEASE:
        own = ".".join(map(str, RELEASE))
        raise DataTooNew(f"This is liveshop {own}; the data needs liveshop {row[0]} or newer.")
