"""What a sale is made of, as frozen records; ids are strings, times are milliseconds since 1970.

The records are read straight from Redis (MessagePack written by the Functions in `lua/`), so fields may be
added here with a default, never renamed or removed while a release that writes them may be running.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

MAX_LINE_QUANTITY = 999
"""Units of one line of a reservation."""
MAX_LINES = 20
"""Holds of one reservation."""
MAX_STOCK_QUANTITY = 1_000_000
"""Units that one restock, withdrawal, transfer or return may move."""
MAX_PRICE_MINOR = 10**12
"""Highest price; every sum of 20 lines of 999 units stays exact in Lua's doubles (2^53)."""
HOLD_MS = 5 * 60_000
"""How long a new reservation stands, unless the shop says otherwise."""
PAY_EXTRA_MS = 5 * 60_000
"""What `pay_begin` adds to the deadline, once, unless the shop says otherwise."""


OFFER_MS = 3 * 60_000
"""How long an offer of the waitlist stands, unless the shop says otherwise."""
WAITLIST_MOST = 1_000
"""Places of one pool's waitlist, unless the shop says otherwise."""


def main_pool(variant: str) -> str:
    """Answer the id of a variant's main pool."""
    return f"po_{variant}"


def sale_pool(sale: str) -> str:
    """Answer the id of a flash sale's own pool."""
    return f"po_{sale}"


class Line(msgspec.Struct, frozen=True):
    """What a buyer asks for: `quantity` units of a variant at the price version shown to them.

    `sale` names the flash sale it is bought in, None means the ordinary price and the main pool.
    """

    variant: str
    quantity: int
    price_version: int
    sale: str | None = None

    @property
    def pool(self) -> str:
        """The pool the units come from."""
        return main_pool(self.variant) if self.sale is None else sale_pool(self.sale)


class PriceRecord(msgspec.Struct, frozen=True):
    """A variant's ordinary price as Redis knows it; SQL is its source and `price_put` copies it."""

    price_minor: int
    version: int
    product: str | None = None


class Hold(msgspec.Struct, frozen=True):
    """Units of one pool at a stamped price, part of a reservation. `product` is the variant's product."""

    pool: str
    variant: str
    quantity: int
    price_minor: int
    price_version: int
    product: str | None = None
    sale: str | None = None

    @property
    def line_total_minor(self) -> int:
        """Quantity times price."""
        return self.quantity * self.price_minor


class ReservationState(StrEnum):
    """Where a reservation stands; the last three are its end."""

    OPEN = "open"
    PAYING = "paying"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(msgspec.Struct, frozen=True):
    """What one `reserve` made: one person, one deadline, one state and 1 to 20 holds.

    `holds` is empty only after `change` dropped the last one (the state is then `released`). `order` is set
    from `pay_begin` on. `deadline_ms` is by the shop's clock. `ended_at_ms` is None while it is live.
    `offered`: the waitlist made it, the person has not asked again.
    """

    id: str
    person: str
    state: ReservationState
    created_at_ms: int
    deadline_ms: int
    holds: tuple[Hold, ...] = ()
    show: str | None = None
    order: str | None = None
    announce: bool = False
    ended_at_ms: int | None = None
    offered: bool = False

    @property
    def live(self) -> bool:
        """True while its units are held."""
        return self.state in {ReservationState.OPEN, ReservationState.PAYING}

    @property
    def total_minor(self) -> int:
        """The sum of its holds at their stamped prices."""
        return sum(hold.line_total_minor for hold in self.holds)


class PoolCounters(msgspec.Struct, frozen=True):
    """One pool's units: `total = available + held + sold + withdrawn`, none negative, always.

    `sale` is None for a variant's main pool. `waiting` counts the people in its waitlist.
    """

    variant: str
    available: int
    held: int
    sold: int
    withdrawn: int
    total: int
    sale: str | None = None
    waiting: int = 0


class SaleState(StrEnum):
    """Where a flash sale stands by the shop's clock."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    ENDED = "ended"


class SaleRecord(msgspec.Struct, frozen=True):
    """A flash sale as Redis knows it; SQL is its source and `sale_put` copies it with a rising `version`.

    `quantity` units are moved from the main pool when the record is first put. `limit` is units per buyer,
    0 means none. The sale is open from `starts_at_ms` to `ends_at_ms` (exclusive), or to `ended_at_ms` when
    the host ended it early. `drained` is set by Redis once the rest has gone back to the main pool.
    `pay_first`: units are held only when payment begins (first paid, first served).
    """

    id: str
    product: str
    variant: str
    price_minor: int
    price_version: int
    quantity: int
    limit: int
    starts_at_ms: int
    ends_at_ms: int
    version: int
    show: str | None = None
    ended_at_ms: int | None = None
    drained: bool = False
    pay_first: bool = False

    @property
    def pool(self) -> str:
        """The sale's own pool."""
        return sale_pool(self.id)

    @property
    def closes_at_ms(self) -> int:
        """When it ends or ended, whichever came first."""
        return self.ends_at_ms if self.ended_at_ms is None else min(self.ended_at_ms, self.ends_at_ms)

    def state_at(self, shop_time_ms: int) -> SaleState:
        """Answer the state at a time of the shop's clock (`SaleEngine.shop_time_ms`)."""
        if shop_time_ms >= self.closes_at_ms:
            return SaleState.ENDED
        return SaleState.OPEN if shop_time_ms >= self.starts_at_ms else SaleState.SCHEDULED


class ReserveRequest(msgspec.Struct, frozen=True):
    """One buyer's request of a `reserve_many`; `reservation` is the fresh id it would get.

    `key` is the client's idempotency key. `hold_ms` is the shop's setting.
    """

    person: str
    key: str
    reservation: str
    lines: tuple[Line, ...]
    show: str | None = None
    hold_ms: int = HOLD_MS


class Place(msgspec.Struct, frozen=True):
    """A person's place in a pool's waitlist; `position` 1 is offered the next units that come free."""

    pool: str
    variant: str
    quantity: int
    position: int
    at_ms: int
    sale: str | None = None
    show: str | None = None


class PaymentBegun(msgspec.Struct, frozen=True):
    """The answer of `pay_begin`: the order the reservations now belong to, and its common deadline.

    A repeat with the same key answers the **first** call's order id, which may differ from the one sent.
    """

    order: str
    deadline_ms: int
    reservations: tuple[Reservation, ...]


class Swept(msgspec.Struct, frozen=True):
    """What one `expire_due` did. `more` means it stopped at its limit; call again at once.

    `next_due_ms` is the next deadline or end of a sale by the shop's clock, None when nothing waits.
    """

    expired: tuple[Reservation, ...] = ()
    ended_sales: tuple[str, ...] = ()
    more: bool = False
    next_due_ms: int | None = None


class Purged(msgspec.Struct, frozen=True):
    """What one `purge_due` removed, by kind. `more` means it stopped at its limit."""

    removed: int = 0
    more: bool = False


class PoolAudit(msgspec.Struct, frozen=True):
    """One pool's counters beside the units that live reservations hold in it, and what does not agree."""

    pool: str
    counters: PoolCounters
    held_by_reservations: int
    faults: tuple[str, ...] = ()


class Audit(msgspec.Struct, frozen=True):
    """Every pool of a shop checked in one atomic step. `faults` also names holds whose pool is gone."""

    time_ms: int
    pools: tuple[PoolAudit, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """True when every counter agrees."""
        return not self.faults and not any(pool.faults for pool in self.pools)


Facts = Mapping[str, object]
"""What a refusal is made of, beside its code."""
