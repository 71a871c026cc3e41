"""What buyers ask for after a sale, and what hosts do about it."""

from collections.abc import Sequence
from typing import Final

from commerce import text
from commerce.database_sql import Database, Sql
from commerce.errors import InvalidField, NotYours, WrongState
from commerce.fulfilment import parcels_sql
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.orders import orders_sql
from commerce.orders.checkout import owns_link
from commerce.orders.states import OrderState, Stock
from commerce.orders.units import LineUnits, checked_units
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock, NewId
from commerce.returns import returns_sql
from commerce.returns.facts import Facts, load_facts, write_state
from commerce.returns.letters import asked_letter, declined_letter
from commerce.returns.notices import ReturnNotices
from commerce.returns.periods import may_call_off, may_return, may_withdraw, withdrawal_until_ms
from commerce.returns.refunds import REASON_CHARS, Refunds, put_back
from commerce.returns.refusals import AlreadySent, NoSuchReturn, PeriodOver
from commerce.returns.returns_sql import Return
from commerce.returns.states import RETURN_MOVES, Cause, ReturnKind, ReturnState
from commerce.returns.structs import (
    AnswerRequest,
    CancelRequest,
    RefundRequest,
    ReturnRequest,
    Rules,
    WithdrawalRequest,
)
from commerce.routing import Identity

MAX_DAYS: Final = 365
NAME_CHARS: Final = 120

_ACTIONS = {
    "received": ReturnState.RECEIVED,
    "close": ReturnState.CLOSED,
    "decline": ReturnState.DECLINED,
}


