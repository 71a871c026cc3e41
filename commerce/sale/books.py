"""A shop's stock worked out from its ledger alone, entry by entry: pools, reservations, units a buyer has.

Pure. The ledger is whole in SQL, so this is what Redis must have; `rebuild.py` compares and corrects. Entries
are taken in the order of their ids.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from commerce.events import EFFECTS, Counters, Entry, Kind

COUNTERS = ("available", "held", "sold", "withdrawn", "total")


@dataclass(slots=True)
class Pool:
    """One pool's units; `available` may be below zero while it is not corrected yet."""

    variant: str
    sale: str | None = None
    available: int = 0
    held: int = 0
    sold: int = 0
    withdrawn: int = 0
    total: int = 0

    def counters(self) -> Counters:
        """Answer them as an entry carries them."""
        return Counters(self.available, self.held, self.sold, self.withdrawn, self.total)


@dataclass(slots=True)
class HeldUnits:
    """Units of one pool in a reservation, at their stamped price."""

    pool: str
    variant: str
    sale: str | None
    product: str | None
    quantity: int
    price_minor: int
    price_version: int


@dataclass(slots=True)
class Live:
    """A reservation that has not ended; `order` is what pays for it, None while it is open."""

    id: str
    person: str
    show: str | None
    created_at_ms: int
    deadline_ms: int
    order: str | None = None
    holds: dict[str, HeldUnits] = field(default_factory=dict)


class Books:
    """What the ledger says. `counts` is units held and bought by (person, sale)."""

    def __init__(self) -> None:
        self.pools: dict[str, Pool] = {}
        self.live: dict[str, Live] = {}
        self.counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.sales: dict[str, dict[str, Any]] = {}
        self.committed: set[str] = set()
        self.operations: set[str] = set()
        self._merged: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        """Take one entry into account."""
        if entry.operation is not None:
            self.operations.add(entry.operation)
        self._move(entry)
        match entry.kind:
            case Kind.RESERVE | Kind.CHANGE:
                self._hold(entry)
            case Kind.RELEASE | Kind.EXPIRE | Kind.COMMIT:
                self._let_go(entry)
            case Kind.PAY_BEGIN | Kind.EXTEND:
                self._postpone(entry)
            case Kind.PERSON_MERGE:
                self._merge(str(entry.body["guest"]), str(entry.person))
            case Kind.SALE if entry.sale is not None:
                self.sales[entry.sale] = dict(entry.body)
            case Kind.SALE_ENDED if entry.sale in self.sales:
                sale = self.sales[entry.sale]
                sale["drained"] = True
                sale["ended_at_ms"] = min(sale["ends_at_ms"], sale.get("ended_at_ms") or sale["ends_at_ms"])
            case _:
                pass

    def take_all(self, entries: Iterable[Entry]) -> "Books":
        """Take many."""
        for entry in entries:
            self.take(entry)
        return self

    def pool(self, pool: str, variant: str, sale: str | None = None) -> Pool:
        """Answer a pool, made empty when there is none."""
        return self.pools.setdefault(pool, Pool(variant, sale))

    def who(self, person: str) -> str:
        """Answer the account a guest has become, else the person."""
        while person in self._merged:
            person = self._merged[person]
        return person

    def _move(self, entry: Entry) -> None:
        if entry.pool is None or entry.variant is None or entry.kind not in EFFECTS:
            return
        pool = self.pool(entry.pool, entry.variant, entry.sale)
        for name, by in zip(COUNTERS, EFFECTS[entry.kind], strict=True):
            setattr(pool, name, getattr(pool, name) + by * entry.quantity)

    def _count(self, entry: Entry, units: int) -> None:
        if entry.sale is not None and entry.person is not None:
            self.counts[self.who(entry.person), entry.sale] += units

    def _hold(self, entry: Entry) -> None:
        assert entry.reservation is not None
        assert entry.pool is not None
        assert entry.variant is not None
        self._count(entry, entry.quantity)
        live = self.live.get(entry.reservation)
        if live is None:
            live = self.live[entry.reservation] = Live(
                entry.reservation,
                self.who(str(entry.person)),
                entry.show,
                entry.at_ms,
                entry.deadline_ms or entry.at_ms,
                entry.order,
            )
        held = live.holds.get(entry.pool)
        if held is not None:
            held.quantity += entry.quantity
        elif entry.quantity > 0:
            live.holds[entry.pool] = HeldUnits(
                entry.pool,
                entry.variant,
                entry.sale,
                entry.product,
                entry.quantity,
                entry.price_minor or 0,
                entry.price_version or 0,
            )
        if held is not None and held.quantity <= 0:
            del live.holds[entry.pool]

    def _let_go(self, entry: Entry) -> None:
        if entry.kind is not Kind.COMMIT:
            self._count(entry, -entry.quantity)
        elif entry.order is not None:
            self.committed.add(entry.order)
        live = self.live.get(str(entry.reservation))
        if live is not None and entry.pool is not None:
            live.holds.pop(entry.pool, None)
        if entry.ends:
            self.live.pop(str(entry.reservation), None)

    def _postpone(self, entry: Entry) -> None:
        live = self.live.get(str(entry.reservation))
        if live is None:
            return
        live.order = entry.order or live.order
        live.deadline_ms = entry.deadline_ms or live.deadline_ms

    def _merge(self, guest: str, account: str) -> None:
        if guest == account:
            return
        self._merged[guest] = account
        for live in self.live.values():
            live.person = self.who(live.person)
        for person, sale in [key for key in self.counts if key[0] == guest]:
            self.counts[account, sale] += self.counts.pop((person, sale))
