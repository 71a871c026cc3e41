"""What pools have left, as far as this process knows: "sold out" is then answered without Redis.

A pool with nothing available and nothing held gives units again only through `return_sold`, `restock` or a
transfer, and each of them writes the ledger with the pool's counters. So whoever follows a shop's ledger
(each room's announcer does) knows at every moment which pools are gone. What is known is trusted only for
`TRUST_S` after the follower last stood at the ledger's end: a reader that was not woken looks after 1 s, and
one that hangs or lost Redis is not believed. A wrong memory can only refuse, and only that long; it never
sells. Pure, but for the clock handed in.

One limit: the repeat of a `reserve` whose reservation has ended since (sold, given back) is answered
`sold_out` here, and with the ended reservation by Redis.
"""

from collections.abc import Callable
from typing import Final

from commerce.events import Entry, Kind
from commerce.sale.refusals import AllHeld, SoldOut
from commerce.sale.types import Line

TRUST_S: Final = 1.25
"""Longer than a reader's 1 s between two looks, by what a busy loop may be late."""
MAX_POOLS: Final = 10_000
"""Pools one follower remembers; above that it forgets all and learns anew."""


class Follower:
    """What one reader of one shop's ledger has seen; it reads in order and leaves nothing out."""

    def __init__(self, book: "SoldOutPools", shop: str) -> None:
        self._book = book
        self._shop = shop
        self.stock: dict[str, tuple[int, int]] = {}
        self.trusted_until_s = 0.0

    def saw(self, entry: Entry) -> None:
        """Learn from one entry."""
        if entry.pool is None:
            return
        if entry.kind is Kind.SALE_ENDED:
            self.stock.pop(entry.pool, None)  # Redis says `sale_ended`
        elif entry.counters is not None:
            self.stock[entry.pool] = entry.counters.available, entry.counters.held
        if len(self.stock) > MAX_POOLS:
            self.stock.clear()

    def at_end(self) -> None:
        """Say that there was nothing more to read just now."""
        self.trusted_until_s = self._book.now_s() + TRUST_S

    def forget(self) -> None:
        """Begin anew: the reader goes on from another place."""
        self.stock.clear()
        self.trusted_until_s = 0.0

    def close(self) -> None:
        """Follow no longer."""
        self._book.drop(self._shop, self)


class SoldOutPools:
    """All followers of this process. `now_s` is a monotonic clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.now_s = now_s
        self.answered_total = 0
        self._followers: dict[str, set[Follower]] = {}

    def follow(self, shop: str) -> Follower:
        """Begin to follow a shop; close it at the end."""
        follower = Follower(self, shop)
        self._followers.setdefault(shop, set()).add(follower)
        return follower

    def drop(self, shop: str, follower: Follower) -> None:
        """Forget a follower."""
        followers = self._followers.get(shop, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(shop, None)

    def stock(self, shop: str, pool: str) -> tuple[int, int] | None:
        """Answer (available, held) as a follower that may be trusted knows them, else None."""
        now_s = self.now_s()
        for one in self._followers.get(shop, ()):
            if now_s < one.trusted_until_s and pool in one.stock:
                return one.stock[pool]
        return None

    def can_come(self, shop: str, pool: str) -> int | None:
        """Answer the units that may still go to anybody, None when it is not known."""
        stock = self.stock(shop, pool)
        return None if stock is None else sum(stock)

    def refusal(self, shop: str, pool: str) -> AllHeld | SoldOut:
        """Answer what to tell somebody for whom nothing can be left."""
        available, held = self.stock(shop, pool) or (0, 0)
        kind = AllHeld if held else SoldOut
        return kind(pool=pool, available=available, held=held)

    def refuse(self, shop: str, lines: tuple[Line, ...]) -> None:
        """Raise SoldOut for a single line of a pool that is gone; anything else is Redis's to judge."""
        if len(lines) == 1 and self.stock(shop, lines[0].pool) == (0, 0):
            self.answered_total += 1
            raise SoldOut(pool=lines[0].pool, variant=lines[0].variant, available=0, held=0)
