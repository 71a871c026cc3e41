"""The SQL database: one engine for SQLite and PostgreSQL, and short units of work.

SQLite (sqlite.org/wal.html, sqlite.org/lang_transaction.html): write-ahead log, `synchronous=FULL` so that
an acknowledged order survives a power cut, and BEGIN IMMEDIATE for every unit that may write, because a
deferred transaction that reads and then writes fails at once when another wrote in between, whatever
`busy_timeout` says. Writers of one process queue on a lock of our own, which is fair; `busy_timeout` is
left to arbitrate between processes. The driver runs SQLite in threads of its own; who is cancelled leaves
when a statement is done (`sqlite_statements_sql`).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from commerce.sqlite_statements_sql import connect, let_cancel

BUSY_TIMEOUT_MS = 10_000

Sql = AsyncConnection
"""A connection inside a unit of work, for services that pass it on and import no SQLAlchemy."""
AlreadyThere = IntegrityError
"""Raised by an insert or update that a unique column or foreign key forbids."""


class DatabaseAway(ConnectionError):  # noqa: N818 - named for what happened
    """The database does not answer. Whether the unit's change was made is unknown: repeat it with its key.

    The text is the driver's and says nothing of statements or values. It is no `CommerceError`, for it is no
    answer of the shop.
    """


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of commerce; `commerce.tables_sql` imports every file that adds to it."""


def driver_url(database_url: str) -> str:
    """Name the async driver in a plain URL: `sqlite:///x`, `postgres://…` and `postgresql://…` are taken."""
    for plain, driver in (
        ("sqlite://", "sqlite+aiosqlite://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgres://", "postgresql+asyncpg://"),
    ):
        if database_url.startswith(plain):
            return driver + database_url.removeprefix(plain)
    return database_url


class Database:
    """Units of work on one database: `read()` for short looks, `write()` for one atomic change."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writers = asyncio.Lock()

    @classmethod
    def open(cls, database_url: str, pool_size: int = 8) -> "Database":
        """Prepare the engine; connections are made when they are first needed."""
        url = driver_url(database_url)
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size}
        if url.startswith("postgresql"):
            options["pool_pre_ping"] = True
        else:
            options["connect_args"] = {"async_creator_fn": connect}
        engine = create_async_engine(url, **options)
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _sqlite_connect)
            event.listen(engine.sync_engine, "begin", _sqlite_begin)
        return cls(engine)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    async def ping(self) -> None:
        """Ask the database for nothing. Raises `DatabaseAway`."""
        async with self.read() as sql:
            await sql.execute(sa.text("SELECT 1"))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Look at one consistent state; keep it short, and do not write. Raises `DatabaseAway`."""
        try:
            async with self._unit() as connection:
                yield connection
        finally:
            await let_cancel()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Change something atomically: commits at the end of the block, rolls back when it raises.

        Who is cancelled during a statement hears of it afterwards, in SQLite at the end of the block if
        nothing else is awaited: then it is committed. Raises `DatabaseAway`.
        """
        if not self.is_sqlite:
            async with self._unit() as connection:
                yield connection
            return
        try:
            async with self._writers, self._unit(liveshop_write=True) as connection:
                yield connection
        finally:
            await let_cancel()

    @asynccontextmanager
    async def _unit(self, **options: Any) -> AsyncIterator[AsyncConnection]:
        """Lend a connection within a transaction that ends with the block."""
        lent = AsyncExitStack()
        try:
            connection = await lent.enter_async_context(self.engine.connect())
        except Exception as error:  # refused, starting up, too many: drivers agree on nothing
            raise DatabaseAway(_drivers_words(error)) from error
        async with lent:
            try:
                if options:
                    connection = await connection.execution_options(**options)
                async with connection.begin():
                    yield connection
            except DBAPIError as error:
                if not _is_away(error):
                    raise
                raise DatabaseAway(_drivers_words(error)) from error


def _drivers_words(error: Exception) -> str:
    """Return what the driver said; SQLAlchemy puts the statement and its values beside it."""
    said = getattr(error, "orig", None) or error
    return f"{type(said).__name__}: {said}"


def _is_away(error: DBAPIError) -> bool:
    """Whether a connection broke, or others held SQLite's file for longer than we wait."""
    busy = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return error.connection_invalidated or busy


def _sqlite_connect(connection: Any, _record: object) -> None:
    """Switch off the driver's own BEGIN and set what belongs to each connection."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("liveshop_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
