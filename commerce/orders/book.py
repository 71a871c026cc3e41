"""The host's book of orders: pages of it by state and words, and the whole as CSV.

An export is read in pages of its own transactions, so a long one holds nothing up; orders made while it
runs are not in it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from commerce.conversations import conversations_sql
from commerce.database_sql import Database
from commerce.errors import InvalidField
from commerce.orders import export, orders_sql
from commerce.orders.messages import OrderList
from commerce.orders.orders_sql import Search
from commerce.orders.service import PAGE, page_cursor
from commerce.orders.states import OrderState
from commerce.orders.view import order_view
from commerce.returns.facts import with_facts

ROWS_PER_READ: Final = 100
SEARCH_CHARS: Final = 254
TO_SEND: Final = "to_send"
"""Not a state: what is paid and not sent whole, the host's work of the day."""
ASKED: Final = "asked"
"""Not a state: orders with a return or a cancellation that waits for the host."""
UNREAD: Final = "unread"
"""Not a state: orders with messages of their buyers that nobody of the shop has read."""


class OrderBook:
    """Lists and exports a shop's orders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, shop: str, cursor: str | None, state: str, words: str, limit: int = PAGE
    ) -> OrderList:
        """Return a page of a shop's orders, newest first. `state` and `words` "" take all.

        `words` is the beginning of an order's number or of an e-mail. Raises InvalidField.
        """
        if state and state not in {*OrderState, TO_SEND, ASKED, UNREAD}:
            raise InvalidField("There is no such state.", field="state")
        if len(words) > SEARCH_CHARS:
            raise InvalidField(f"Search for {SEARCH_CHARS} characters at most.", field="q")
        before = None if cursor is None else page_cursor(cursor)
        wanted = Search(state=state, words=" ".join(words.split()).lower())
        async with self._database.read() as sql:
            records = await orders_sql.search(sql, shop, wanted, before, limit + 1)
            unread = await conversations_sql.unread(sql, "shop", [one.order.id for one in records[:limit]])
        page = records[:limit]
        last = page[-1].order if len(records) > limit else None
        following = None if last is None else f"{last.created_at_ms}.{last.id}"
        return OrderList([order_view(record, private=True) for record in page], following, unread)

    def csv(self, shop: str, first: str, last: str) -> AsyncIterator[bytes]:
        """Return a shop's orders of the days from `first` to `last` (ISO, UTC), newest first, in pieces.

        Raises InvalidField for what is no day, and for a last day before the first.
        """
        from_ms, until_ms = _start_ms(first, "from"), _start_ms(last, "to", days=1)
        if until_ms <= from_ms:
            raise InvalidField("The last day is before the first.", field="to")
        return self._pieces(shop, from_ms, until_ms)

    async def _pieces(self, shop: str, from_ms: int, until_ms: int) -> AsyncIterator[bytes]:
        yield export.header()
        before = (until_ms, "")
        while True:
            async with self._database.read() as sql:
                wanted = Search(from_ms=from_ms)
                records = await orders_sql.search(sql, shop, wanted, before, ROWS_PER_READ)
                facts = await with_facts(sql, records)
            if facts:
                yield await asyncio.to_thread(export.rows, facts)
            if len(records) < ROWS_PER_READ:
                return
            before = (records[-1].order.created_at_ms, records[-1].order.id)


def _start_ms(day: str, field: str, days: int = 0) -> int:
    """Return when a day begins, or some days later; raises InvalidField."""
    try:
        found = date.fromisoformat(day)
        start = datetime(found.year, found.month, found.day, tzinfo=UTC) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise InvalidField("A day is written YYYY-MM-DD.", field=field) from error
    return int(start.timestamp() * 1000)
