"""The books afterwards: read from Redis, SQL and the provider's own book, and from nothing else.

`read_books` takes them in, `compare` is pure. What is looked for, in words of the last line:

- `oversold`: units sold above those that were there, by Redis' counters or SQL's orders, whichever is more;
- `paid_without_order`: money taken for no order that is paid;
- `order_without_payment`: paid orders whose money was not taken, all of it;
- `charged_twice`: orders with money taken twice;
- `acknowledged_lost`: promises of the diary that are not true;
- `books_differ`: the audit of Redis, and sums that Redis, SQL's orders and the copied ledger must agree on;
- `money_left`: authorisations that are neither taken nor let go.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from benchmarks.chaos_sale.diary import Diary
from commerce.database_sql import Database
from commerce.orders.ledger_sql import sold_by_pool
from commerce.orders.tables_sql import order_lines, orders, payments
from commerce.payments.sandbox.tables_sql import sandbox_payments
from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.keys import key_of
from commerce.sale.types import PoolCounters, Reservation, ReservationState

OVER = frozenset({"paid", "cancelled", "expired", "capture_failed", "refunded"})
"""States in which nothing is left to do for an order."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as SQL has it; `units` by pool."""

    state: str
    stock: str
    total_minor: int
    at_rest: bool
    units: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment in the provider's book; `reference` is the merchant's id of it."""

    reference: str
    state: str
    taken_minor: int
    capture_refused: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is compared. `payments`: attempt to order; `ledger`: pool to units sold in the copy."""

    pools: Mapping[str, PoolCounters]
    reservations: Mapping[str, Reservation]
    audit_faults: tuple[str, ...]
    orders: Mapping[str, OrderFacts]
    payments: Mapping[str, str]
    charges: tuple[Charge, ...]
    ledger: Mapping[str, int]


@dataclass(slots=True)
class Verdict:
    """The counts of the last line, and a sentence for each fault."""

    sold: int = 0
    oversold: int = 0
    paid_without_order: int = 0
    order_without_payment: int = 0
    charged_twice: int = 0
    acknowledged_lost: int = 0
    books_differ: int = 0
    money_left: int = 0
    orders_at_work: int = 0
    faults: list[str] = field(default_factory=list)


async def read_books(redis_url: str, database_url: str, book_url: str, shop: str) -> Books:
    """Read all three as they are now."""
    redis = write_client(redis_url)
    try:
        engine = SaleEngine(redis)
        audit = await engine.audit(shop)
        pools = await _hash(redis, shop, "pools", PoolCounters)
        reservations = await _hash(redis, shop, "reservations", Reservation)
    finally:
        await redis.aclose()
    faults = [*audit.faults, *(f"{pool.pool}: {fault}" for pool in audit.pools for fault in pool.faults)]
    database = Database.open(database_url)
    try:
        async with database.read() as sql:
            found = await _orders(sql)
            attempts = {row.id: row.order for row in await sql.execute(sa.select(payments))}
            ledger = await sold_by_pool(sql, shop)
    finally:
        await database.close()
    return Books(pools, reservations, tuple(faults), found, attempts, await _charges(book_url), ledger)


async def _hash(redis: Any, shop: str, name: str, kind: Any) -> dict[str, Any]:
    packed: Mapping[bytes, bytes] = await redis.hgetall(key_of(shop, name))
    return {key.decode(): msgspec.msgpack.decode(value, type=kind) for key, value in packed.items()}


async def _orders(sql: Any) -> dict[str, OrderFacts]:
    units: dict[str, Counter[str]] = {}
    for line in await sql.execute(sa.select(order_lines)):
        units.setdefault(line.order, Counter())[line.pool] += line.quantity
    return {
        row.id: OrderFacts(
            row.state, row.stock, row.total_minor, row.next_step_at_ms is None, units.get(row.id, {})
        )
        for row in await sql.execute(sa.select(orders))
    }


async def _charges(book_url: str) -> tuple[Charge, ...]:
    book = Database.open(book_url)
    try:
        async with book.read() as sql:
            rows = (await sql.execute(sa.select(sandbox_payments))).all()
    finally:
        await book.close()
    return tuple(
        Charge(row.reference, row.state, row.captured_minor - row.refunded_minor, bool(row.refuse_capture))
        for row in rows
    )


