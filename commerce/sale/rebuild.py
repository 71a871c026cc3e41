"""What must be done when Redis has lost stock: a pure plan from the ledger's books and SQL's orders.

An order that SQL knows as sold, or as being paid, counts, also when its ledger entries were lost before they
were copied. If more was promised than there is, units are looked for in this order: in the variant's other
pools; in open holds, the newest first; in orders that nobody has paid for. What is missing then was sold
twice: the books get those units as a restock, so that they add up, and the newest orders that go without are
listed for the host, who restocks in truth or gives the money back.

Every correction is a ledger entry like any other, so the ledger still adds up to the counters afterwards, and
a plan made again from it corrects nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from commerce.events import EFFECTS, Kind
from commerce.sale.books import COUNTERS, Books, HeldUnits, Live
from commerce.sale.types import main_pool

DAY_MS = 24 * 3600_000


class OrderLine(msgspec.Struct, frozen=True):
    """Units of one pool in an order."""

    reservation: str
    pool: str
    variant: str
    sale: str | None
    product: str
    quantity: int
    price_minor: int
    price_version: int


class KnownOrder(msgspec.Struct, frozen=True):
    """An order as SQL has it: `sold` True once its units are sold, False while they are held for it.

    `paid_for` is True when money is authorised: such an order goes without only when nothing else is left.
    """

    id: str
    number: str
    person: str
    show: str | None
    created_at_ms: int
    deadline_ms: int
    sold: bool
    paid_for: bool
    lines: tuple[OrderLine, ...]


class Restock(msgspec.Struct, frozen=True):
    """Units the books were given, because more was sold than there were."""

    pool: str
    variant: str
    quantity: int


class Oversold(msgspec.Struct, frozen=True):
    """Units of an order that cannot be served from what there is."""

    order: str
    number: str
    pool: str
    variant: str
    quantity: int


class Dropped(msgspec.Struct, frozen=True):
    """A reservation that had to be given up; `order` is what was paying for it, unpaid, or None."""

    reservation: str
    person: str
    order: str | None


class Report(msgspec.Struct, frozen=True):
    """What a rebuild found and did, for the host and the operator."""

    pools: int = 0
    reservations: int = 0
    sold_again: tuple[str, ...] = ()
    """Orders whose sale Redis had lost; it is written down again."""
    held_again: tuple[str, ...] = ()
    restocked: tuple[Restock, ...] = ()
    oversold: tuple[Oversold, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(slots=True)
class Plan:
    """What Redis is to have (`books`, after every correction) and the corrections as ledger entries."""

    books: Books
    now_ms: int
    operation: str
    entries: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    def correct(self, kind: Kind, pool: str, about: dict[str, Any], quantity: int) -> None:
        """Move units of one pool and write down the entry, with the counters after it."""
        known = self.books.pools[pool]
        for name, by in zip(COUNTERS, EFFECTS[kind], strict=True):
            setattr(known, name, getattr(known, name) + by * quantity)
        fields = {"pool": pool, "variant": known.variant, "sale": known.sale, "quantity": quantity} | about
        fields |= {"operation": self.operation, "at_ms": self.now_ms}
        fields["counters"] = msgspec.structs.asdict(known.counters())
        self.entries.append((kind, {name: value for name, value in fields.items() if value is not None}))

    def add(self, **found: tuple[Any, ...]) -> None:
        """Add to the report."""
        values = {name: getattr(self.report, name) + more for name, more in found.items()}
        self.report = msgspec.structs.replace(self.report, **values)


def plan_rebuild(
    books: Books,
    orders: Sequence[KnownOrder],
    sold_in: dict[str, list[KnownOrder]],
    now_ms: int,
    operation: str,
) -> Plan:
    """Work out what Redis must have and what is to be corrected.

    `orders` are all that units are held for, and the sold ones whose sale the ledger does not have; `sold_in`
    has the sold orders of a pool, newest first, for the list of those that go without.
    """
    plan = Plan(books, now_ms, operation)
    for order in orders:
        if order.sold and order.id not in books.committed:
            _sell(plan, order)
        elif not order.sold and order.deadline_ms > now_ms:
            _hold(plan, order)
    unpaid = {order.id for order in orders if not order.sold and not order.paid_for}
    for pool in sorted(books.pools):
        _fill(plan, pool)
    for pool in sorted(books.pools):
        _drop(plan, pool, unpaid)
        _restock(plan, pool, sold_in.get(pool, []))
    for pool in sorted(books.pools):
        _drain(plan, pool)
    plan.report = msgspec.structs.replace(plan.report, pools=len(books.pools), reservations=len(books.live))
    return plan


def _about(order: KnownOrder, line: OrderLine) -> dict[str, Any]:
    return {
        "person": order.person,
        "show": order.show,
        "order": order.id,
        "reservation": line.reservation,
        "product": line.product,
        "price_minor": line.price_minor,
        "price_version": line.price_version,
    }


def _sell(plan: Plan, order: KnownOrder) -> None:
    """Sell what SQL knows as sold, from its hold where that is known."""
    for place, line in enumerate(order.lines):
        about = _about(order, line)
        plan.books.pool(line.pool, line.variant, line.sale)
        live = plan.books.live.get(line.reservation)
        held = None if live is None else live.holds.pop(line.pool, None)
        more = line.quantity - (held.quantity if held else 0)
        if more:
            plan.correct(Kind.CHANGE if held else Kind.RESERVE, line.pool, about, more)
            _count(plan, order.person, line.sale, more)
        ends = line.reservation not in {later.reservation for later in order.lines[place + 1 :]}
        if ends and live is not None:
            _release(plan, live, ends=False)
        plan.correct(Kind.COMMIT, line.pool, {**about, "ends": ends or None}, line.quantity)
        if ends:
            plan.books.live.pop(line.reservation, None)
    plan.books.committed.add(order.id)
    plan.add(sold_again=(order.id,))


def _hold(plan: Plan, order: KnownOrder) -> None:
    """Hold again what SQL knows as held for an order that is being paid."""
    missing = [line for line in order.lines if line.reservation not in plan.books.live]
    for line in missing:
        plan.books.pool(line.pool, line.variant, line.sale)
    for line in missing:
        live = plan.books.live.get(line.reservation)
        if live is None:
            live = plan.books.live[line.reservation] = Live(
                line.reservation, order.person, order.show, plan.now_ms, order.deadline_ms, order.id
            )
        live.holds[line.pool] = HeldUnits(
            line.pool,
            line.variant,
            line.sale,
            line.product,
            line.quantity,
            line.price_minor,
            line.price_version,
        )
        about = {**_about(order, line), "deadline_ms": order.deadline_ms}
        plan.correct(Kind.RESERVE, line.pool, about, line.quantity)
        _count(plan, order.person, line.sale, line.quantity)
    for line in order.lines:
        live = plan.books.live.get(line.reservation)
        if live is not None and live.order is None:
            live.order = order.id
            live.deadline_ms = max(live.deadline_ms, order.deadline_ms)
    if missing:
        plan.add(held_again=(order.id,))


def _count(plan: Plan, person: str, sale: str | None, units: int) -> None:
    if sale is not None:
        plan.books.counts[plan.books.who(person), sale] += units


def _fill(plan: Plan, pool: str) -> None:
    """Take what a pool lacks from the other pools of its variant."""
    short = plan.books.pools[pool]
    others = sorted(
        (one for one, other in plan.books.pools.items() if one != pool and other.variant == short.variant),
        key=lambda one: one != main_pool(short.variant),
    )
    for other in others:
        units = min(-short.available, plan.books.pools[other].available)
        if units > 0:
            plan.correct(Kind.TRANSFER_OUT, other, {}, units)
            plan.correct(Kind.TRANSFER_IN, pool, {}, units)


def _drop(plan: Plan, pool: str, unpaid: set[str]) -> None:
    """Give up reservations until a pool is no longer below zero."""

    def last_to_keep(live: Live) -> tuple[bool, bool, int]:
        being_paid = live.order is not None
        return being_paid, being_paid and live.order not in unpaid, -live.created_at_ms

    holding = sorted((one for one in plan.books.live.values() if pool in one.holds), key=last_to_keep)
    for live in holding:
        if plan.books.pools[pool].available >= 0:
            return
        _release(plan, live, ends=True)
        del plan.books.live[live.id]
        plan.add(dropped=(Dropped(live.id, live.person, live.order),))


def _release(plan: Plan, live: Live, *, ends: bool) -> None:
    """Give back whatever a reservation holds; `ends` when that is the end of it."""
    holds = list(live.holds.values())
    for place, held in enumerate(holds):
        about = {
            "person": live.person,
            "show": live.show,
            "reservation": live.id,
            "order": live.order,
            "product": held.product,
            "price_minor": held.price_minor,
            "price_version": held.price_version,
            "ends": (ends and place == len(holds) - 1) or None,
        }
        plan.correct(Kind.RELEASE, held.pool, about, held.quantity)
        _count(plan, live.person, held.sale, -held.quantity)
    live.holds.clear()


def _restock(plan: Plan, pool: str, sold: list[KnownOrder]) -> None:
    """Let the books add up, and name the orders that go without."""
    known = plan.books.pools[pool]
    missing = -known.available
    if missing <= 0:
        return
    plan.correct(Kind.RESTOCK, pool, {}, missing)
    plan.add(restocked=(Restock(pool, known.variant, missing),))
    for order in sold:
        for line in order.lines:
            units = min(missing, line.quantity) if line.pool == pool else 0
            if units > 0:
                missing -= units
                plan.add(oversold=(Oversold(order.id, order.number, pool, line.variant, units),))


def _drain(plan: Plan, pool: str) -> None:
    """Bring what an ended sale has left to the main pool, where it can be bought."""
    known = plan.books.pools[pool]
    main = main_pool(known.variant)
    if known.sale is None or known.available <= 0 or main not in plan.books.pools:
        return
    if plan.books.sales.get(known.sale, {"drained": True}).get("drained"):
        units = known.available
        plan.correct(Kind.TRANSFER_OUT, pool, {}, units)
        plan.correct(Kind.TRANSFER_IN, main, {}, units)
