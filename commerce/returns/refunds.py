"""Money back: written down, asked of the provider, and told, whatever dies on the way.

A refund is written in one transaction that locks its order, so the refunds of an order never exceed what was
captured. Then the provider is asked with the refund's id as idempotency key; without an answer a worker asks
again with the same key. What the answer changes (the order's state, units put back, the buyer's mail) is
written in one transaction, the effects outside SQL as outbox rows.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from commerce import text
from commerce.database_sql import Sql
from commerce.errors import InvalidField
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.orders import orders_sql
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.states import OrderState
from commerce.orders.steps import retry_at_ms
from commerce.orders.units import LineUnits
from commerce.orders.view import order_view
from commerce.orders.webhook_data import order_data
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.payments.provider import PaymentProvider, ProviderRefused, ProviderUnavailable
from commerce.ports import Clock, NewId
from commerce.returns import refunds_sql, returns_sql
from commerce.returns.facts import Facts, load_facts, write_state
from commerce.returns.letters import refund_letter
from commerce.returns.planning import plan_refund
from commerce.returns.refunds_sql import Refund
from commerce.returns.refusals import NoSuchReturn
from commerce.returns.returns_sql import Return
from commerce.returns.states import Cause, RefundState, ReturnKind, ReturnState
from commerce.returns.structs import RefundRequest
from commerce.sale.engine_redis import SaleEngine
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType

log = logging.getLogger(__name__)

SOON_MS: Final = 3_000
"""Who wrote a refund down asks the provider at once; a worker only if that one is not done by then."""
REASON_CHARS: Final = 500

_CAUSES = {
    ReturnKind.RETURN: Cause.RETURN,
    ReturnKind.WITHDRAWAL: Cause.WITHDRAWAL,
    ReturnKind.CANCELLATION: Cause.CANCELLATION,
}


class Refunds:
    """The process of refunds. `actor` of its calls is the account that decided."""

    def __init__(
        self,
        outbox: Outbox,
        engine: SaleEngine,
        providers: Mapping[str, PaymentProvider],
        people: PeopleChannel,
        now_ms: Clock,
        new_id: NewId,
        public_url: str,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._providers = providers
        self._people = people
        self._now_ms = now_ms
        self._new_id = new_id
        self._public_url = public_url
        outbox.handle("return_sold", self._return_sold)

    async def refund(self, actor: str, shop: str, order: str, ask: RefundRequest, key: str | None) -> str:
        """Write a refund down and ask the provider for it; answers its id. A repeat answers the same.

        The refund is done, refused or still pending when this returns: see its state. Raises NoSuchOrder,
        NoSuchReturn, WrongState, NothingLeft, TooMuch, InvalidField, KeyMissing, IdempotencyConflict.
        """
        key, operation, hashed = check_key(key), f"refund {order}", body_hash(ask)
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, order, shop=shop, lock=True)
            refund = await stored_answer(unit.sql, actor, operation, key, hashed, str)
            if refund is None:
                found = _return_of(facts, ask.return_id)
                cause = Cause.HOST if found is None else _CAUSES[ReturnKind(found.row.kind)]
                refund = await self.write(unit.sql, facts, ask, actor=actor, cause=cause)
                await store_answer(unit.sql, actor, operation, key, hashed, refund, self._now_ms())
        await self.carry_on(refund)
        return refund

    async def write(self, sql: Sql, facts: Facts, ask: RefundRequest, *, actor: str, cause: Cause) -> str:
        """Write a refund of a locked order down, for `carry_on`; answers its id."""
        plan = plan_refund(facts, ask, sent_first=cause in {Cause.RETURN, Cause.WITHDRAWAL})
        refund, now_ms, order = self._new_id("rf"), self._now_ms(), facts.record.order
        values = {
            "id": refund,
            "order": order.id,
            "shop": order.shop,
            "payment": facts.captured.id,
            "return_id": ask.return_id,
            "state": RefundState.PENDING,
            "cause": cause,
            "amount_minor": plan.amount_minor,
            "currency": order.currency,
            "restock": ask.restock and bool(plan.units),
            "reason": text.paragraph(ask.reason, "reason", REASON_CHARS),
            "actor": actor,
            "created_at_ms": now_ms,
            "updated_at_ms": now_ms,
            "next_step_at_ms": now_ms + SOON_MS,
        }
        await refunds_sql.insert(sql, values, plan.units)
        await write_state(sql, order.id, now_ms)
        return refund

    async def carry_on(self, refund: str) -> None:
        """Ask the provider for a pending refund and write its answer down; harmless for any other."""
        async with self._database.read() as sql:
            order = await refunds_sql.order_of(sql, refund)
            facts = None if order is None else await load_facts(sql, order)
        if facts is None or facts.refund(refund).row.state != RefundState.PENDING:
            return
        row, attempt = facts.refund(refund).row, facts.record.attempt(facts.refund(refund).row.payment)
        try:
            await self._provider(attempt.method).refund(
                attempt.id, attempt.reference, refund, row.amount_minor
            )
        except ProviderRefused as refused:
            log.warning("refund %s was refused (%s)", refund, refused.code)
            await self._refused(row, refused.code)
        except ProviderUnavailable as error:
            log.warning("refund %s got no answer, it will be repeated: %s", refund, error)
            await self._later(row)
        else:
            await self._done(row)

    def _provider(self, method: str) -> PaymentProvider:
        if method not in self._providers:
            raise ProviderUnavailable(f"{method} is switched off")
        return self._providers[method]

    async def carry_on_due(self, limit: int = 50) -> int:
        """Ask for every refund whose time has come; the worker's job. Returns how many."""
        async with self._database.read() as sql:
            found = await refunds_sql.due(sql, self._now_ms(), limit)
        for refund in found:
            try:
                await self.carry_on(refund)
            except Exception:  # one that breaks must not hold up the others; it comes again
                log.exception("refund %s could not be carried on", refund)
        return len(found)

    async def _later(self, row: Any) -> None:
        tries = row.tries + 1
        async with self._database.write() as sql:
            await load_facts(sql, row.order, lock=True)
            again_at_ms = retry_at_ms(tries, self._now_ms())
            await refunds_sql.change(sql, row.id, self._now_ms(), tries=tries, next_step_at_ms=again_at_ms)

    async def _refused(self, row: Any, code: str) -> None:
        """Write the provider's no down: money and units are free for another refund."""
        now_ms = self._now_ms()
        async with self._database.write() as sql:
            facts = await load_facts(sql, row.order, lock=True)
            if facts.refund(row.id).row.state != RefundState.PENDING:
                return
            await refunds_sql.change(
                sql, row.id, now_ms, state=RefundState.REFUSED, refusal=code[:64], next_step_at_ms=None
            )
            await write_state(sql, row.order, now_ms)
        await self._tell(row.order)

    async def _done(self, row: Any) -> None:
        """Write down, in one transaction, what follows from money that is on its way back."""
        now_ms = self._now_ms()
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, row.order, lock=True)
            refund = facts.refund(row.id)
            if refund.row.state != RefundState.PENDING:
                return
            await refunds_sql.change(
                unit.sql, row.id, now_ms, state=RefundState.DONE, done_at_ms=now_ms, next_step_at_ms=None
            )
            await self._put_back(unit, facts, refund)
            await _close_returns(unit.sql, facts, refund, now_ms)
            after = await write_state(unit.sql, row.order, now_ms)
            refunded = order_data(after.record, OrderState(after.record.order.state))
            await webhooks.emit(unit, after.record.order.shop, EventType.ORDER_REFUNDED, refunded)
            if after.record.order.contact_email:
                await unit.add("mail", dict(refund_letter(after, after.refund(row.id), self._public_url)))
        await self._tell(row.order)

    async def _put_back(self, unit: Unit, facts: Facts, refund: Refund) -> None:
        if not refund.row.restock:
            return
        for one in refund.units:
            await put_back(unit, facts, LineUnits(one.position, one.quantity), refund.row.id)

    async def _return_sold(self, row: OutboxRow) -> None:
        wanted = row.payload
        await self._engine.return_sold(
            str(row.shop),
            operation=wanted["operation"],
            pool=wanted["pool"],
            variant=wanted["variant"],
            quantity=wanted["quantity"],
            order=wanted["order"],
        )

    async def _tell(self, order: str) -> None:
        async with self._database.read() as sql:
            record = await orders_sql.load(sql, order)
        await self._people.order(record.order.shop, order_view(record, private=False))


