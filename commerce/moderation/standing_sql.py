"""What a person is to a shop, as far as the modes of its rooms ask."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.accounts import people_sql as people
from commerce.community import follows_sql
from commerce.database_sql import Database
from commerce.errors import NoSuchShow
from commerce.orders.states import OrderState
from commerce.orders.tables_sql import orders
from commerce.shows import shows_sql

BOUGHT = (
    OrderState.AUTHORISED,
    OrderState.PLACED,
    OrderState.PAID,
    OrderState.FULFILLED,
    OrderState.PARTLY_REFUNDED,
)
"""Orders by which somebody is a buyer; one that was paid back whole makes none."""


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """What a person is to a shop; None when they are a guest, or do not follow."""

    account_created_at_ms: int | None
    followed_at_ms: int | None
    bought: bool


async def bought(sql: AsyncConnection, shop: str, people_ids: Sequence[str]) -> bool:
    """Whether any of these people has bought in the shop."""
    query = sa.select(orders.c.id).where(
        orders.c.person.in_(people_ids), orders.c.shop == shop, orders.c.state.in_(BOUGHT)
    )
    return (await sql.execute(query.limit(1))).first() is not None


class Standing:
    """Answers what a person is to the shop of a show."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person: str, show: str) -> PersonStanding:
        """Look it up; raises NoSuchShow."""
        async with self._database.read() as sql:
            shop = await shows_sql.shop_of(sql, show)
            if shop is None:
                raise NoSuchShow(show=show)
            known = await people.since_when(sql, person) if person.startswith("ac_") else None
            everybody = [person, *await people.merged_guests(sql, person)]
            follow = await follows_sql.follow_of(sql, shop, person)
            return PersonStanding(
                None if known is None else known[1],
                None if follow is None else int(follow.since_ms),
                await bought(sql, shop, everybody),
            )
