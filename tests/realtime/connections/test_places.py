"""Finding connections by where they are from, and what that costs."""

import random
import sys
from typing import Any

import pytest

from realtime.connections.places import FEW, Places

BYTES_EACH = 105


def _size_bytes(places: Places[object]) -> int:
    """Return what the index itself takes: neither who is in it nor the names of places."""
    inner: dict[str, Any] = places._at
    return sys.getsizeof(inner) + sum(
        sys.getsizeof(there) for there in inner.values() if isinstance(there, tuple | dict)
    )


def test_who_is_added_is_found_until_they_go() -> None:
    """In any order, with one, a few and many at a place."""
    chance, places, wanted = random.Random(3), Places[object](), dict[str, list[object]]()
    for _ in range(5_000):
        place = f"de_{chance.randrange(20)}"
        there = wanted.setdefault(place, [])
        if there and chance.random() < 0.48:
            gone = there.pop(chance.randrange(len(there)))
            places.discard(place, gone)
            places.discard(place, gone)
        else:
            there.append(object())
            places.add(place, there[-1])
        assert sorted(map(id, places.at(place))) == sorted(map(id, there))
        kept = places._at.get(place)
        assert not (isinstance(kept, tuple) and len(kept) > FEW), "each change would copy them all"
    assert max(map(len, wanted.values())) > FEW
    for place, there in wanted.items():
        for one in there:
            places.discard(place, one)
    assert _size_bytes(places) - sys.getsizeof(places._at) == 0
    assert not any(places.at(place) for place in wanted)


def test_nowhere_is_no_place() -> None:
    """Whose address is unknown are no neighbours."""
    places = Places[object]()
    places.add("", object())
    places.discard("", object())
    assert places.at("") == ()


@pytest.mark.parametrize("at_one_address", [1, 2, FEW, FEW + 1, 10_000, 100_000])
@pytest.mark.parametrize("total", [10_000, 10_923, 21_900])
def test_the_index_takes_about_a_hundred_bytes_a_connection_at_most(total: int, at_one_address: int) -> None:
    """A device each; alone at an address, a few, and everybody at the same; also just after tables grew."""
    places = Places[object]()
    for number in range(total):
        one = object()
        places.add(f"de_{number}", one)
        places.add(f"ak_{number // at_one_address}", one)
    assert _size_bytes(places) / total <= BYTES_EACH
