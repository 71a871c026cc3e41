"""Mails to a shop about what its buyers ask for: one for each burst, some minutes after the first.

Whoever may answer is told: the shop's hosts and owners. The first request that the shop was not told of
leaves an outbox row for later, and the row tells of all that came until then; the next one waits until an
hour after the last mail, so nothing is left out and nobody gets a mail for each of a hundred requests.
What was answered meanwhile is told to nobody. A shop's requests and its mails go one after the other by the
lock on its row, so a request is never written beside a mail that does not see it.
"""

from typing import Final

from commerce.accounts import people_sql as people
from commerce.conversations import conversations_sql
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock
from commerce.returns import returns_sql
from commerce.returns.staff_letters import Asked, asked_letter
from commerce.returns.states import ReturnKind, ReturnState
from commerce.shops import staff_sql

OUTBOX_KIND: Final = "returns_asked"
FIRST_MS: Final = 2 * 60_000
BURST_MS: Final = 60 * 60_000
ANSWERS: Final = frozenset({"host", "owner"})
"""The roles that may answer a request."""


class ReturnNotices:
    """Begins and sends them."""

    def __init__(self, outbox: Outbox, now_ms: Clock, public_url: str) -> None:
        self._outbox = outbox
        self._now_ms = now_ms
        self._public_url = public_url

    async def begin(self, unit: Unit, shop: str) -> None:
        """Leave a mail for later unless one is on its way; called before the request is written."""
        await staff_sql.lock_shop(unit.sql, shop)
        waiting, last_ms = await returns_sql.telling(unit.sql, shop)
        if waiting:
            return
        now_ms = self._now_ms()
        due_ms = max(now_ms + FIRST_MS, (last_ms or 0) + BURST_MS)
        await unit.add(OUTBOX_KIND, {"shop": shop}, delay_ms=due_ms - now_ms)

    async def send(self, task: OutboxRow) -> None:
        """Mail what the shop was not told of (carries the outbox's rows out); repeating it is harmless."""
        shop = str(task.payload["shop"])
        async with self._outbox.write() as unit:
            await staff_sql.lock_shop(unit.sql, shop)
            found = await returns_sql.untold(unit.sql, shop)
            await returns_sql.tell(unit.sql, [row.id for row in found], self._now_ms())
            asked = [
                Asked(ReturnKind(row.kind), row.number, row.created_at_ms)
                for row in found
                if row.state == ReturnState.ASKED
            ]
            if not asked:
                return
            language = await conversations_sql.shop_language(unit.sql, shop) or found[0].language
            staff = await staff_sql.staff_of(unit.sql, shop)
            wanted = [one.person for one in staff if one.role in ANSWERS]
            known = await people.names_and_emails(unit.sql, wanted)
            for name, email in known.values():
                if email:
                    letter = asked_letter(asked, shop, language, name, email, self._public_url)
                    await unit.add("mail", dict(letter))