async def put_back(unit: Unit, facts: Facts, one: LineUnits, operation: str) -> None:
    """Put units of a line back on sale, once for `operation` and line, whoever sends the row how often."""
    line = next(line for line in facts.record.lines if line.position == one.position)
    payload = {
        "operation": f"{operation}.{one.position}",
        "pool": line.pool,
        "variant": line.variant,
        "quantity": one.quantity,
        "order": facts.record.order.id,
    }
    await unit.add("return_sold", payload, shop=facts.record.order.shop)


def _return_of(facts: Facts, wanted: str | None) -> Return | None:
    if wanted is None:
        return None
    found = next((one for one in facts.returns if one.row.id == wanted), None)
    if found is None:
        raise NoSuchReturn
    if not found.open:
        raise InvalidField("This return is closed.", field="return_id", reason="closed")
    return found


async def _close_returns(sql: Sql, facts: Facts, refund: Refund, now_ms: int) -> None:
    """Close the return a refund is for; with nothing left to give back, all of them."""
    everything = facts.refunded_minor + int(refund.row.amount_minor) >= facts.captured_minor
    for one in facts.returns:
        if one.open and (everything or one.row.id == refund.row.return_id):
            await returns_sql.change(sql, one.row.id, now_ms, state=ReturnState.CLOSED, closed_at_ms=now_ms)
