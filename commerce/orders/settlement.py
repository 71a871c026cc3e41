"""Carries an order from a provider's word to sold stock and captured money, whatever dies on the way.

`told` writes down what a provider says; `advance` does what follows, step by step (see `steps.py`).
Webhooks, the buyer's return, retries and the worker all come here, in any order, any number of times.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from commerce.database_sql import Database
from commerce.errors import Busy, CommerceError
from commerce.orders import orders_sql
from commerce.orders.confirmation import confirmation_letter
from commerce.orders.orders_sql import Record, Row
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.states import OrderState, Stock
from commerce.orders.steps import Step, look_again_at_ms, next_step, retry_at_ms
from commerce.orders.view import order_view
from commerce.orders.webhook_data import order_data
from commerce.outbox_sql import Outbox, Unit
from commerce.payments.after_answer import AfterAnswer
from commerce.payments.provider import (
    PaymentProvider,
    ProviderPayment,
    ProviderRefused,
    ProviderUnavailable,
)
from commerce.payments.states import PaymentState
from commerce.ports import Clock
from commerce.returns.facts import write_state
from commerce.sale.engine_redis import SaleEngine
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType

log = logging.getLogger(__name__)

MAX_STEPS: Final = 12
"""More than any order can need; a loop that goes on would be a fault of ours."""
SOON_MS: Final = 2_000
"""Who wrote something down goes on at once; a worker only if that one is not done by then."""
GRACE_MS: Final = 5_000
"""How long after its deadline an order still waits for the sweep to end its hold."""

MIN_LOOK_MS: Final = 1_000
PAGE_GRACE_MS: Final = 60_000
"""How long after the hold a page is watched of which its provider knows nothing yet."""

_LOST = frozenset({"reservation_ended", "limit_reached", "no_such_reservation", "not_yours"})
"""Refusals of a commit after which the units are not to be had."""


AuthorisedHook = Callable[[Row, Row, ProviderPayment], Awaitable[None]]
"""Hears of an order, its attempt and the provider's word, once its money was set aside; must not raise."""


