"""Reads an order with all that followed its sale, for whoever may."""

from commerce.database_sql import Database, Sql
from commerce.invoices.invoices import documents_of
from commerce.ports import Clock
from commerce.returns.desk import check_buyer, rules_of
from commerce.returns.facts import Facts, load_facts
from commerce.returns.structs import AfterSale
from commerce.returns.view import after_sale_view
from commerce.routing import Identity


class AfterSales:
    """The reading side; writing is `Refunds`, `ReturnDesk` and `Packing`."""

    def __init__(self, database: Database, now_ms: Clock) -> None:
        self._database = database
        self._now_ms = now_ms

    async def for_buyer(self, identity: Identity | None, token: str | None, order: str) -> AfterSale:
        """Return an order to its owner or to who has its link; raises NoSuchOrder, NotYours."""
        async with self._database.read() as sql:
            facts = await load_facts(sql, order)
            check_buyer(facts, identity, token)
            owner = identity is not None and identity.person == facts.record.order.person
            return await self._view(sql, facts, host=False, owner=owner)

    async def for_host(self, shop: str, order: str) -> AfterSale:
        """Return an order to the shop's host; raises NoSuchOrder."""
        async with self._database.read() as sql:
            facts = await load_facts(sql, order, shop=shop)
            return await self._view(sql, facts, host=True, owner=False)

    async def _view(self, sql: Sql, facts: Facts, *, host: bool, owner: bool) -> AfterSale:
        rules = await rules_of(sql, facts.record.order.shop)
        documents = await documents_of(sql, facts)
        return after_sale_view(facts, rules, documents, self._now_ms(), host=host, owner=owner)
