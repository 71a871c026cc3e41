"""Issues an invoice for each paid order and a credit note for each refund, numbered without gaps.

A worker issues them soon after the money moved; who looks at an order issues what is still missing. A
document is written in the transaction that takes its number, so a number is never lost and never used twice;
its content never changes afterwards, also when shop or buyer do. Series are of a shop, a kind and a year
(UTC): `2026-000001`, `C2026-000001`.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from commerce.database_sql import Database, Sql
from commerce.invoices import invoices_sql
from commerce.invoices.content import Content, Kind, credit_note_content, invoice_content
from commerce.invoices.invoice_pdf import document_pdf
from commerce.invoices.refusals import NoSuchDocument
from commerce.language import Language
from commerce.orders.states import SETTLED
from commerce.ports import Clock
from commerce.returns.desk import check_buyer
from commerce.returns.facts import Facts, load_facts
from commerce.returns.states import RefundState
from commerce.returns.structs import Documents
from commerce.routing import Identity

LOOK_BACK_MS: Final = 7 * 86_400_000
"""How far back the worker looks; older orders (of an earlier release) get theirs when somebody asks."""
PREFIX: Final = {Kind.INVOICE: "", Kind.CREDIT_NOTE: "C"}


class Invoices:
    """Issues, lists and draws documents."""

    def __init__(self, database: Database, now_ms: Clock) -> None:
        self._database = database
        self._now_ms = now_ms

    async def issue(self, order: str) -> None:
        """Issue what is missing of an order: its invoice, and a credit note for each refund done."""
        async with self._database.write() as sql:
            facts = await load_facts(sql, order, lock=True)
            if facts.record.order.state in SETTLED:
                await self._issue(sql, facts)

    async def issue_due(self, limit: int = 100) -> int:
        """Issue what is missing of the orders that moved lately; the worker's job. Returns how many."""
        since_ms = self._now_ms() - LOOK_BACK_MS
        async with self._database.read() as sql:
            found = await invoices_sql.orders_without(sql, since_ms, limit)
            found += [order for order, _ in await invoices_sql.refunds_without(sql, since_ms, limit)]
        for order in dict.fromkeys(found):
            await self.issue(order)
        return len(set(found))

    async def pdf_for_buyer(
        self, identity: Identity | None, token: str | None, order: str, subject: str, language: Language
    ) -> tuple[str, bytes]:
        """Return number and PDF of a document to the order's owner or who has its link.

        Raises NoSuchOrder, NotYours, NoSuchDocument.
        """
        async with self._database.read() as sql:
            check_buyer(await load_facts(sql, order), identity, token)
        return await self._pdf(order, subject, language)

    async def pdf_for_host(
        self, shop: str, order: str, subject: str, language: Language
    ) -> tuple[str, bytes]:
        """Return number and PDF of a document to the shop's host; raises NoSuchOrder, NoSuchDocument."""
        async with self._database.read() as sql:
            await load_facts(sql, order, shop=shop)
        return await self._pdf(order, subject, language)

    async def _pdf(self, order: str, subject: str, language: Language) -> tuple[str, bytes]:
        await self.issue(order)
        async with self._database.read() as sql:
            row = await invoices_sql.by_subject(sql, subject)
        if row is None or row.order != order:
            raise NoSuchDocument
        content = msgspec.json.decode(row.content, type=Content)
        return content.number, await asyncio.to_thread(document_pdf, content, language)

    async def _issue(self, sql: Sql, facts: Facts) -> None:
        order = facts.record.order
        invoice = await invoices_sql.by_subject(sql, order.id)
        number = invoice.number if invoice is not None else ""
        if not number:
            number, place, now_ms = await self._number(sql, order.shop, Kind.INVOICE)
            await self._write(sql, facts, order.id, place, invoice_content(facts.record, number, now_ms))
        for refund in facts.refunds:
            done = refund.row.state == RefundState.DONE
            if not done or await invoices_sql.by_subject(sql, refund.row.id) is not None:
                continue
            note, place, now_ms = await self._number(sql, order.shop, Kind.CREDIT_NOTE)
            content = credit_note_content(facts.record, facts.refunds, refund, note, number, now_ms)
            await self._write(sql, facts, refund.row.id, place, content)

    async def _number(self, sql: Sql, shop: str, kind: Kind) -> tuple[str, tuple[int, int], int]:
        """Take the next number of a series: as it is written, (year, sequence), and the present time."""
        now_ms = self._now_ms()
        year = datetime.fromtimestamp(now_ms / 1000, UTC).year
        sequence = await invoices_sql.next_sequence(sql, shop, kind, year)
        return f"{PREFIX[kind]}{year}-{sequence:06}", (year, sequence), now_ms

    async def _write(
        self, sql: Sql, facts: Facts, subject: str, place: tuple[int, int], content: Content
    ) -> None:
        values: dict[str, Any] = {
            "subject": subject,
            "order": facts.record.order.id,
            "shop": facts.record.order.shop,
            "kind": content.kind,
            "year": place[0],
            "sequence": place[1],
            "number": content.number,
            "issued_at_ms": content.issued_at_ms,
            "content": msgspec.json.encode(content).decode(),
        }
        await invoices_sql.insert(sql, values)


async def documents_of(sql: Sql, facts: Facts) -> list[Documents]:
    """Return the documents of an order that are there, oldest first; those still to come are added.

    A document that the worker has not issued yet has no number: asking for it issues it.
    """
    order = facts.record.order
    if order.state not in SETTLED:
        return []
    rows = await invoices_sql.of_order(sql, order.id)
    found = [Documents(row.kind, row.number, row.subject, row.issued_at_ms) for row in rows]
    there = {row.subject for row in rows}
    coming = [(Kind.INVOICE, order.id)] + [
        (Kind.CREDIT_NOTE, one.row.id) for one in facts.refunds if one.row.state == RefundState.DONE
    ]
    return found + [Documents(kind, "", subject, 0) for kind, subject in coming if subject not in there]
