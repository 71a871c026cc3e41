"""The terms of shops: read by buyers, written by hosts."""

from commerce.database_sql import Database, Sql
from commerce.errors import NoSuchShop
from commerce.ports import Clock, NewId
from commerce.shops import staff_sql
from commerce.terms import terms_sql
from commerce.terms.checks import checked_shipping, checked_taxes
from commerce.terms.structs import ShippingTable, TaxTable, Terms


class ShopTerms:
    """Reads and replaces a shop's tables; a repeated write is the same write. Doors check roles."""

    def __init__(self, database: Database, now_ms: Clock, new_id: NewId) -> None:
        self._database = database
        self._now_ms = now_ms
        self._new_id = new_id

    async def of(self, shop: str) -> Terms:
        """Return a shop's terms (by its id); those every shop starts with where none were set."""
        async with self._database.read() as sql:
            return await terms_sql.terms_of(sql, shop)

    async def put_shipping(self, shop: str, table: ShippingTable) -> ShippingTable:
        """Replace the ways of shipping; raises NoSuchShop, InvalidField, BadPrice."""
        async with self._database.write() as sql:
            await self._lock(sql, shop)
            there = (await terms_sql.terms_of(sql, shop)).shipping.methods
            known = frozenset(method.id for method in there if method.id is not None)
            checked = checked_shipping(table, known, self._new_id)
            await terms_sql.put_shipping(sql, shop, checked)
        return checked

    async def put_taxes(self, shop: str, table: TaxTable) -> TaxTable:
        """Replace the rates; raises NoSuchShop, InvalidField."""
        checked = checked_taxes(table)
        async with self._database.write() as sql:
            await self._lock(sql, shop)
            await terms_sql.put_taxes(sql, shop, checked, self._now_ms())
        return checked

    @staticmethod
    async def _lock(sql: Sql, shop: str) -> None:
        if not await staff_sql.lock_shop(sql, shop):
            raise NoSuchShop(shop=shop)
