"""What `check` asks the database: does it answer, and is it migrated."""

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from commerce.database_sql import Database
from commerce.migrations.migrate import RELEASE, alembic_config, parse_release
from liveshop.check.findings import Finding, fault, fine
from liveshop.settings.addresses import without_password


async def check_database(url: str) -> list[Finding]:
    """Look at the database the server uses; nothing is written. A SQLite file must exist."""
    shown = without_password(url)
    database = Database.open(url)
    try:
        async with database.read() as connection:
            revision, oldest = await connection.run_sync(_state)
    except (SQLAlchemyError, OSError) as error:
        cause = error.__cause__ or error
        reason = str(getattr(cause, "orig", None) or cause).splitlines()[0].rstrip(".")
        return [fault(f"The database at {shown} cannot be used: {reason}.")]
    finally:
        await database.close()
    return [fine(f"The database at {shown} answers."), state_finding(revision, newest_revision(), oldest)]


def newest_revision() -> str | None:
    """Return the newest schema this release knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def state_finding(revision: str | None, newest: str | None, oldest_release: str | None) -> Finding:
    """Judge the schema's revision and the oldest release the data says may use it."""
    if oldest_release is not None and parse_release(oldest_release) > RELEASE:
        own = ".".join(map(str, RELEASE))
        return fault(f"The data needs liveshop {oldest_release} or newer; this is {own}.")
    if revision is None:
        return fine("The database is empty; the next start makes the tables.")
    if revision != newest:
        return fine(f"The database is at revision {revision}; the next start brings it to {newest}.")
    return fine(f"The database is at revision {revision}, the newest.")


def _state(connection: sa.Connection) -> tuple[str | None, str | None]:
    revision = MigrationContext.configure(connection).get_current_revision()
    if not sa.inspect(connection).has_table("data_format"):
        return revision, None
    return revision, connection.exec_driver_sql("SELECT oldest_release FROM data_format").scalar()
