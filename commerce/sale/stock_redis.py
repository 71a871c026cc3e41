"""What staff and the system do to stock, prices, sales and bans; each call is safe to repeat.

`operation` is the id of the outbox row (or the request's idempotency key) that wants it done.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from commerce import errors
from commerce.sale import checks
from commerce.sale.calls_redis import FunctionCaller
from commerce.sale.types import MAX_LINE_QUANTITY, PoolCounters, SaleRecord, main_pool

_NOTE_BYTES = 32_768


def _hash(argument: Mapping[str, object]) -> str:
    return hashlib.blake2b(msgspec.json.encode(argument, order="sorted"), digest_size=16).hexdigest()


class SaleStock(FunctionCaller):
    """The staff's half of the engine."""

    async def return_sold(
        self, shop: str, *, operation: str, pool: str, variant: str, quantity: int, order: str | None = None
    ) -> PoolCounters:
        """Put sold units back on the shelf (refund, failed capture); answers the pool they went to.

        Units of an ended sale go to the variant's main pool. Limits are not counted back. Raises NoSuchPool,
        NotEnoughStock {sold} when fewer were sold, IdempotencyConflict.
        """
        checks.check_id("pool", pool, "po")
        checks.check_id("variant", variant, "va")
        checks.check_stock_quantity(quantity)
        argument = {"pool": pool, "variant": variant, "quantity": quantity, "order": order}
        return await self._moved(shop, "return_sold", operation, argument)

    async def transfer(
        self, shop: str, *, operation: str, from_pool: str, to_pool: str, quantity: int
    ) -> dict[str, PoolCounters]:
        """Move available units between two pools of one variant; answers both pools' counters by id.

        Raises NotEnoughStock {available}, SaleEnded (into an ended sale), NoSuchPool, BadRequest (another
        variant's pool), IdempotencyConflict.
        """
        checks.check_id("from_pool", from_pool, "po")
        checks.check_id("to_pool", to_pool, "po")
        checks.check_stock_quantity(quantity)
        argument = {"from_pool": from_pool, "to_pool": to_pool, "quantity": quantity}
        packed = self._packed(shop, operation, argument)
        moved: dict[str, PoolCounters] = await self.done(shop, "transfer", packed, dict[str, PoolCounters])
        return moved

    async def restock(
        self, shop: str, *, operation: str, variant: str, quantity: int, opens_pool: bool = False
    ) -> PoolCounters:
        """Add new units to a variant's main pool.

        `opens_pool` True is for a variant that never had stock, and may come with quantity 0; otherwise a
        missing pool is NoSuchPool, never made up: its keys may have been lost (see `liveshop reconcile`).
        Raises IdempotencyConflict.
        """
        checks.check_id("variant", variant, "va")
        checks.check_stock_quantity(quantity, low=0 if opens_pool else 1)
        argument = {
            "variant": variant,
            "pool": main_pool(variant),
            "quantity": quantity,
            "opens_pool": opens_pool,
        }
        return await self._moved(shop, "restock", operation, argument)

    async def withdraw(self, shop: str, *, operation: str, variant: str, quantity: int) -> PoolCounters:
        """Take available units out of sale for good (broken, lost). Raises NotEnoughStock {available}."""
        checks.check_id("variant", variant, "va")
        checks.check_stock_quantity(quantity)
        argument = {"variant": variant, "pool": main_pool(variant), "quantity": quantity}
        return await self._moved(shop, "withdraw", operation, argument)

    async def sale_put(self, shop: str, sale: SaleRecord, *, operation: str) -> SaleRecord:
        """Put a flash sale's record; the first put also moves `sale.quantity` units from the main pool.

        A version not above the stored one changes nothing; the stored record is answered. Later versions may
        change times, price and limit and end it early (`ended_at_ms`), which drains its pool in the same
        call; an ended sale stays ended (SaleEnded). Raises NotEnoughStock {available}, NoSuchPool,
        NoSuchVariant, BadTimes.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_key("operation", operation)
        _check_sale(sale)
        argument = {"operation": operation, "sale": sale, "pool": sale.pool, "main": main_pool(sale.variant)}
        put: SaleRecord = await self.done(shop, "sale_put", argument, SaleRecord)
        return put

    async def price_put(
        self, shop: str, *, operation: str, variant: str, product: str, price_minor: int, version: int
    ) -> bool:
        """Copy a variant's price with its rising version; False when a version as new is there already."""
        checks.check_id("shop", shop, "sp")
        checks.check_key("operation", operation)
        checks.check_id("variant", variant, "va")
        checks.check_id("product", product, "pr")
        checks.check_price(price_minor, version)
        argument = {
            "operation": operation,
            "variant": variant,
            "product": product,
            "price_minor": price_minor,
            "version": version,
        }
        put: bool = await self.done(shop, "price_put", argument, bool)
        return put

    async def note(
        self,
        shop: str,
        *,
        operation: str,
        kind: str,
        body: Mapping[str, object],
        show: str | None = None,
    ) -> str:
        """Write a fact that was decided in SQL into the ledger, once; answers the entry's stream id.

        `kind` names it (`pin`, `show`, `run_of_show`, `product`, ...), `body` is its JSON-ready facts, at
        most 32 KiB. Raises IdempotencyConflict.
        """
        checks.check_key("kind", kind)
        if show is not None:
            checks.check_id("show", show, "sh")
        text = msgspec.json.encode(body).decode()
        if len(text) > _NOTE_BYTES:
            raise errors.InvalidField(f"A note has at most {_NOTE_BYTES} bytes.", field="body")
        packed = self._packed(shop, operation, {"note": kind, "body": text, "show": show})
        entry: str = await self.done(shop, "note", packed, str)
        return entry

    async def ban_put(
        self, shop: str, *, person: str, banned: bool, version: int, expires_at_ms: int | None = None
    ) -> bool:
        """Copy whether a person may buy, with its rising version; False when one as new is there already.

        By the shop's clock they may again from `expires_at_ms` on; None is for good.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_person(person)
        checks.check_whole("version", version, 0, checks.MAX_VERSION)
        argument = {"person": person, "banned": banned, "version": version}
        if expires_at_ms is not None:
            checks.check_whole("expires_at_ms", expires_at_ms, 0, checks.MAX_VERSION)
            argument["expires_at_ms"] = expires_at_ms
        put: bool = await self.done(shop, "ban_put", argument, bool)
        return put

    async def _moved(
        self, shop: str, name: str, operation: str, argument: Mapping[str, object]
    ) -> PoolCounters:
        packed = self._packed(shop, operation, argument)
        counters: PoolCounters = await self.done(shop, name, packed, PoolCounters)
        return counters

    def _packed(self, shop: str, operation: str, argument: Mapping[str, object]) -> dict[str, object]:
        checks.check_id("shop", shop, "sp")
        checks.check_key("operation", operation)
        return {**argument, "operation": operation, "hash": _hash(argument)}


def _check_sale(sale: SaleRecord) -> None:
    checks.check_id("sale", sale.id, "fs")
    checks.check_id("variant", sale.variant, "va")
    checks.check_id("product", sale.product, "pr")
    if sale.show is not None:
        checks.check_id("show", sale.show, "sh")
    checks.check_price(sale.price_minor, sale.price_version)
    checks.check_stock_quantity(sale.quantity)
    checks.check_whole("limit", sale.limit, 0, MAX_LINE_QUANTITY)
    checks.check_whole("version", sale.version, 0, checks.MAX_VERSION)
    checks.check_time("starts_at_ms", sale.starts_at_ms)
    checks.check_time("ends_at_ms", sale.ends_at_ms)
    if sale.ended_at_ms is not None:
        checks.check_time("ended_at_ms", sale.ended_at_ms)
    if sale.ends_at_ms <= sale.starts_at_ms:
        raise errors.BadTimes("A sale ends after it starts.")
