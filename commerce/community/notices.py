"""Telling people of shows: reminders asked for, mails and pushes sent once each, and how to end them.

The worker writes the notice, its mail and its pushes in one transaction; the outbox sends. So many people a
round, so that a show with many followers is told at a steady rate and nothing else waits for it.
"""

import hmac
from typing import Any, Final

from commerce.accounts import people_sql as people
from commerce.community import follows_sql, letters, notices_sql, pushes_sql
from commerce.community.push import OUTBOX_KIND
from commerce.community.refusals import AddressNeeded
from commerce.community.structs import Confirmed, Reminder, ReminderList
from commerce.database_sql import AlreadyThere, Sql
from commerce.errors import BadToken, NoSuchShow, WrongState
from commerce.keys_crypto import Keys
from commerce.outbox_sql import Outbox
from commerce.ports import Clock
from commerce.shops.shops import Shops
from commerce.shows import shows_sql
from commerce.shows.states import ShowState

LIVE_MS: Final = 30 * 60_000
"""So long after its start a show is still told as live."""
PEOPLE_PER_ROUND: Final = 200
SHOWS_PER_ROUND: Final = 50
_PURPOSE: Final = "unsubscribe"


class Notices:
    """Who is told of which show. `remind_ms` before the start, and at going live."""

    def __init__(
        self, outbox: Outbox, shops: Shops, keys: Keys, now_ms: Clock, public_url: str, remind_ms: int
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._shops = shops
        self._keys = keys
        self._now_ms = now_ms
        self._public_url = public_url
        self._remind_ms = remind_ms

    async def standing(self, show: str, person: str | None) -> Reminder:
        """Return whether a person asked to be told, and could be; raises NoSuchShow."""
        async with self._database.read() as sql:
            if await shows_sql.show_row(sql, show) is None:
                raise NoSuchShow(show=show)
            if person is None:
                return Reminder(reminded=False, reachable=False)
            asked = await notices_sql.reminder(sql, show, person)
            return Reminder(asked, await can_be_told(sql, person))

    async def mine(self, person: str) -> ReminderList:
        """Return of which shows to come a person is told, and whether anything reaches them."""
        async with self._database.read() as sql:
            shows = await notices_sql.reminded_of(sql, person)
            return ReminderList(tuple(shows), await can_be_told(sql, person))

    async def remind(self, show: str, person: str, language: str) -> Reminder:
        """Tell a person of a show that has not begun; raises NoSuchShow, WrongState, AddressNeeded."""
        try:
            async with self._database.write() as sql:
                row = await shows_sql.show_row(sql, show)
                if row is None:
                    raise NoSuchShow(show=show)
                if row.state != ShowState.SCHEDULED:
                    raise WrongState("The show has started already.", state=row.state)
                if not await can_be_told(sql, person):
                    raise AddressNeeded
                if not await notices_sql.reminder(sql, show, person):
                    await notices_sql.add_reminder(sql, show, person, language, self._now_ms())
        except AlreadyThere:
            pass  # the same press at the same time was first
        return await self.standing(show, person)

    async def forget(self, show: str, person: str) -> Reminder:
        """Tell a person of a show no more; harmless when nobody would. Raises NoSuchShow."""
        async with self._database.write() as sql:
            await notices_sql.remove_reminder(sql, show, person)
        return await self.standing(show, person)

    async def unsubscribe(self, token: str) -> Confirmed:
        """End the mails about a shop by the link in one of them; repeating is harmless. Raises BadToken."""
        person, _, rest = token.partition(".")
        shop, _, mark = rest.partition(".")
        if not hmac.compare_digest(mark.encode(), self._mark(person, shop).encode()):
            raise BadToken
        async with self._database.write() as sql:
            account = await people.merged_into(sql, person) if person.startswith("gu_") else None
            await notices_sql.silence(sql, shop, account or person)
        return Confirmed((await self._shops.cards([shop]))[shop])

    async def send_due(self) -> int:
        """Tell those whose time has come (the worker's job); returns how many were told."""
        now_ms, told = self._now_ms(), 0
        async with self._database.read() as sql:
            due = await notices_sql.shows_due(sql, now_ms, self._remind_ms, LIVE_MS, SHOWS_PER_ROUND)
        for show in due:
            if told < PEOPLE_PER_ROUND:
                told += await self._tell(show, PEOPLE_PER_ROUND - told)
        return told

    async def _tell(self, show: Any, limit: int) -> int:
        kind = "live" if show.state == ShowState.LIVE else "soon"
        before_ms = show.started_at_ms if kind == "live" else show.starts_at_ms - self._remind_ms
        async with self._database.write() as sql:
            found = await notices_sql.reminded(sql, show.id, kind, before_ms, limit)
            if kind == "live" and len(found) < limit:
                known = {one.person for one in found}
                rest = await notices_sql.following(sql, show.shop, show.id, kind, before_ms, limit)
                found += [one for one in rest if one.person not in known][: limit - len(found)]
            mails = await notices_sql.addresses(sql, [one.person for one in found])
            for one in found:
                await notices_sql.note(sql, show.id, kind, one.person, self._now_ms())
                await self._leave(sql, show, kind, one, mails.get(one.person) if one.by_mail else None)
        return len(found)

    async def _leave(self, sql: Sql, show: Any, kind: str, one: Any, email: str | None) -> None:
        """Leave a mail and pushes to the worker's outbox."""
        words = letters.show_words(kind, one.language, show.shop_name, show.title, self._remind_ms // 60_000)
        url = f"{self._public_url}/shows/{show.id}"
        if email is not None:
            token = f"{one.person}.{show.shop}.{self._mark(one.person, show.shop)}"
            letter = letters.of_show(email, words, url, one.language, self._public_url, token)
            await self._outbox.add(sql, "mail", dict(letter))
        for subscription in await pushes_sql.of_person(sql, one.person):
            message = {"title": words.subject, "body": show.title, "url": f"/shows/{show.id}", "tag": show.id}
            until_ms = (show.started_at_ms or show.starts_at_ms) + LIVE_MS
            payload = {"subscription": subscription, "message": message, "until_ms": until_ms}
            await self._outbox.add(sql, OUTBOX_KIND, payload)

    def _mark(self, person: str, shop: str) -> str:
        return self._keys.digest(_PURPOSE, f"{person} {shop}")[:32]


async def can_be_told(sql: Sql, person: str) -> bool:
    """Tell whether anything reaches a person: an account, a guest's address, a browser that takes pushes."""
    if person.startswith("ac_") or await follows_sql.guest_mail(sql, person) is not None:
        return True
    return bool(await pushes_sql.of_person(sql, person))