def live_holds(books: Books) -> list[str]:
    """Return reservations that still hold units, whatever their deadline says."""
    return [one for one, reservation in books.reservations.items() if reservation.live]


def compare(books: Books, diary: Diary, stock: Mapping[str, int]) -> Verdict:
    """Compare the books with each other and with the diary; `stock`: units there were of each variant."""
    verdict = Verdict(sold=sum(pool.sold for pool in books.pools.values()))
    _compare_stock(books, stock, verdict)
    _compare_money(books, verdict)
    _compare_promises(books, diary, verdict)
    verdict.orders_at_work = sum(not (one.at_rest and one.state in OVER) for one in books.orders.values())
    return verdict


def _compare_stock(books: Books, stock: Mapping[str, int], verdict: Verdict) -> None:
    in_sql: Counter[str] = Counter()
    for order in books.orders.values():
        if order.stock == "committed":
            in_sql.update(order.units)
    redis_by_variant: Counter[str] = Counter()
    sql_by_variant: Counter[str] = Counter()
    for pool, counters in books.pools.items():
        redis_by_variant[counters.variant] += counters.sold
        sql_by_variant[counters.variant] += in_sql[pool]
        found = {"Redis": counters.sold, "orders": in_sql[pool], "ledger": books.ledger.get(pool, 0)}
        if len(set(found.values())) > 1:
            verdict.books_differ += 1
            verdict.faults.append(f"{pool}: units sold by {found}")
    for variant, units in stock.items():
        sold = max(redis_by_variant[variant], sql_by_variant[variant])
        verdict.oversold += max(0, sold - units)
        total = sum(pool.total for pool in books.pools.values() if pool.variant == variant)
        if total != units:
            verdict.books_differ += 1
            verdict.faults.append(f"{variant}: Redis counts {total} units in all, {units} were there")
    verdict.books_differ += len(books.audit_faults)
    verdict.faults += books.audit_faults
    if verdict.oversold:
        verdict.faults.append(f"{verdict.oversold} units were sold that were not there")


def _compare_money(books: Books, verdict: Verdict) -> None:
    taken: dict[str, list[int]] = {}
    for charge in books.charges:
        order = books.payments.get(charge.reference)
        if charge.taken_minor > 0:
            if order is None or books.orders[order].state != "paid":
                verdict.paid_without_order += 1
                state = "unknown" if order is None else books.orders[order].state
                verdict.faults.append(f"money was taken for {charge.reference}, order {order} is {state}")
            if order is not None:
                taken.setdefault(order, []).append(charge.taken_minor)
        elif charge.state == "authorised" and not charge.capture_refused:
            verdict.money_left += 1
            verdict.faults.append(f"the money of {charge.reference} (order {order}) is still set aside")
    for name, order_facts in books.orders.items():
        amounts = taken.get(name, [])
        if order_facts.state == "paid" and sum(amounts) < order_facts.total_minor:
            verdict.order_without_payment += 1
            verdict.faults.append(f"order {name} is paid, and {amounts} of {order_facts.total_minor} taken")
        if len(amounts) > 1:
            verdict.charged_twice += 1
            verdict.faults.append(f"order {name} was charged {amounts}")


def _compare_promises(books: Books, diary: Diary, verdict: Verdict) -> None:
    ended = {ReservationState.RELEASED, ReservationState.EXPIRED}
    lost = [f"hold {one}" for one in diary.holds if one not in books.reservations]
    lost += [f"order {one}" for one in diary.orders if one not in books.orders]
    for what, promised in (("paid", diary.paid), ("cancelled", diary.cancelled)):
        lost += [
            f"order {one} is {'gone' if one not in books.orders else books.orders[one].state}, not {what}"
            for one in promised
            if one not in books.orders or books.orders[one].state != what
        ]
    lost += [
        f"{one} was given back and is {books.reservations[one].state}"
        for one in diary.released
        if one in books.reservations and books.reservations[one].state not in ended
    ]
    verdict.acknowledged_lost = len(lost)
    verdict.faults += [f"lost: {text}" for text in lost]
