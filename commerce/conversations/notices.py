"""Mails about messages that stay unread: one for each side and burst, some minutes after the first.

The first message that a side has not been told of leaves an outbox row for later, with the moment in it.
Whoever carries the row out looks whether that moment still stands: it is gone once the side has read
everything, and moved once a mail went out. A new burst is what comes an hour after the last one was told.
"""

from typing import Any, Final

from commerce.accounts import people_sql as people
from commerce.accounts.letters import Letter
from commerce.conversations import conversations_sql, letters
from commerce.conversations.structs import Side
from commerce.database_sql import Sql
from commerce.errors import NoSuchOrder
from commerce.orders import orders_sql
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock
from commerce.shops import staff_sql

OUTBOX_KIND: Final = "unread_message"
UNREAD_MS: Final = 5 * 60_000
BURST_MS: Final = 60 * 60_000


class Notices:
    """Begins and sends them."""

    def __init__(self, outbox: Outbox, now_ms: Clock, public_url: str) -> None:
        self._outbox = outbox
        self._now_ms = now_ms
        self._public_url = public_url

    async def begin(self, unit: Unit, row: Any, side: Side) -> dict[str, object]:
        """Leave a notice for later unless one is on its way; answers what changes of the conversation."""
        now_ms, told_ms = self._now_ms(), getattr(row, f"{side}_told_ms")
        if told_ms is not None and now_ms - told_ms < BURST_MS:
            return {}
        payload = {"order": row.order, "side": side, "since_ms": now_ms}
        await unit.add(OUTBOX_KIND, payload, delay_ms=UNREAD_MS)
        return {f"{side}_told_ms": now_ms}

    async def send(self, task: OutboxRow) -> None:
        """Mail a side that has still not read (carries the outbox's rows out); repeating it is harmless."""
        order, side = str(task.payload["order"]), task.payload["side"]
        async with self._outbox.write() as unit:
            row = await conversations_sql.row(unit.sql, order, lock=True)
            if row is None or getattr(row, f"{side}_told_ms") != task.payload["since_ms"]:
                return
            # The moment moves with the mail: a repeat of this row finds another one.
            later_ms = max(self._now_ms(), task.payload["since_ms"] + 1)
            await conversations_sql.note(unit.sql, order, **{f"{side}_told_ms": later_ms})
            for letter in await self._letters(unit.sql, order, side, row.shop_language):
                await unit.add("mail", dict(letter))

    async def _letters(self, sql: Sql, order: str, side: Side, shop_language: str | None) -> list[Letter]:
        try:
            row = await orders_sql.row(sql, order)
        except NoSuchOrder:
            return []
        if side == "buyer":
            return [letters.to_buyer(row, self._public_url)] if row.contact_email else []
        language = shop_language or row.language
        known = await people.names_and_emails(sql, await self._staff(sql, order, row.shop))
        return [
            letters.to_staff(row, language, name, email, self._public_url)
            for name, email in known.values()
            if email
        ]

    async def _staff(self, sql: Sql, order: str, shop: str) -> list[str]:
        """Return who is told: those of the staff who wrote in it, else the shop's owners."""
        staff = await staff_sql.staff_of(sql, shop)
        wrote = set(await conversations_sql.authors(sql, order))
        there = [one.person for one in staff if one.person in wrote]
        return there or [one.person for one in staff if one.role == "owner"]