class ReturnDesk:
    """Returns, withdrawals and cancellations. Buyers are the order's owner or who has its link."""

    def __init__(
        self,
        outbox: Outbox,
        refunds: Refunds,
        notices: ReturnNotices,
        now_ms: Clock,
        new_id: NewId,
        public_url: str,
    ) -> None:
        self._outbox = outbox
        self._notices = notices
        self._database: Database = outbox.database
        self._refunds = refunds
        self._now_ms = now_ms
        self._new_id = new_id
        self._public_url = public_url

    async def rules(self, shop: str) -> Rules:
        """Return what a shop lays down; what everybody starts with when it has laid down nothing."""
        async with self._database.read() as sql:
            return await rules_of(sql, shop)

    async def put_rules(self, shop: str, rules: Rules) -> Rules:
        """Lay down the shop's rules; raises InvalidField."""
        for field in ("delivery_days", "return_days"):
            if not 0 <= getattr(rules, field) <= MAX_DAYS:
                raise InvalidField(f"{field} is a number of days from 0 to {MAX_DAYS}.", field=field)
        async with self._database.write() as sql:
            await returns_sql.put_rules(
                sql,
                shop,
                withdrawal=rules.withdrawal,
                delivery_days=rules.delivery_days,
                return_days=rules.return_days,
            )
        return rules

    async def ask_return(
        self, identity: Identity | None, token: str | None, order: str, ask: ReturnRequest, key: str | None
    ) -> str:
        """Write down what a buyer wants to give back by the shop's rules; answers the return's id.

        Raises NoSuchOrder, NotYours, PeriodOver, InvalidField, KeyMissing, IdempotencyConflict.
        """
        key, hashed = check_key(key), body_hash(ask)
        reason = text.paragraph(ask.reason, "reason", REASON_CHARS)
        async with self._outbox.write() as unit:
            facts = await self._bought(unit.sql, identity, token, order)
            known = await self._known(unit.sql, facts, "return", key, hashed)
            if known is not None:
                return known
            rules = await rules_of(unit.sql, facts.record.order.shop)
            if not may_return(facts, rules, self._now_ms()):
                raise PeriodOver
            units = checked_units(ask.lines, facts.progress, "returnable")
            if not units:
                raise InvalidField("Choose what to give back.", field="lines", reason="missing")
            return await self._write(unit, facts, ReturnKind.RETURN, units, reason, key, hashed)

    async def withdraw(
        self,
        identity: Identity | None,
        token: str | None,
        order: str,
        ask: WithdrawalRequest,
        key: str | None,
    ) -> str:
        """Take a withdrawal from the contract and acknowledge it by mail at once; answers its id.

        Raises NoSuchOrder, NotYours, PeriodOver {until_ms}, InvalidField, KeyMissing, IdempotencyConflict.
        """
        key, hashed = check_key(key), body_hash(ask)
        if not ask.confirm:
            raise InvalidField("A withdrawal needs its second step.", field="confirm", reason="missing")
        reason = text.paragraph(ask.reason, "reason", REASON_CHARS)
        async with self._outbox.write() as unit:
            facts = await self._bought(unit.sql, identity, token, order)
            known = await self._known(unit.sql, facts, "withdrawal", key, hashed)
            if known is not None:
                return known
            rules = await rules_of(unit.sql, facts.record.order.shop)
            if not may_withdraw(facts, rules, self._now_ms()):
                raise PeriodOver(until_ms=withdrawal_until_ms(facts, rules))
            wanted = ask.lines or _all_of(facts)
            units = checked_units(wanted, facts.progress, "returnable")
            who = _who(facts, ask)
            return await self._write(unit, facts, ReturnKind.WITHDRAWAL, units, reason, key, hashed, who)

    async def ask_cancellation(
        self, identity: Identity | None, token: str | None, order: str, ask: CancelRequest, key: str | None
    ) -> str:
        """Write down that a buyer wants a paid order called off before it is sent; answers the id.

        Raises NoSuchOrder, NotYours, AlreadySent, WrongState, KeyMissing, IdempotencyConflict.
        """
        key, hashed = check_key(key), body_hash(ask)
        reason = text.paragraph(ask.reason, "reason", REASON_CHARS)
        async with self._outbox.write() as unit:
            facts = await self._bought(unit.sql, identity, token, order)
            known = await self._known(unit.sql, facts, "cancellation", key, hashed)
            if known is not None:
                return known
            _check_unsent(facts)
            kind, units = ReturnKind.CANCELLATION, _all_of(facts)
            if not units:
                raise WrongState("This was asked for already.", state=facts.record.order.state)
            return await self._write(unit, facts, kind, units, reason, key, hashed)

    async def cancel(self, actor: str, shop: str, order: str, ask: CancelRequest, key: str | None) -> None:
        """Call a paid, unsent order off: all money back, units on sale again. Repeating it is harmless.

        An order whose capture failed is ended without a refund. Raises NoSuchOrder, AlreadySent, WrongState,
        NothingLeft, KeyMissing, IdempotencyConflict.
        """
        key, operation, hashed = check_key(key), f"cancel {order}", body_hash(ask)
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, order, shop=shop, lock=True)
            refund = await stored_answer(unit.sql, actor, operation, key, hashed, str)
            if refund is None:
                refund = await self._cancel(unit, facts, actor, ask)
                await store_answer(unit.sql, actor, operation, key, hashed, refund, self._now_ms())
        if refund:
            await self._refunds.carry_on(refund)

    async def _cancel(self, unit: Unit, facts: Facts, actor: str, ask: CancelRequest) -> str:
        """Write a cancellation down; answers its refund, "" when nothing was paid."""
        row = facts.record.order
        if row.state == OrderState.CAPTURE_FAILED:
            await self._give_up(unit, facts)
            return ""
        _check_unsent(facts)
        await parcels_sql.delete(unit.sql, [one.row.id for one in facts.parcels])
        unpacked = await load_facts(unit.sql, row.id)
        asked = next((one.row.id for one in facts.returns if one.open), None)
        reason = text.paragraph(ask.reason, "reason", REASON_CHARS)
        wanted = RefundRequest(everything=True, restock=True, reason=reason, return_id=asked)
        return await self._refunds.write(unit.sql, unpacked, wanted, actor=actor, cause=Cause.CANCELLATION)

    async def _give_up(self, unit: Unit, facts: Facts) -> None:
        row = facts.record.order
        await orders_sql.change(unit.sql, row, self._now_ms(), state=OrderState.CANCELLED, stock=Stock.GONE)
        for line in facts.progress.values():
            await put_back(unit, facts, LineUnits(line.position, line.quantity), f"cancel.{row.id}")

    async def answer(self, shop: str, order: str, found: str, ask: AnswerRequest) -> None:
        """Do what a host decides about a return. Repeating it is harmless.

        Raises NoSuchOrder, NoSuchReturn, WrongState when the return is past that, InvalidField for saying no
        to a withdrawal.
        """
        state, now_ms = _ACTIONS[ask.action], self._now_ms()
        async with self._outbox.write() as unit:
            facts = await load_facts(unit.sql, order, shop=shop, lock=True)
            one = _found(facts, found)
            if one.row.state == state:
                return
            if state not in RETURN_MOVES[ReturnState(one.row.state)]:
                raise WrongState("This return is past that.", state=one.row.state)
            if state is ReturnState.DECLINED and one.row.kind == ReturnKind.WITHDRAWAL:
                raise InvalidField("A withdrawal cannot be declined.", field="action", reason="withdrawal")
            answer = text.paragraph(ask.answer, "answer", REASON_CHARS) or one.row.answer
            moment = "received_at_ms" if state is ReturnState.RECEIVED else "closed_at_ms"
            await returns_sql.change(unit.sql, found, now_ms, state=state, answer=answer, **{moment: now_ms})
            if state is ReturnState.DECLINED and facts.record.order.contact_email:
                await unit.add("mail", dict(declined_letter(facts, answer, self._public_url)))

    async def _bought(self, sql: Sql, identity: Identity | None, token: str | None, order: str) -> Facts:
        facts = await load_facts(sql, order, lock=True)
        check_buyer(facts, identity, token)
        return facts

    async def _known(self, sql: Sql, facts: Facts, what: str, key: str, hashed: str) -> str | None:
        row = facts.record.order
        return await stored_answer(sql, row.person, f"{what} {row.id}", key, hashed, str)

    async def _write(
        self,
        unit: Unit,
        facts: Facts,
        kind: ReturnKind,
        units: Sequence[LineUnits],
        reason: str,
        key: str,
        hashed: str,
        who: tuple[str, str] | None = None,
    ) -> str:
        """Write a return down with the mail that acknowledges it, and let the shop hear of it."""
        row, now_ms, new = facts.record.order, self._now_ms(), self._new_id("rt")
        values = {
            "id": new,
            "order": row.id,
            "shop": row.shop,
            "kind": kind,
            "state": ReturnState.ASKED,
            "reason": reason,
            "answer": "",
            "created_at_ms": now_ms,
            "updated_at_ms": now_ms,
        }
        await self._notices.begin(unit, row.shop)
        await returns_sql.insert(unit.sql, values, units)
        await write_state(unit.sql, row.id, now_ms)
        await store_answer(unit.sql, row.person, f"{kind} {row.id}", key, hashed, new, now_ms)
        told = who or (row.contact_name or "", row.contact_email or "")
        if told[1]:
            told_letter = asked_letter(facts, kind, units, reason, told, now_ms, self._public_url)
            await unit.add("mail", dict(told_letter))
        return new


