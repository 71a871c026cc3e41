"""Four processes that read and write at once: no error reaches a caller, and nothing is lost or doubled."""

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from commerce.database_sql import Database
from tests.commerce import units_process

pytestmark = pytest.mark.alone

PROCESSES = 4
LIMIT_S = 100.0
ROOT = Path(__file__).parents[2]


async def prepare(database: Database) -> None:
    """Make the accounts, each with a thousand units."""
    async with database.write() as sql:
        await sql.execute(sa.text("CREATE TABLE test_accounts (id INTEGER PRIMARY KEY, units INTEGER)"))
        await sql.execute(sa.text("CREATE TABLE test_lines (id VARCHAR(20) PRIMARY KEY)"))
        for account in range(units_process.ACCOUNTS):
            await sql.execute(sa.text("INSERT INTO test_accounts VALUES (:id, 1000)"), {"id": account})


async def run(url: str, number: int) -> int:
    """Run one process; answers how many units it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.commerce.units_process", url, str(number)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            told, trouble = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert (process.returncode, trouble.decode()) == (0, "")
    return int(told)


async def test_four_processes_of_200_mixed_units_meet_no_error(database_url: str) -> None:
    """On SQLite and on PostgreSQL: readers see whole states, writers wait for each other."""
    database = Database.open(database_url)
    await prepare(database)
    written = await asyncio.gather(*(run(database_url, number) for number in range(PROCESSES)))
    assert min(written) > 50
    async with database.read() as sql:
        total = (await sql.execute(sa.text("SELECT SUM(units) FROM test_accounts"))).scalar_one()
        lines = (await sql.execute(sa.text("SELECT COUNT(*) FROM test_lines"))).scalar_one()
    await database.close()
    assert total == units_process.SUM
    assert lines == sum(written)
