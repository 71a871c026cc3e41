"""Top supporters: who does most for a live show, for everybody in its room to see.

What counts cannot be had for nothing. A unit somebody bought and kept is worth `UNIT`, a paid order that came
by their share link `ORDER`, a device that entered by it 1, at most `ENTRIES_MOST` together: less than any
purchase, because devices can be made up. Hearts do not count: a script has most of them. No amounts
are shown.

A worker computes the list every few seconds and pins it to the room's board when it changed, so it travels
like any fact and stands in every snapshot.
"""

from typing import Any, Final, TypedDict

from commerce.community import supporters_sql
from commerce.community.supporters_sql import Did
from commerce.database_sql import Database
from commerce.ports import Clock, RoomBoards

BOARD: Final = "supporters"
SHOWN: Final = 10
SHOWS_PER_ROUND: Final = 100
CANDIDATES: Final = 100
UNIT: Final = 10
ORDER: Final = 10
ENTRIES_MOST: Final = 9


class Supporter(TypedDict):
    """One of the list: `units` bought and kept, `brought` orders by their link."""

    person: str
    name: str
    units: int
    brought: int


def points(did: Did) -> int:
    """Return what somebody's support is worth."""
    return UNIT * max(0, did.units) + ORDER * did.orders + min(ENTRIES_MOST, did.entries)


def ranked(did: dict[str, Did], limit: int) -> list[str]:
    """Return who did most, most first; equals in an order that stays."""
    some = [person for person, done in did.items() if points(done) > 0]
    return sorted(some, key=lambda person: (-points(did[person]), person))[:limit]


class Supporters:
    """Tells rooms their supporters. `boards` comes from the composition root; without it nothing is told."""

    def __init__(self, database: Database, now_ms: Clock) -> None:
        self._database = database
        self._now_ms = now_ms
        self.boards: RoomBoards | None = None

    async def tell_all(self) -> int:
        """Pin the list of every live show whose list changed (the worker's job); returns how many."""
        if self.boards is None:
            return 0
        async with self._database.read() as sql:
            live = await supporters_sql.live_shows(sql, SHOWS_PER_ROUND)
        told = 0
        for show in live:
            found = await self._of(self.boards, show) if show.supporters else []
            value = found or None
            if value != await self.boards.pinned(show.id, BOARD):
                await self.boards.pin(show.id, BOARD, value)
                told += 1
        return told

    async def of(self, show: str, shop: str) -> list[Supporter]:
        """Return the supporters of a show, those who did most first."""
        async with self._database.read() as sql:
            did = await supporters_sql.did_for(sql, show)
            first = ranked(did, CANDIDATES)
            names = await supporters_sql.may_be_named(sql, shop, show, first, self._now_ms())
        return [
            Supporter(
                person=person, name=names[person], units=max(0, did[person].units), brought=did[person].orders
            )
            for person in first
            if person in names
        ][:SHOWN]

    async def _of(self, boards: RoomBoards, show: Any) -> list[Supporter]:
        found = await self.of(show.id, show.shop)
        shown = await boards.names(show.id, [one["person"] for one in found])
        return [Supporter(**{**one, "name": shown.get(one["person"], one["name"])}) for one in found]
