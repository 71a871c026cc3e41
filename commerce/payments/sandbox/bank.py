"""The sandbox provider's own logic: its book, the buyer's page, and when webhooks go out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from commerce.database_sql import AlreadyThere, Database, Sql
from commerce.payments.after_answer import AfterAnswer
from commerce.payments.sandbox import book_sql
from commerce.payments.sandbox.messages import (
    Act,
    ActAnswer,
    CreatePayment,
    RefundPayment,
    SandboxPayment,
    WebhookBody,
)
from commerce.payments.sandbox.rules import (
    PLAIN_CARD,
    BookState,
    CaptureRefused,
    SandboxRefused,
    after,
    after_act,
    after_charge,
    next_try_at_ms,
)
from commerce.payments.sandbox.webhook_client import WebhookSender
from commerce.ports import Clock, NewId

RESEND_AFTER_MS = 3_000
"""A delivery that should have gone at once is left to the worker after this time."""
KEEP_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook to send. `waits` holds back the answer until it was delivered."""

    webhook: str
    at_once: bool
    waits: bool


Effect = Callable[[Sql], Awaitable[tuple[SandboxPayment, list[Delivery]]]]
"""What a call does to the book: its answer, and the webhooks it causes."""


class SandboxBank:
    """The provider. `late_ms` is how late a late webhook is; `page_url` the folder of its pages."""

    def __init__(
        self,
        database: Database,
        sender: WebhookSender,
        background: AfterAnswer,
        now_ms: Clock,
        new_id: NewId,
        *,
        page_url: str,
        late_ms: int = 10_000,
    ) -> None:
        self._database = database
        self._sender = sender
        self._background = background
        self._now_ms = now_ms
        self._new_id = new_id
        self._page_url = page_url
        self._late_ms = late_ms

    async def create(self, key: str, new: CreatePayment) -> SandboxPayment:
        """Register a payment; with `test` the buyer's action happens before this returns."""
        digest = book_sql.call_hash("create", new)

        async def effect(sql: Sql) -> tuple[SandboxPayment, list[Delivery]]:
            payment = self._new_id("sx")
            await book_sql.insert_payment(sql, new, payment, self._now_ms())
            delivery = None
            if new.means is not None:
                delivery = await self._charge(sql, payment, new.means)
            elif new.test is not None:
                delivery = await self._act(sql, payment, new.test)
            answer = book_sql.as_answer(await book_sql.payment_row(sql, payment), self._page_url)
            return answer, [] if delivery is None else [delivery]

        return await self._once(key, digest, effect)

    async def read(self, payment: str) -> SandboxPayment:
        """Return a payment by the provider's id or the merchant's; raises `NoSuchPayment`."""
        async with self._database.read() as sql:
            return book_sql.as_answer(await book_sql.payment_row(sql, payment), self._page_url)

    async def act(self, payment: str, act: Act) -> ActAnswer:
        """Do what the buyer chose on the page, and send the webhook as asked."""
        async with self._database.write() as sql:
            delivery = await self._act(sql, payment, act)
            row = await book_sql.payment_row(sql, payment)
        await self._deliver([] if delivery is None else [delivery])
        return ActAnswer(return_url=row.return_url, state=row.state)

    async def capture(self, key: str, payment: str) -> SandboxPayment:
        """Take the authorised money."""
        return await self._change("capture", key, payment, None)

    async def void(self, key: str, payment: str) -> SandboxPayment:
        """Let go of an authorisation, or close an open payment."""
        return await self._change("void", key, payment, None)

    async def refund(self, key: str, payment: str, refund: RefundPayment) -> SandboxPayment:
        """Give captured money back; raises `SandboxRefused` for more than is left."""
        return await self._change("refund", key, payment, refund)

    async def forget(self, token: str) -> None:
        """Forget a kept card; repeating it is harmless."""
        async with self._database.write() as sql:
            await book_sql.forget_card(sql, token)

    async def deliver_due(self, limit: int = 100) -> int:
        """Send every webhook that is due; the worker's job. Returns how many were tried."""
        async with self._database.read() as sql:
            due = await book_sql.due_webhooks(sql, self._now_ms(), limit)
        for webhook in due:
            await self._send(webhook)
        return len(due)

    async def purge(self) -> None:
        """Forget remembered answers and delivered webhooks after a day."""
        async with self._database.write() as sql:
            await book_sql.purge(sql, self._now_ms() - KEEP_MS)

    async def close(self) -> None:
        """Close the connections to the merchant."""
        await self._sender.close()

    async def _act(self, sql: Sql, payment: str, act: Act) -> Delivery | None:
        row = await book_sql.payment_row(sql, payment, lock=True)
        if row.state == BookState.OPEN and self._now_ms() >= row.expires_at_ms:
            raise SandboxRefused("The time to pay is over.", state=str(BookState.TIMED_OUT))
        state = after_act(act.action, BookState(row.state))
        if state is None:
            return None
        approved = state is BookState.AUTHORISED
        means = None
        if approved and row.customer is not None:
            card, token = act.card or PLAIN_CARD, self._new_id("sm")
            means = await book_sql.keep_card(sql, row.customer, card, token, self._now_ms())
        await book_sql.change_payment(
            sql,
            row.id,
            state=state,
            fingerprint=f"test {act.card}" if act.card and approved else None,
            refuse_capture=act.capture == "refuse",
            means=means,
        )
        return await self._webhook(sql, row.id, act.webhook)

    async def _charge(self, sql: Sql, payment: str, token: str) -> Delivery:
        """Charge a kept card, without the page; raises `NoSuchMeans`."""
        card = await book_sql.kept_card(sql, token)
        state = after_charge(card)
        fingerprint = None if card == PLAIN_CARD or state is not BookState.AUTHORISED else f"test {card}"
        await book_sql.change_payment(sql, payment, state=state, fingerprint=fingerprint, means=token)
        return await self._webhook(sql, payment, "normal")

    async def _change(
        self, verb: str, key: str, payment: str, refund: RefundPayment | None
    ) -> SandboxPayment:
        digest = book_sql.call_hash(f"{verb} {payment}", refund)

        async def effect(sql: Sql) -> tuple[SandboxPayment, list[Delivery]]:
            row = await book_sql.payment_row(sql, payment, lock=True)
            state = after(verb, BookState(row.state))
            amount_minor = 0 if refund is None else refund.amount_minor
            if verb == "capture" and row.refuse_capture:
                raise CaptureRefused
            if verb == "refund" and not 0 < amount_minor <= row.captured_minor - row.refunded_minor:
                raise SandboxRefused("There is not that much to give back.", state=row.state)
            await book_sql.change_payment(
                sql,
                row.id,
                state=state,
                captured_minor=row.amount_minor if verb == "capture" else row.captured_minor,
                refunded_minor=row.refunded_minor + amount_minor,
            )
            delivery = await self._webhook(sql, row.id, "normal")
            return book_sql.as_answer(await book_sql.payment_row(sql, row.id), self._page_url), [delivery]

        return await self._once(f"{verb}:{key}", digest, effect)

    async def _once(self, key: str, digest: str, effect: Effect) -> SandboxPayment:
        """Carry out a call unless its key was answered before; the answer is stored with the effect."""
        try:
            async with self._database.write() as sql:
                known = await book_sql.stored_answer(sql, key, digest)
                if known is not None:
                    return known
                answer, deliveries = await effect(sql)
                await book_sql.store_answer(sql, key, digest, answer, self._now_ms())
        except AlreadyThere:  # the same call at the same time was first
            async with self._database.read() as sql:
                known = await book_sql.stored_answer(sql, key, digest)
            if known is None:
                raise
            return known
        await self._deliver(deliveries)
        return answer

    async def _webhook(self, sql: Sql, payment: str, mode: str) -> Delivery:
        """Write a webhook that tells the payment's present state."""
        now_ms = self._now_ms()
        answer = book_sql.as_answer(await book_sql.payment_row(sql, payment), self._page_url)
        body = msgspec.json.encode(WebhookBody(type="payment.updated", payment=answer))
        delivery = Delivery(self._new_id("wh"), at_once=mode != "late", waits=mode == "before_answer")
        await book_sql.insert_webhook(
            sql,
            delivery.webhook,
            payment,
            body,
            deliveries=2 if mode == "twice" else 1,
            due_at_ms=now_ms + (RESEND_AFTER_MS if delivery.at_once else self._late_ms),
            now_ms=now_ms,
        )
        return delivery

    async def _deliver(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.waits:
                await self._send(delivery.webhook)
            elif delivery.at_once:
                self._background.start(self._send(delivery.webhook))

    async def _send(self, webhook: str) -> None:
        """Deliver until as many deliveries succeeded as asked; a failure is tried again later."""
        async with self._database.read() as sql:
            row = await book_sql.webhook_row(sql, webhook)
        if row is None or row.next_try_at_ms is None:
            return
        left = row.deliveries_left
        while left and await self._sender.send(webhook, row.body.encode(), self._now_ms()):
            left -= 1
        tries = row.tries + 1 if left else row.tries
        again_at_ms = next_try_at_ms(tries, self._now_ms()) if left else None
        async with self._database.write() as sql:
            await book_sql.change_webhook(
                sql, webhook, deliveries_left=left, tries=tries, next_try_at_ms=again_at_ms
            )
