"""A process that does 200 mixed units of work on a database: `units_process.py URL NUMBER`.

A write moves money between two accounts and writes a line; a read looks at all accounts at once, which must
sum to the same whenever it looks. It says how many it wrote; any error ends it with a traceback.
"""

import asyncio
import random
import sys

import sqlalchemy as sa

from commerce.database_sql import Database

UNITS = 200
ACCOUNTS = 8
SUM = 1_000 * ACCOUNTS
ACCOUNT = sa.table("test_accounts", sa.column("id"), sa.column("units"))


async def write(database: Database, draw: random.Random, line: str) -> None:
    """Read, then write what was read: the unit that a deferred transaction of SQLite could not end."""
    first, second = sorted(draw.sample(range(ACCOUNTS), 2))
    units = draw.randint(-5, 5)
    async with database.write() as sql:
        for account, by in ((first, units), (second, -units)):
            mine = sa.select(ACCOUNT.c.units).where(ACCOUNT.c.id == account).with_for_update()
            before = (await sql.execute(mine)).scalar_one()
            change = sa.update(ACCOUNT).where(ACCOUNT.c.id == account)
            await sql.execute(change.values(units=before + by))
        await sql.execute(sa.text("INSERT INTO test_lines (id) VALUES (:id)"), {"id": line})


async def read(database: Database) -> None:
    """Look at one consistent state."""
    async with database.read() as sql:
        total = (await sql.execute(sa.text("SELECT SUM(units) FROM test_accounts"))).scalar_one()
    assert total == SUM, total


async def main(url: str, number: int) -> None:
    """Do all units, some at the same time as a server's requests are."""
    draw, database = random.Random(number), Database.open(url)
    written = 0
    for place in range(0, UNITS, 4):
        work = []
        for unit in range(place, place + 4):
            if draw.random() < 0.5:
                work.append(write(database, draw, f"{number}-{unit}"))
                written += 1
            else:
                work.append(read(database))
        await asyncio.gather(*work)
    await database.close()
    sys.stdout.write(str(written))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
