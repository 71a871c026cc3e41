"""The sale as a small pure model: what a random walk through the real one is compared with.

No prices, no clock, no keys in Redis: pools of units, reservations with a state, counts per person and sale,
who waits for a pool, and the idempotency records. Every method answers an id (or a state) or the code of the
refusal.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

MUG, CAP, SALE = "po_va_mug", "po_va_cap", "po_fs_sale"
SALE_LIMIT = 2
Lines = tuple[tuple[str, int], ...]


@dataclass
class Pool:
    """Units of one pool."""

    available: int
    held: int = 0
    sold: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """All units it has."""
        return self.available + self.held + self.sold + self.withdrawn


@dataclass
class Booking:
    """One reservation: `holds` is pool -> units."""

    person: str
    holds: dict[str, int]
    state: str = "open"
    paid_for: bool = False

    @property
    def live(self) -> bool:
        """True while its units are held."""
        return self.state in {"open", "paying"}


@dataclass
class Wait:
    """A place in a pool's waitlist; an offer becomes the reservation `booking`."""

    person: str
    quantity: int
    booking: str


@dataclass
class Model:
    """One shop: 8 mugs of which 3 are in a flash sale with limit 2, and 3 caps."""

    pools: dict[str, Pool] = field(default_factory=lambda: {MUG: Pool(5), CAP: Pool(3), SALE: Pool(3)})
    bookings: dict[str, Booking] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    holding: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    stored: dict[tuple[str, str], tuple[Lines, str]] = field(default_factory=dict)
    waits: dict[str, list[Wait]] = field(default_factory=lambda: {MUG: [], CAP: [], SALE: []})
    sale_open: bool = True

    def home(self, pool: str) -> str:
        """Where units of a pool come back to."""
        return MUG if pool == SALE and not self.sale_open else pool

    def reserve(self, person: str, key: str, lines: Lines, booking: str) -> str:
        """Hold every line or none."""
        if (person, key) in self.stored:
            body, answer = self.stored[person, key]
            return answer if body == lines else "idempotency_conflict"
        if len(lines) == 1 and self.holding[person, lines[0][0]]:
            return self.holding[person, lines[0][0]][0]
        for pool, quantity in lines:
            if self.holding[person, pool]:
                return "already_held"
            if refused := self._refused(person, pool, quantity):
                return refused
        for pool, quantity in lines:
            self._hold(person, pool, quantity, booking)
        self.bookings[booking] = Booking(person, dict(lines))
        self.stored[person, key] = (lines, booking)
        return booking

    def join(self, person: str, pool: str, quantity: int, booking: str) -> int | str:
        """Wait for a pool; answers the position."""
        queue = [wait.person for wait in self.waits[pool]]
        if person in queue:
            return queue.index(person) + 1
        if pool == SALE and not self.sale_open:
            return "sale_ended"
        if self.holding[person, pool]:
            return "already_held"
        if pool == SALE and self.counts[person] + quantity > SALE_LIMIT:
            return "limit_reached"
        if not queue and self.pools[pool].available:
            return "units_free"
        self.waits[pool].append(Wait(person, quantity, booking))
        return len(queue) + 1

    def leave(self, person: str, pool: str) -> bool:
        """Wait no longer."""
        staying = [wait for wait in self.waits[pool] if wait.person != person]
        left = len(staying) < len(self.waits[pool])
        self.waits[pool] = staying
        return left

    def serve(self) -> None:
        """Offer what is free to those who wait: what every call that writes ends with."""
        for pool, queue in self.waits.items():
            while queue and self.pools[pool].available:
                wait = queue.pop(0)
                may = SALE_LIMIT - self.counts[wait.person] if pool == SALE else wait.quantity
                units = min(wait.quantity, may, self.pools[pool].available)
                if units > 0 and not self.holding[wait.person, pool]:
                    self._hold(wait.person, pool, units, wait.booking)
                    self.bookings[wait.booking] = Booking(wait.person, {pool: units})

    def change(self, booking: str, pool: str, quantity: int) -> str:
        """Set one hold's units."""
        one = self.bookings[booking]
        if not one.live:
            return "reservation_ended"
        if one.state == "paying":
            return "already_paying"
        if pool not in one.holds:
            return "no_such_pool"
        more = quantity - one.holds[pool]
        if more > 0 and (refused := self._refused(one.person, pool, more)):
            return refused
        if quantity == 0 and len(one.holds) == 1:
            self._finish(booking, "released")
            return "released"
        if more > 0:
            self._move(pool, more)
        else:
            self._give_back(pool, -more)
        self._count(one.person, pool, more)
        one.holds[pool] = quantity
        if quantity == 0:
            del one.holds[pool]
            self.holding[one.person, pool].remove(booking)
        return one.state

    def pay(self, booking: str) -> str:
        """Begin to pay."""
        one = self.bookings[booking]
        if not one.live:
            return "reservation_ended"
        one.state, one.paid_for = "paying", True
        return "paying"

    def commit(self, booking: str) -> str:
        """Sell what is held, or what can be taken again."""
        one = self.bookings[booking]
        if not one.paid_for:
            return "not_yours"
        if one.state == "committed":
            return "committed"
        if one.state == "released":
            return "reservation_ended"
        if one.state == "expired" and (refused := self._retake(booking, one)):
            return refused
        for pool, quantity in one.holds.items():
            self.pools[pool].held -= quantity
            self.pools[pool].sold += quantity
            self.holding[one.person, pool].remove(booking)
        one.state = "committed"
        return "committed"

    def release(self, booking: str) -> str:
        """Give everything back, also while it is paid."""
        one = self.bookings[booking]
        if one.state == "committed":
            return "reservation_ended"
        if one.live:
            self._finish(booking, "released")
        return one.state

    def expire(self, booking: str) -> None:
        """Let the deadline pass."""
        if self.bookings[booking].live:
            self._finish(booking, "expired")

    def end_sale(self) -> None:
        """Let the sale's time pass."""
        if self.sale_open:
            self.sale_open = False
            rest, self.pools[SALE].available = self.pools[SALE].available, 0
            self.pools[MUG].available += rest
            self.waits[SALE].clear()

    def withdraw(self, pool: str, quantity: int) -> str:
        """Take available units out."""
        if self.pools[pool].available < quantity:
            return "not_enough_stock"
        self.pools[pool].available -= quantity
        self.pools[pool].withdrawn += quantity
        return "ok"

    def restock(self, quantity: int) -> None:
        """Add mugs."""
        self.pools[MUG].available += quantity

    def return_sold(self, pool: str) -> str:
        """Take one unit back."""
        if not self.pools[pool].sold:
            return "not_enough_stock"
        self.pools[pool].sold -= 1
        self.pools[self.home(pool)].available += 1
        return "ok"

    def merge(self, guest: str, account: str) -> None:
        """Move what a guest has."""
        for person, pool in list(self.holding):
            if person == guest:
                self.holding[account, pool] += self.holding.pop((guest, pool))
        for one in self.bookings.values():
            if one.person == guest and one.live:
                one.person = account
        self.counts[account] += self.counts.pop(guest, 0)
        for pool, queue in self.waits.items():
            if self.holding[account, pool] or any(wait.person == account for wait in queue):
                self.leave(guest, pool)
            for wait in self.waits[pool]:
                wait.person = account if wait.person == guest else wait.person
        for person, key in list(self.stored):
            if person == guest:
                record = self.stored.pop((guest, key))
                self.stored.setdefault((account, key), record)

    def _refused(self, person: str, pool: str, quantity: int) -> str | None:
        if pool == SALE and not self.sale_open:
            return "sale_ended"
        if pool == SALE and self.counts[person] + quantity > SALE_LIMIT:
            return "limit_reached"
        free = 0 if self.waits[pool] else self.pools[pool].available
        if free < quantity:
            return "all_held" if self.pools[pool].held or self.pools[pool].available > free else "sold_out"
        return None

    def _retake(self, booking: str, one: Booking) -> str | None:
        needs: Counter[str] = Counter()
        for pool, quantity in one.holds.items():
            needs[self.home(pool)] += quantity
        if any(self.pools[pool].available < need for pool, need in needs.items()):
            return "reservation_ended"
        if self.counts[one.person] + one.holds.get(SALE, 0) > SALE_LIMIT and SALE in one.holds:
            return "limit_reached"
        for pool, quantity in one.holds.items():
            self.pools[self.home(pool)].available -= quantity
            self.pools[pool].available += quantity
            self._hold(one.person, pool, quantity, booking)
        return None

    def _hold(self, person: str, pool: str, quantity: int, booking: str) -> None:
        self._move(pool, quantity)
        self._count(person, pool, quantity)
        self.holding[person, pool].append(booking)

    def _move(self, pool: str, quantity: int) -> None:
        self.pools[pool].available -= quantity
        self.pools[pool].held += quantity

    def _give_back(self, pool: str, quantity: int) -> None:
        self.pools[pool].held -= quantity
        self.pools[self.home(pool)].available += quantity

    def _count(self, person: str, pool: str, quantity: int) -> None:
        if pool == SALE:
            self.counts[person] += quantity

    def _finish(self, booking: str, state: str) -> None:
        one = self.bookings[booking]
        for pool, quantity in one.holds.items():
            self._give_back(pool, quantity)
            self._count(one.person, pool, -quantity)
            self.holding[one.person, pool].remove(booking)
        one.state = state