async def rules_of(sql: Sql, shop: str) -> Rules:
    """Return what a shop lays down."""
    row = await returns_sql.rules(sql, shop)
    return Rules() if row is None else Rules(row.withdrawal, row.delivery_days, row.return_days)


def check_buyer(facts: Facts, identity: Identity | None, token: str | None) -> None:
    """Raise NotYours unless the caller owns the order or has its link."""
    owner = identity is not None and identity.person == facts.record.order.person
    if not owner and not owns_link(facts.record, token):
        raise NotYours


def _check_unsent(facts: Facts) -> None:
    if any(line.sent for line in facts.progress.values()):
        raise AlreadySent
    if not may_call_off(facts):
        raise WrongState("This order cannot be cancelled any more.", state=facts.record.order.state)


def _all_of(facts: Facts) -> tuple[LineUnits, ...]:
    return tuple(
        LineUnits(line.position, line.returnable) for line in facts.progress.values() if line.returnable
    )


def _who(facts: Facts, ask: WithdrawalRequest) -> tuple[str, str]:
    """Return who withdraws and where the receipt goes; what is left out is the order's."""
    row = facts.record.order
    name = text.line(ask.name, "name", NAME_CHARS) if ask.name.strip() else row.contact_name or ""
    email = text.email(ask.email) if ask.email.strip() else row.contact_email or ""
    if not email:
        raise InvalidField("Say where the receipt goes.", field="email", reason="missing")
    return name, email


def _found(facts: Facts, wanted: str) -> Return:
    for one in facts.returns:
        if one.row.id == wanted:
            return one
    raise NoSuchReturn
