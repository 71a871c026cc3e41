"""Compares every book with every other: counters, holds, ledger, orders, payments, refunds, the provider's.

A finding is a sentence for people. Nothing is changed here, but that the ledger is copied first, so that a
copy on its way is no fault. What is moving (an order being paid, a refund without its answer) is left out:
the worker brings it to rest.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from commerce.database_sql import Database
from commerce.events import Kind
from commerce.money import plain
from commerce.orders import orders_sql, reconcile_sql
from commerce.orders.states import SETTLED, OrderState, Stock
from commerce.orders.sweep import Sweep
from commerce.payments.provider import PaymentProvider, ProviderError
from commerce.payments.states import ENDED, PaymentState
from commerce.ports import Clock
from commerce.returns.facts import Facts, with_facts
from commerce.returns.states import RefundState

DAY_MS: Final = 86_400_000
AT_ONCE: Final = 8
"""Questions to providers at the same time."""
CALM_MS: Final = 60_000
"""What changed within this time may still be on its way between the books."""


class Reconciler:
    """Looks for what does not agree."""

    def __init__(
        self,
        database: Database,
        sweep: Sweep,
        providers: Mapping[str, PaymentProvider],
        now_ms: Clock,
    ) -> None:
        self._database = database
        self._sweep = sweep
        self._providers = providers
        self._now_ms = now_ms

    async def findings(self, days: int, shops: Sequence[str]) -> list[str]:
        """Return what does not agree, a sentence each; orders and payments of the last `days` days."""
        since_ms = self._now_ms() - days * DAY_MS
        found: list[str] = []
        for shop in shops:
            await self._sweep.copy_ledger(shop)
            found += [f"Shop {shop}: {fault}" for fault in await self._sweep.faults(shop)]
            found += await self._orders(shop, since_ms)
        return found + await self._payments(since_ms, set(shops))

    async def _orders(self, shop: str, since_ms: int) -> list[str]:
        found: list[str] = []
        after = (since_ms, "")
        while True:
            async with self._database.read() as sql:
                ids = await reconcile_sql.orders_since(sql, shop, since_ms, after)
                facts = await with_facts(sql, [await orders_sql.load(sql, one) for one in ids])
                sold = await reconcile_sql.ledger_units(sql, ids, Kind.COMMIT)
                back = await reconcile_sql.ledger_units(sql, ids, Kind.RETURN_SOLD)
            for one in facts:
                order = one.record.order
                if self._now_ms() - order.updated_at_ms >= CALM_MS:
                    found += order_faults(one, sold.get(order.id, 0), back.get(order.id, 0))
            if len(ids) < reconcile_sql.BATCH:
                return found
            after = (facts[-1].record.order.created_at_ms, ids[-1])

    async def _payments(self, since_ms: int, shops: Collection[str]) -> list[str]:
        found: list[str] = []
        after = (since_ms, "")
        while True:
            async with self._database.read() as sql:
                rows = await reconcile_sql.payments_since(sql, since_ms, after)
            before_ms = self._now_ms() - CALM_MS
            calm = [row for row in rows if row.updated_at_ms <= before_ms and row.shop in shops]
            for place in range(0, len(calm), AT_ONCE):
                asked = await asyncio.gather(*(self._ask(row) for row in calm[place : place + AT_ONCE]))
                found += [fault for fault in asked if fault is not None]
            if len(rows) < reconcile_sql.BATCH:
                return found
            after = (rows[-1].created_at_ms, rows[-1].id)

    async def _ask(self, row: Any) -> str | None:
        """Compare one payment with its provider's book."""
        name = f"Payment {row.id} of order {row.order}"
        provider = self._providers.get(row.method)
        if provider is None:
            return f"{name}: its provider {row.method} is switched off and cannot be asked."
        try:
            told = await provider.status(row.id, row.reference)
        except ProviderError as error:
            return f"{name}: {row.method} could not be asked: {error}."
        if told is None:
            unknown = PaymentState(row.state) in {PaymentState.AUTHORISED, PaymentState.CAPTURED}
            return f"{name} is {row.state} here and unknown to {row.method}." if unknown else None
        if told.state != row.state and _matters(PaymentState(row.state), told.state):
            return f"{name} is {row.state} here and {told.state.value} at {row.method}."
        return None


_MONEY: Final = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURED})


def _matters(ours: PaymentState, theirs: PaymentState) -> bool:
    """Tell whether two states differ in where the money is, or ours is not going to move any more."""
    return ours in _MONEY or theirs in _MONEY or (ours in ENDED) is not (theirs in ENDED)


def order_faults(facts: Facts, sold: int, back: int) -> list[str]:
    """Return what does not agree about one order that is at rest, a sentence each.

    `sold` and `back` are the units the ledger has sold to it and taken back from it.
    """
    row = facts.record.order
    name = f"Order {row.number} ({row.id})"
    units = sum(line.quantity for line in facts.record.lines)
    found = [*_money_faults(facts, name), *_unit_faults(facts, name, units, sold, back)]
    if facts.fulfilment != row.fulfilment and row.state in SETTLED:
        found.append(f"{name} says {row.fulfilment}; its parcels make it {facts.fulfilment.value}.")
    if row.state in SETTLED and facts.state != row.state and not facts.refund_pending:
        found.append(f"{name} is {row.state}; its refunds and parcels make it {facts.state.value}.")
    return found


def _money_faults(facts: Facts, name: str) -> Sequence[str]:
    row = facts.record.order
    captured = [one for one in facts.record.attempts if one.state == PaymentState.CAPTURED]
    found = []
    if row.state in SETTLED and facts.captured is None:
        found.append(f"{name} is {row.state}, but no payment of it was captured.")
    if row.state not in SETTLED and captured:
        found.append(f"{name} is {row.state}, but payment {captured[0].id} was captured.")
    if len(captured) > 1:
        found.append(f"{name} was paid {len(captured)} times.")
    if facts.captured is not None and facts.captured_minor != row.total_minor:
        was, due = plain(facts.captured_minor, row.currency), plain(row.total_minor, row.currency)
        found.append(f"{name} costs {due}, but {was} was captured.")
    if facts.left_minor < 0:
        over = plain(-facts.left_minor, row.currency)
        found.append(f"{name}: {over} more was refunded than was captured.")
    return found


def _unit_faults(facts: Facts, name: str, units: int, sold: int, back: int) -> Sequence[str]:
    row = facts.record.order
    found = []
    wanted = units if row.stock == Stock.COMMITTED else None
    if wanted is not None and sold != wanted:
        found.append(f"{name} has {wanted} units; the ledger has sold it {sold}.")
    if row.stock != Stock.COMMITTED and sold > back:
        found.append(f"{name} is {row.state} and has no units; the ledger has sold it {sold - back}.")
    restocked = sum(
        one.quantity
        for refund in facts.refunds
        if refund.row.restock and refund.row.state == RefundState.DONE
        for one in refund.units
    )
    given_up = units if row.state == OrderState.CANCELLED and sold else 0
    if back != restocked + given_up:
        due = restocked + given_up
        found.append(f"{name}: {due} units were to be put back; the ledger has taken back {back}.")
    return found
