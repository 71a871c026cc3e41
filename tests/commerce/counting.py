"""Counts what is in the tables of a running commerce."""

import sqlalchemy as sa

from commerce.services import CommerceServices


async def count_rows(commerce: CommerceServices, table: sa.Table) -> int:
    """Count a table's rows."""
    async with commerce.database.read() as sql:
        return int((await sql.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())
