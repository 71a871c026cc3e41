"""The line before the door of an overrun sale; pure: times, stock and random numbers are handed in.

One place a person. Who presses in the first moments of a sale is gathered and drawn in random order when that
time is over, so that milliseconds, and bots, gain nothing; later ones stand behind them, first come first
served. The line knows the stock: who wants more units than can ever come to them is told at once and not at
the end.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Request = TypeVar("Request")


@dataclass(slots=True, eq=False)
class Waiter(Generic[Request]):
    """Somebody in line. `units` of `pool` are wanted; `pool` None stands for many lines.

    `drawn_at_s`: when their draw is, None once they stand in order. `ahead` is how many are before them, as
    of the last count.
    """

    person: str
    request: Request
    pool: str | None
    units: int
    drawn_at_s: float | None = None
    ahead: int = field(default=0)


class Line(Generic[Request]):
    """One shop's line at one process; `shuffle` puts a list in random order, in place."""

    def __init__(self, most: int, shuffle: Callable[[list[Waiter[Request]]], None]) -> None:
        self._most = most
        self._shuffle = shuffle
        self._gathering: dict[str, list[Waiter[Request]]] = {}
        self._ordered: OrderedDict[str, Waiter[Request]] = OrderedDict()
        self._by_person: dict[str, Waiter[Request]] = {}

    def __len__(self) -> int:
        """How many are in it, gathered ones too."""
        return len(self._by_person)

    @property
    def full(self) -> bool:
        """Whether one more must be turned away."""
        return len(self) >= self._most

    def of(self, person: str) -> Waiter[Request] | None:
        """Answer a person's place, None when they have none."""
        return self._by_person.get(person)

    def join(self, waiter: Waiter[Request]) -> None:
        """Take the last place, or a lot in the pool's draw; who is in line already stays where they are."""
        if waiter.person in self._by_person:
            return
        self._by_person[waiter.person] = waiter
        if waiter.drawn_at_s is not None and waiter.pool is not None:
            self._gathering.setdefault(waiter.pool, []).append(waiter)
        else:
            self._stand(waiter)

    def draw(self, now_s: float) -> None:
        """Put those in order whose draw has come."""
        for pool, lots in list(self._gathering.items()):
            if lots[0].drawn_at_s is not None and lots[0].drawn_at_s <= now_s:
                del self._gathering[pool]
                self._shuffle(lots)
                for waiter in lots:
                    self._stand(waiter)

    def next_draw_s(self) -> float | None:
        """Answer when the next draw is."""
        return min((lots[0].drawn_at_s or 0.0 for lots in self._gathering.values()), default=None)

    def pop(self) -> Waiter[Request] | None:
        """Take the first in order out of the line, None when nobody stands in order."""
        if not self._ordered:
            return None
        person, waiter = self._ordered.popitem(last=False)
        del self._by_person[person]
        return waiter

    def leave(self, person: str) -> None:
        """Give a place up."""
        waiter = self._by_person.pop(person, None)
        if waiter is not None and self._ordered.pop(person, None) is None and waiter.pool is not None:
            lots = self._gathering[waiter.pool]
            lots.remove(waiter)
            if not lots:
                del self._gathering[waiter.pool]

    def count(self, most_units: Callable[[str], int | None]) -> list[Waiter[Request]]:
        """Count who is before whom; take out and answer those for whom nothing can be left.

        `most_units(pool)` is available + held, all that can still come, None when it is not known.
        """
        hopeless: list[Waiter[Request]] = []
        ahead_units: dict[str, int] = {}
        for ahead, waiter in enumerate(self._standing()):
            waiter.ahead = ahead - len(hopeless)
            if waiter.pool is None:
                continue
            wanted = ahead_units.get(waiter.pool, 0) + waiter.units
            can_come = most_units(waiter.pool)
            if can_come is not None and wanted > can_come:
                hopeless.append(waiter)
            else:
                ahead_units[waiter.pool] = wanted
        for waiter in hopeless:
            self.leave(waiter.person)
        return hopeless

    def _standing(self) -> Iterator[Waiter[Request]]:
        return iter(self._ordered.values())

    def _stand(self, waiter: Waiter[Request]) -> None:
        waiter.drawn_at_s = None
        waiter.ahead = len(self._ordered)
        self._ordered[waiter.person] = waiter
