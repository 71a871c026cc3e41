"""Who reads and writes in a conversation: the buyer by account or link, or somebody of the shop."""

from dataclasses import dataclass
from typing import Any

from commerce.conversations.structs import Side
from commerce.database_sql import Sql
from commerce.errors import NoSuchOrder, NotYours
from commerce.orders import orders_sql
from commerce.orders.checkout import opens
from commerce.routing import Identity


@dataclass(frozen=True, slots=True)
class Reader:
    """One side of an order's conversation. `person`: in whose name operations are counted.

    `author` is whose of the staff it is, None for the buyer. `language` is what they read.
    """

    order: str
    side: Side
    person: str
    row: Any
    author: str | None = None
    language: str = "en"

    @property
    def shop(self) -> str:
        """The order's shop."""
        return str(self.row.shop)


async def buyer_of(sql: Sql, identity: Identity | None, token: str | None, order: str) -> Reader:
    """Return the buyer's side for the order's owner or who has its link; raises NoSuchOrder, NotYours."""
    row = await orders_sql.row(sql, order)
    owner = identity is not None and identity.person == row.person
    if not owner and not opens(row, token):
        raise NotYours
    return Reader(order, "buyer", str(row.person), row)


async def staff_of(sql: Sql, person: str, shop: str, order: str, language: str) -> Reader:
    """Return the shop's side for one of its staff, whose role the door has checked; raises NoSuchOrder."""
    row = await orders_sql.row(sql, order)
    if row.shop != shop:
        raise NoSuchOrder
    return Reader(order, "shop", person, row, author=person, language=language)
