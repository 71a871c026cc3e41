"""Who may do what in a shop; asked at every staff request and by every room."""

from collections import OrderedDict

from commerce.accounts import people_sql as people
from commerce.database_sql import Database
from commerce.ports import Clock
from commerce.shops import staff_sql
from commerce.shows import shows_sql

CACHE_MS = 1_000
CACHE_ENTRIES = 20_000

Place = tuple[str, bool]
"""A role, and whether who has it sees money."""


class Staff:
    """Answers roles, remembering each answer for a second at most."""

    def __init__(self, database: Database, now_ms: Clock) -> None:
        self._database = database
        self._now_ms = now_ms
        self._cache: OrderedDict[tuple[str, str], tuple[int, Place | None]] = OrderedDict()

    async def role_in(self, person: str, *, shop: str | None = None, show: str | None = None) -> str | None:
        """Return one of `staff_sql.ROLES` or None; a platform administrator is an owner everywhere.

        The place is a shop, or a show and thereby its shop: then the higher of both roles. Guests have none.
        """
        found = await self._place(person, shop, show)
        return None if found is None else found[0]

    async def sees_money(self, person: str, *, shop: str | None = None, show: str | None = None) -> bool:
        """Return whether takings and orders are shown to the person there."""
        found = await self._place(person, shop, show)
        return found is not None and found[1]

    async def _place(self, person: str, shop: str | None, show: str | None) -> Place | None:
        place = show or shop
        if place is None or not person.startswith("ac_"):
            return None
        asked, now_ms = (person, place), self._now_ms()
        kept = self._cache.get(asked)
        if kept is not None and 0 <= now_ms - kept[0] < CACHE_MS:
            return kept[1]
        found = await self._look(person, shop, show)
        self._cache[asked] = (now_ms, found)
        self._cache.move_to_end(asked)
        while len(self._cache) > CACHE_ENTRIES:
            self._cache.popitem(last=False)
        return found

    async def _look(self, person: str, shop: str | None, show: str | None) -> Place | None:
        async with self._database.read() as sql:
            where = await shows_sql.shop_of(sql, show) if show is not None else shop
            if where is None:
                return None
            if await people.is_admin(sql, person):
                return "owner", True
            return await staff_sql.place_of(sql, where, show, person)
