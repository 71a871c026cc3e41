"""Sold out without Redis: what a follower of the ledger knows, and when it is not believed."""

from typing import Any

import pytest

from commerce.events import Counters, Entry, Kind
from commerce.sale.refusals import AllHeld, SoldOut
from commerce.sale.sold_out import TRUST_S, SoldOutPools
from commerce.sale.types import Line

SHOP, POOL = "sp_1", "po_fs_1"
LINE = Line("va_1", 1, 1, "fs_1")


class Clock:
    """A clock that a test turns."""

    now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


def entry(available: int, held: int, kind: Kind = Kind.COMMIT, **more: Any) -> Entry:
    """A movement of the pool, and what it left."""
    counters = Counters(available, held, 1, 0, available + held + 1)
    return Entry(id="1-0", kind=kind, at_ms=1, pool=POOL, variant="va_1", counters=counters, **more)


def test_a_pool_with_nothing_left_is_refused_from_memory() -> None:
    """Not one with units held, nor one nobody knows of, nor a request for more than one thing."""
    book = SoldOutPools(Clock())
    follower = book.follow(SHOP)
    follower.at_end()
    book.refuse(SHOP, (LINE,))
    follower.saw(entry(0, 1))
    book.refuse(SHOP, (LINE,))
    follower.saw(entry(0, 0))
    with pytest.raises(SoldOut) as refused:
        book.refuse(SHOP, (LINE,))
    assert refused.value.facts == {"pool": POOL, "variant": "va_1", "available": 0, "held": 0}
    book.refuse(SHOP, (LINE, Line("va_2", 1, 1)))
    book.refuse("sp_2", (LINE,))
    assert book.answered_total == 1


@pytest.mark.parametrize("kind", [Kind.RETURN_SOLD, Kind.RESTOCK, Kind.TRANSFER_IN])
def test_what_brings_units_back_opens_again(kind: Kind) -> None:
    """Each of them writes the ledger, and that is enough."""
    book = SoldOutPools(Clock())
    follower = book.follow(SHOP)
    follower.saw(entry(0, 0))
    follower.at_end()
    assert book.stock(SHOP, POOL) == (0, 0)
    follower.saw(entry(1, 0, kind))
    book.refuse(SHOP, (LINE,))
    assert (book.stock(SHOP, POOL), book.answered_total) == ((1, 0), 0)


def test_a_memory_that_is_not_fresh_is_not_believed() -> None:
    """A reader that hangs, that began anew, or that has not reached the end yet."""
    clock = Clock()
    book = SoldOutPools(clock)
    follower = book.follow(SHOP)
    follower.saw(entry(0, 0))
    book.refuse(SHOP, (LINE,))
    follower.at_end()
    clock.now_s += TRUST_S
    book.refuse(SHOP, (LINE,))
    follower.at_end()
    follower.forget()
    follower.at_end()
    book.refuse(SHOP, (LINE,))
    follower.saw(entry(0, 0))
    follower.close()
    book.refuse(SHOP, (LINE,))
    assert book.answered_total == 0


def test_an_ended_sale_is_left_to_redis() -> None:
    """It has a refusal of its own."""
    book = SoldOutPools(Clock())
    follower = book.follow(SHOP)
    follower.saw(entry(0, 0))
    follower.saw(Entry(id="2-0", kind=Kind.SALE_ENDED, at_ms=2, pool=POOL))
    follower.at_end()
    book.refuse(SHOP, (LINE,))
    assert (book.stock(SHOP, POOL), book.answered_total) == (None, 0)


def test_who_can_get_nothing_hears_whether_units_may_come_back() -> None:
    """While somebody holds them they may."""
    book = SoldOutPools(Clock())
    follower = book.follow(SHOP)
    follower.saw(entry(0, 2))
    follower.at_end()
    assert (book.can_come(SHOP, POOL), book.can_come(SHOP, "po_other")) == (2, None)
    assert isinstance(book.refusal(SHOP, POOL), AllHeld)
    follower.saw(entry(0, 0))
    assert isinstance(book.refusal(SHOP, POOL), SoldOut)
