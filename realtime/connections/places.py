"""Connections by whose they are and where they come from, found without a search.

Nearly every place has one connection, which then stands in the table itself; some have a few, as a tuple; a
whole school behind one address is a table of its own. That keeps the index small: for a device and an address
each 40 to 90 bytes a connection, and 104 at worst, where all have one address and both tables just grew.
"""

from typing import Generic, TypeVar

One = TypeVar("One")
FEW = 8
"""Up to so many are a tuple: it is made anew at each change."""


class Places(Generic[One]):
    """Who is at which place; one without a name is nowhere. What is kept must be no tuple and no dict."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: dict[str, One | tuple[One, ...] | dict[One, None]] = {}

    def add(self, place: str, one: One) -> None:
        """Let one be found at a place."""
        if not place:
            return
        there = self._at.get(place)
        if isinstance(there, dict):
            there[one] = None
        elif there is None:
            self._at[place] = one
        else:
            few = (*_few(there), one)
            self._at[place] = few if len(few) <= FEW else dict.fromkeys(few)

    def discard(self, place: str, one: One) -> None:
        """Let one be found there no longer."""
        there = self._at.get(place)
        if isinstance(there, dict):
            there.pop(one, None)
            if there:
                return
        few = () if isinstance(there, dict) else tuple(each for each in _few(there) if each is not one)
        if few:
            self._at[place] = few if len(few) > 1 else few[0]
        else:
            self._at.pop(place, None)

    def at(self, place: str) -> tuple[One, ...]:
        """Return who is there."""
        there = self._at.get(place)
        return tuple(there) if isinstance(there, dict) else _few(there)


def _few(there: One | tuple[One, ...] | None) -> tuple[One, ...]:
    if there is None:
        return ()
    return there if isinstance(there, tuple) else (there,)