class Settlement:
    """The process of an order. `digest` is a keyed hash that stands for a card's fingerprint."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        engine: SaleEngine,
        providers: Mapping[str, PaymentProvider],
        people: PeopleChannel,
        background: AfterAnswer,
        now_ms: Clock,
        digest: Callable[[str], str],
        public_url: str,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._engine = engine
        self._providers = providers
        self._people = people
        self._background = background
        self._now_ms = now_ms
        self._digest = digest
        self._public_url = public_url
        self.authorised_hooks: list[AuthorisedHook] = []
        self._do: Mapping[Step, Callable[[Record, Any], Awaitable[None]]] = {
            Step.CLAIM: self._claim,
            Step.COMMIT: self._commit,
            Step.CAPTURE: self._capture,
            Step.PLACE: self._place,
            Step.FINISH: self._finish,
            Step.FAIL: self._fail,
            Step.VOID: self._void,
            Step.REFUND: self._refund,
            Step.CLOSE: self._close,
            Step.RELEASE: self._release,
        }

    async def told(self, news: ProviderPayment) -> str | None:
        """Write down a provider's word; returns the order to advance, None for a payment not of ours."""
        now_ms = self._now_ms()
        async with self._database.write() as sql:
            order = await orders_sql.order_of_payment(sql, news.payment)
            if order is None:
                return None
            record = await orders_sql.load(sql, order, lock=True)
            attempt = record.attempt(news.payment)
            if news.amount_minor not in {None, attempt.amount_minor}:
                log.error("payment %s: %s were paid and not %s; it is not believed", attempt.id,
                          news.amount_minor, attempt.amount_minor)  # fmt: skip
                return None
            moved = await orders_sql.move_attempt(sql, attempt, news.state, now_ms, **_learned(news))
            if moved:
                await orders_sql.look_again(sql, order, now_ms + SOON_MS, 0)
        over = PaymentState(attempt.state) in {PaymentState.VOIDED, PaymentState.DECLINED}
        if over and news.state is PaymentState.AUTHORISED:
            await self._let_go(attempt, news.reference)
        if moved and news.state in {PaymentState.AUTHORISED, PaymentState.CAPTURED}:
            for hook in self.authorised_hooks:
                await hook(record.order, attempt, news)
        if moved and news.state in {PaymentState.DECLINED, PaymentState.TIMED_OUT}:
            await self.tell(order)
        return order

    async def asked(self, provider: str, hint: ProviderPayment) -> str | None:
        """Ask how a payment of which something was heard stands, and write that down.

        Returns the order to advance, None for a payment that is not one of ours with this provider.
        """
        async with self._database.read() as sql:
            order = await orders_sql.order_of_payment(sql, hint.payment)
            if order is None:
                return None
            attempt = (await orders_sql.load(sql, order)).attempt(hint.payment)
        if attempt.method != provider:
            return None
        news = await self._provider(attempt).status(attempt.id, attempt.reference or hint.reference)
        return None if news is None else await self.told(news)

    def look_every_ms(self, record: Record) -> int:
        """Return how often a page may let an order's provider be asked."""
        found = self._providers.get(record.order.method)
        return MIN_LOOK_MS if found is None else max(MIN_LOOK_MS, found.look_every_ms)

    def _provider(self, attempt: Row) -> PaymentProvider:
        """Return who takes this payment; one that was switched off meanwhile gives no answer."""
        found = self._providers.get(attempt.method)
        if found is None:
            raise ProviderUnavailable(f"the provider {attempt.method} is switched off")
        return found

    async def _let_go(self, attempt: Row, reference: str) -> None:
        """Void what was set aside after it was closed here: nobody waits for this money any more."""
        try:
            await self._provider(attempt).void(attempt.id, reference)
        except ProviderRefused as refused:
            log.warning("payment %s could not be let go (%s)", attempt.id, refused.code)

    async def refused(self, attempt: Row) -> None:
        """Write down that the provider did not take a payment at all."""
        await self._note_state(attempt, PaymentState.DECLINED)

    async def advance(self, order: str, *, ask: bool = False) -> Record:
        """Do everything that can be done now; `ask` also asks the provider about an open payment.

        What gets no answer is left with a time at which the worker tries again.
        """
        record = await self._load(order)
        for _ in range(MAX_STEPS):
            step, payment = next_step(record.situation)
            if step is Step.WAIT and ask:
                ask = False
                await self._ask(record, payment)
            elif step in {Step.WAIT, Step.NOTHING}:
                await self._rest(record, step)
                return record
            elif not await self._try(step, record, payment):
                return record
            record = await self._load(order)
        raise RuntimeError(f"order {order} does not come to rest")

    async def later(self, order: str) -> None:
        """Let a worker look at an order again, each time a little later."""
        async with self._database.write() as sql:
            record = await orders_sql.load(sql, order, lock=True)
            tries = record.order.tries + 1
            await orders_sql.look_again(sql, order, retry_at_ms(tries, self._now_ms()), tries)

    async def _try(self, step: Step, record: Record, payment: str | None) -> bool:
        try:
            await self._do[step](record, None if payment is None else record.attempt(payment))
        except (ProviderUnavailable, Busy) as error:
            log.warning("order %s: %s got no answer, it will be repeated: %s", record.order.id, step, error)
            await self.later(record.order.id)
            return False
        return True

    async def _load(self, order: str) -> Record:
        async with self._database.read() as sql:
            return await orders_sql.load(sql, order)

    async def _rest(self, record: Record, step: Step) -> None:
        row, at_ms, tries = record.order, None, 0
        if step is Step.WAIT:
            tries = row.tries + 1
            at_ms = look_again_at_ms(row.tries, self._now_ms(), row.deadline_ms)
            if row.next_step_at_ms is not None and row.next_step_at_ms > self._now_ms():
                return  # looked at before its time, by a webhook or the buyer
        if row.next_step_at_ms != at_ms:
            async with self._database.write() as sql:
                await orders_sql.look_again(sql, row.id, at_ms, tries)

    async def _ask(self, record: Record, payment: str | None) -> None:
        """Ask the provider about an open payment, and Redis about a hold whose time is over."""
        if payment is not None:
            attempt = record.attempt(payment)
            try:
                news = await self._provider(attempt).status(attempt.id, attempt.reference)
                if news is not None and news.state is not PaymentState.PENDING:
                    await self.told(news)
                    return
            except (ProviderUnavailable, ProviderRefused) as error:
                log.warning("order %s: the provider was asked in vain: %s", record.order.id, error)
                return
        if self._now_ms() > record.order.deadline_ms + GRACE_MS:
            await self._expire_if_ended(record)

    async def _expire_if_ended(self, record: Record) -> None:
        for reservation in record.reservations:
            held = await self._engine.reservation(record.order.shop, reservation)
            if held is not None and held.live:
                return
        await self._move(record, OrderState.PENDING, state=OrderState.EXPIRED)

    async def _claim(self, record: Record, attempt: Row) -> None:
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, record.order.id, lock=True)
            if next_step(locked.situation) != (Step.CLAIM, attempt.id):
                return
            pending = locked.order.state == OrderState.PENDING
            values = {"state": OrderState.AUTHORISED} if pending else {}
            await orders_sql.change(sql, locked.order, self._now_ms(), winner=attempt.id, **values)

    async def _commit(self, record: Record, attempt: Row) -> None:
        row = record.order
        mark = None if attempt.fingerprint is None else self._digest(f"card {attempt.fingerprint}")
        try:
            await self._engine.commit(
                row.shop, order=row.id, reservations=record.reservations, fingerprint=mark
            )
        except CommerceError as error:
            if error.code not in _LOST:
                raise
            log.info("order %s lost its units (%s): its payment is voided", row.id, error.code)
            await self._lose(record)
            return
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, row.id, lock=True)
            if locked.order.stock == Stock.HELD:
                late = locked.order.state == OrderState.EXPIRED
                values = {"state": OrderState.AUTHORISED} if late else {}
                await orders_sql.change(sql, locked.order, self._now_ms(), stock=Stock.COMMITTED, **values)
        await self.tell(row.id)

    async def _lose(self, record: Record) -> None:
        """Give back what other reservations of the order still hold, and end it."""
        await self._release_holds(record)
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, record.order.id, lock=True)
            if locked.order.stock == Stock.HELD:
                ended = locked.order.state == OrderState.EXPIRED
                values = {} if ended else {"state": OrderState.EXPIRED}
                await orders_sql.change(sql, locked.order, self._now_ms(), stock=Stock.GONE, **values)
        await self.tell(record.order.id)

    async def _capture(self, _record: Record, attempt: Row) -> None:
        await self._provider_says(attempt, "capture")

    async def _void(self, _record: Record, attempt: Row) -> None:
        await self._provider_says(attempt, "void")

    async def _refund(self, record: Record, attempt: Row) -> None:
        """Give back all of what was taken, once: a repeat has the same key and counts once there."""
        provider, reference = self._provider(attempt), attempt.reference
        try:
            await provider.refund(attempt.id, reference, lost_race_refund(attempt.id), attempt.amount_minor)
        except ProviderRefused as refused:
            log.error(  # noqa: TRY400 - who refused and why is known
                "order %s: %s %s of payment %s must be given back and the provider refuses: %s",
                record.order.id, attempt.amount_minor, attempt.currency, attempt.id, refused.code,
            )  # fmt: skip
            raise ProviderUnavailable(refused.code) from refused
        await self._note_state(attempt, PaymentState.REFUNDED)

    async def _close(self, record: Record, attempt: Row) -> None:
        news = await self._provider(attempt).status(attempt.id, attempt.reference)
        if news is None:
            if attempt.pay_url and self._now_ms() < record.order.deadline_ms + PAGE_GRACE_MS:
                raise ProviderUnavailable("there is a page, and it takes money until its time is over")
            await self._note_state(attempt, PaymentState.VOIDED)
        elif news.state is PaymentState.PENDING:
            await self._provider_says(attempt, "void", news.reference)
        else:
            await self.told(news)

    async def _provider_says(self, attempt: Row, verb: str, reference: str | None = None) -> None:
        """Capture or void, and write down what came of it; a refusal is an answer too."""
        provider = self._provider(attempt)
        call = provider.capture if verb == "capture" else provider.void
        try:
            news = await call(attempt.id, reference or attempt.reference)
        except ProviderRefused as refused:
            log.warning("payment %s: %s was refused (%s)", attempt.id, verb, refused.code)
            state = refused.state
            if state is None or state in {PaymentState.AUTHORISED, PaymentState.PENDING}:
                state = PaymentState.DECLINED if verb == "capture" else PaymentState.VOIDED
            await self._note_state(attempt, state)
        else:
            await self._note_state(attempt, news.state)

    async def _note_state(self, attempt: Row, state: PaymentState) -> None:
        now_ms = self._now_ms()
        async with self._database.write() as sql:
            record = await orders_sql.load(sql, attempt.order, lock=True)
            moved = await orders_sql.move_attempt(sql, record.attempt(attempt.id), state, now_ms)
        if moved and state is not PaymentState.CAPTURED:
            await self.tell(attempt.order)

    async def _place(self, record: Record, _attempt: Row) -> None:
        """Sold on a promise: the buyer is told how to pay."""
        await self._confirm(record, Step.PLACE, OrderState.PLACED)

    async def _finish(self, record: Record, _attempt: Row) -> None:
        """Paid: the order's last move."""
        await self._confirm(record, Step.FINISH, OrderState.PAID)

    async def _confirm(self, record: Record, step: Step, state: OrderState) -> None:
        """Move the order, with its mail in the same transaction."""
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, record.order.id, lock=True)
            if next_step(locked.situation)[0] is not step:
                return
            await orders_sql.change(sql, locked.order, self._now_ms(), state=state)
            unit = Unit(sql, self._outbox)
            if locked.order.contact_email:  # a buyer who was forgotten meanwhile gets no mail
                await unit.add("mail", dict(confirmation_letter(locked, self._public_url, state)))
            if state is OrderState.PAID:
                await webhooks.emit(unit, locked.order.shop, EventType.ORDER_PAID, order_data(locked, state))
                await write_state(sql, locked.order.id, self._now_ms())  # it may have been sent before
        self._background.start(self._outbox.send(unit.lanes))
        await self.tell(record.order.id)

    async def _fail(self, record: Record, _attempt: Row) -> None:
        """Not captured after all: the units stay sold, what follows is the host's decision."""
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, record.order.id, lock=True)
            row = locked.order
            if next_step(locked.situation)[0] is not Step.FAIL:
                return
            unit = Unit(sql, self._outbox)
            if row.stock == Stock.HELD:  # the authorisation went before anything was sold
                await orders_sql.change(sql, row, self._now_ms(), state=OrderState.EXPIRED)
            else:
                await orders_sql.change(sql, row, self._now_ms(), state=OrderState.CAPTURE_FAILED)
                await unit.add("note", _payment_failed(row), shop=row.shop)
                failed = order_data(locked, OrderState.CAPTURE_FAILED)
                await webhooks.emit(unit, row.shop, EventType.ORDER_CAPTURE_FAILED, failed)
        await self._outbox.send(unit.lanes)
        await self.tell(record.order.id)

    async def _release(self, record: Record, _attempt: Row | None) -> None:
        await self._release_holds(record)
        await self._move(record, OrderState(record.order.state), stock=Stock.GONE)

    async def _release_holds(self, record: Record) -> None:
        """Give back every unit the order's reservations hold; what ended before is left as it ended."""
        row = record.order
        for reservation in record.reservations:
            held = await self._engine.reservation(row.shop, reservation)
            if held is None or not held.live or held.order != row.id:
                continue
            try:
                await self._engine.release(row.shop, reservation=reservation, while_paying=True)
            except CommerceError as error:
                if error.code not in {"reservation_ended", "no_such_reservation"}:
                    raise

    async def _move(self, record: Record, only_from: OrderState, **values: object) -> None:
        async with self._database.write() as sql:
            locked = await orders_sql.load(sql, record.order.id, lock=True)
            if locked.order.state != only_from or locked.order.stock != record.order.stock:
                return
            await orders_sql.change(sql, locked.order, self._now_ms(), **values)
        if "state" in values:
            await self.tell(record.order.id)

    async def tell(self, order: str) -> None:
        """Tell the buyer's screens how an order stands."""
        record = await self._load(order)
        await self._people.order(record.order.shop, order_view(record, private=False))


def lost_race_refund(payment: str) -> str:
    """Return the id of the one refund that ends a payment whose order could not have its units."""
    return f"lost_{payment}"


def _learned(news: ProviderPayment) -> dict[str, object]:
    """Return what the provider's word adds to an attempt; what is known is never taken away."""
    learned: dict[str, object] = {"reference": news.reference}
    if news.pay_url is not None:
        learned["pay_url"] = news.pay_url
    if news.fingerprint is not None:
        learned["fingerprint"] = news.fingerprint
    return learned


def _payment_failed(row: Row) -> dict[str, object]:
    return {
        "kind": "payment_failed",
        "show": row.show,
        "body": {
            "order": row.id,
            "number": row.number,
            "total_minor": row.total_minor,
            "currency": row.currency,
        },
    }
