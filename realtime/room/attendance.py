"""What the other processes must hear of who is in a room here, so that nobody counts twice. Pure.

Each person whose coming or going has not been heard is said by a mark with what they are now, some hundred a
call. That is absolute: after a call whose answer was lost they are said again, without harm. When the store
knows another number of people than there are (it was restored to an older state), this process takes a new
slot and says everybody again.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice

NO_SLOT, LEAVES = 0, -1
MARK_BYTES = 8
"""Two of 10,000 people have the same mark in one of 4 * 10^11 rooms; they count as one then."""
SAID_AT_ONCE_TOTAL = 250
"""More come in over the next calls; until then they count as people who are nowhere else."""


@dataclass(frozen=True, slots=True)
class News:
    """What one call says: marks of who is here now, and of who is not. `viewers` are all who are here.

    `joins` counts all who ever came here. `whole`: with this call everything has been said.
    """

    slot: int = NO_SLOT
    came: bytes = b""
    went: bytes = b""
    people: tuple[str, ...] = ()
    viewers: int = 0
    whole: bool = False
    joins: int = 0


NOBODY_NEW = News()


def mark(person: str) -> bytes:
    """Return what stands for a person."""
    return hashlib.blake2b(person.encode(), digest_size=MARK_BYTES).digest()


class Attendance:
    """One room's people of this process, as far as they are still to be said."""

    def __init__(self) -> None:
        self.joins_total = 0
        self._joins_elsewhere: int | None = None
        self._slot = NO_SLOT
        self._unsaid: set[str] = set()

    @property
    def unsaid_total(self) -> int:
        """How many people are still to be said."""
        return len(self._unsaid)

    def changed(self, person: str) -> None:
        """Note that somebody may have come or gone."""
        self._unsaid.add(person)

    def news(self, viewers: int, watches: Callable[[str], bool]) -> News:
        """Take what the next call says; `watches` tells who is a viewer here now."""
        people = () if self._slot == NO_SLOT else tuple(islice(self._unsaid, SAID_AT_ONCE_TOTAL))
        self._unsaid.difference_update(people)
        came = b"".join(mark(person) for person in people if watches(person))
        went = b"".join(mark(person) for person in people if not watches(person))
        return News(self._slot, came, went, people, viewers, not self._unsaid, self.joins_total)

    def leaves(self) -> News:
        """Return what the last call says."""
        return News(LEAVES, joins=self.joins_total)

    def lost(self, news: News) -> None:
        """Say this again: nobody knows whether it was heard."""
        self._unsaid.update(news.people)

    def heard(
        self, news: News, slot: int, known_total: int, everybody: Callable[[], Collection[str]]
    ) -> None:
        """Take the answer to a call; `everybody` returns the viewers here now."""
        if slot != self._slot:
            self._slot = slot
            self._unsaid.update(everybody())
        elif news.whole and known_total != news.viewers:
            self._slot = NO_SLOT

    def joined_elsewhere(self, joins_total: int) -> int:
        """Take the joins of all others since their starts; returns how many there were since last asked."""
        before, self._joins_elsewhere = self._joins_elsewhere, joins_total
        return 0 if before is None else max(0, joins_total - before)
