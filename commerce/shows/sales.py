"""Flash sales: a price, a number of units and a time, opened and closed by the shop's clock.

SQL is the record; an outbox row carries it to Redis (`sale_put`), which takes the units from the variant's
main pool in the same step and refuses when there are not enough. A sale counts only once that has happened
(`opened_at_ms`); a refused one is kept with its reason. At its end Redis moves what is left back by itself
(`expire_due`), so nothing here runs by a timer.
"""

from typing import Any

import msgspec

from commerce import errors
from commerce.catalogue import products_sql
from commerce.database_sql import AlreadyThere, Sql
from commerce.errors import (
    BadQuantity,
    BadTimes,
    Busy,
    CommerceError,
    NoSuchShow,
    NoSuchVariant,
    SaleRunning,
    WrongState,
)
from commerce.ids import sale_pool
from commerce.money import check_price
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock, NewId
from commerce.sale.refusals import NoSuchSale, SaleEnded
from commerce.sale.types import SaleRecord
from commerce.shops.staff_sql import shop_rows
from commerce.shows import sales_sql, shows_sql
from commerce.shows.clock_redis import shop_time_ms
from commerce.shows.run import add_to_run
from commerce.shows.states import ShowState
from commerce.shows.structs import Sale, SaleRequest

PRICE_VERSION = 1
"""A sale keeps its price; another price is another sale."""
MAX_QUANTITY = 1_000_000
MAX_LIMIT = 999
MIN_DURATION_S = 5
MAX_DURATION_S = 7 * 86400
MAX_COUNTDOWN_S = 7 * 86400
OPERATION = "flash_sale"


class FlashSales:
    """Makes, ends and lists flash sales."""

    def __init__(self, outbox: Outbox, engine: Any, now_ms: Clock, new_id: NewId) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._now_ms = now_ms
        self._new_id = new_id
        outbox.handle("sale_open", self._open)
        outbox.handle("sale_close", self._close)

    async def create(self, show: str, actor: str, request: SaleRequest, key: str | None) -> Sale:
        """Launch a sale, once per (actor, key); it opens `starts_in_s` from now by the shop's clock.

        Raises NotEnoughStock {available}, SaleRunning {sale}, WrongState (the show has ended), NoSuchShow,
        NoSuchVariant, BadPrice, BadQuantity, BadTimes, KeyMissing, IdempotencyConflict; Busy when Redis did
        not take it in time, and then it will not come about.
        """
        checked, hashed = check_key(key), body_hash([show, request])
        _check(request)
        try:
            sale = await self._write(show, actor, request, checked, hashed)
        except AlreadyThere:
            # A rival with the same key committed first: answer with what it made.
            sale = await self._write(show, actor, request, checked, hashed)
        return await self._outcome(sale, actor, checked)

    async def end(self, show: str, sale: str) -> Sale:
        """End a sale now; one that is over is answered as it is. Raises NoSuchSale."""
        async with self._outbox.write() as unit:
            row = await sales_sql.sale_row(unit.sql, sale, lock=True)
            if row is None or row.show != show or row.opened_at_ms is None:
                raise NoSuchSale(sale=sale)
            at_ms = await shop_time_ms(self._engine, row.shop, self._now_ms)
            if row.ended_at_ms is None and row.ends_at_ms > at_ms:
                await self.end_in(unit, row, at_ms)
        return await self.get(sale)

    async def end_in(self, unit: Unit, row: Any, at_ms: int) -> None:
        """End one sale as part of the caller's change (a show's end)."""
        change = {"ended_at_ms": at_ms, "version": row.version + 1}
        await sales_sql.change_sale(unit.sql, row.id, change)
        await unit.add("sale_close", {"sale": row.id}, shop=row.shop)

    async def end_all(self, unit: Unit, shop: str, show: str) -> None:
        """End what is scheduled or open of a show, as part of the caller's change."""
        at_ms = await shop_time_ms(self._engine, shop, self._now_ms)
        for sale in await sales_sql.unended_sales(unit.sql, show, at_ms):
            row = await sales_sql.sale_row(unit.sql, sale, lock=True)
            assert row is not None
            await self.end_in(unit, row, at_ms)

    async def get(self, sale: str) -> Sale:
        """Answer one sale that came about; raises NoSuchSale."""
        async with self._database.read() as sql:
            row = await sales_sql.sale_row(sql, sale)
            if row is None or row.opened_at_ms is None:
                raise NoSuchSale(sale=sale)
            shop = (await shop_rows(sql, [row.shop]))[row.shop]
        at_ms = await shop_time_ms(self._engine, row.shop, self._now_ms)
        return view(row, shop.currency, at_ms)

    async def of_show(self, show: str) -> tuple[Sale, ...]:
        """Answer a show's sales, newest first; raises NoSuchShow."""
        async with self._database.read() as sql:
            shop = await shows_sql.shop_of(sql, show)
            if shop is None:
                raise NoSuchShow(show=show)
            rows = await sales_sql.sales_of_show(sql, show)
            currency = (await shop_rows(sql, [shop]))[shop].currency
        at_ms = await shop_time_ms(self._engine, shop, self._now_ms) if rows else 0
        return tuple(view(row, currency, at_ms) for row in rows)

    async def of_pinned(self, pinned: dict[str, tuple[str, str]]) -> dict[str, tuple[Sale, ...]]:
        """Answer by show the sales of its pinned product that are scheduled or open.

        `pinned` maps a show to (shop, pinned product); shows without such sales are missing.
        """
        async with self._database.read() as sql:
            rows = await sales_sql.coming_or_open(sql, list(pinned), self._now_ms()) if pinned else []
            wanted = [row for row in rows if row.product == pinned[row.show][1]]
            shops = await shop_rows(sql, list({pinned[row.show][0] for row in wanted})) if wanted else {}
        found: dict[str, tuple[Sale, ...]] = {}
        for row in wanted:
            shop = pinned[row.show][0]
            at_ms = await shop_time_ms(self._engine, shop, self._now_ms)
            found[row.show] = (*found.get(row.show, ()), view(row, shops[shop].currency, at_ms))
        return found

    async def _write(self, show: str, actor: str, request: SaleRequest, key: str, hashed: str) -> str:
        """Write the sale and send it; answers its id, or that of the sale this key made before."""
        async with self._outbox.write() as unit:
            # The show's row first: a rival with the same key has written its answer when we get it.
            row = await shows_sql.show_row(unit.sql, show, lock=True)
            if row is None:
                raise NoSuchShow(show=show)
            before = await stored_answer(unit.sql, actor, OPERATION, key, hashed, str)
            if before is not None:
                unit.lanes[f"shop:{row.shop}"] = None  # the rival may still be sending it
                return before
            if row.state == ShowState.ENDED:
                raise WrongState("The show has ended.", state=row.state)
            product = await self._product_of(unit.sql, row.shop, request.variant)
            at_ms = await shop_time_ms(self._engine, row.shop, self._now_ms)
            running = await sales_sql.running_sale(unit.sql, request.variant, at_ms)
            if running is not None:
                raise SaleRunning(sale=running)
            await add_to_run(unit, row, product)
            sale = self._new_id("fs")
            starts_at_ms = at_ms + request.starts_in_s * 1000
            values = {
                "id": sale,
                "show": show,
                "shop": row.shop,
                "product": product,
                "variant": request.variant,
                "price_minor": request.price_minor,
                "quantity": request.quantity,
                "limit": request.limit,
                "starts_at_ms": starts_at_ms,
                "ends_at_ms": starts_at_ms + request.duration_s * 1000,
                "version": 1,
                "pay_first": request.pay_first,
                "created_at_ms": self._now_ms(),
            }
            await sales_sql.add_sale(unit.sql, values)
            await store_answer(unit.sql, actor, OPERATION, key, hashed, sale, self._now_ms())
            await unit.add("sale_open", {"sale": sale}, shop=row.shop)
        return sale

    async def _product_of(self, sql: Sql, shop: str, variant: str) -> str:
        owner = (await products_sql.variants_by_id(sql, [variant])).get(variant)
        if owner is None or owner[0] != shop or await products_sql.lock_product(sql, *owner) is None:
            raise NoSuchVariant(variant=variant)
        await products_sql.lock_variant(sql, owner[1], variant)
        return owner[1]

    async def _outcome(self, sale: str, actor: str, key: str) -> Sale:
        """Answer the sale, or raise what Redis refused it with; one not settled yet is called off."""
        async with self._database.write() as sql:
            row = await sales_sql.sale_row(sql, sale)
            assert row is not None
            if row.opened_at_ms is None:
                await sales_sql.mark_refused(sql, sale, Busy.code, {})
                await sales_sql.forget_operation(sql, actor, OPERATION, key)
        if row.opened_at_ms is not None:
            return await self.get(sale)
        raise _refusal(row.refused or Busy.code, msgspec.json.decode(row.refused_facts or "{}"))

    async def _open(self, row: OutboxRow) -> None:
        """Carry out `sale_open`; a refusal is written to the sale and is not an error of the row."""
        async with self._database.read() as sql:
            sale = await sales_sql.sale_row(sql, row.payload["sale"])
        assert sale is not None
        assert row.shop is not None
        if sale.refused is not None:
            await self._call_off(row, sale)
            return
        try:
            await self._engine.sale_put(row.shop, record(sale), operation=row.id)
        except CommerceError as error:
            if isinstance(error, Busy):
                raise
            async with self._database.write() as sql:
                await sales_sql.mark_refused(sql, sale.id, error.code, error.facts)
            return
        async with self._database.write() as sql:
            await sales_sql.mark_opened(sql, sale.id, self._now_ms())

    async def _call_off(self, row: OutboxRow, sale: Any) -> None:
        """End in Redis a sale that SQL gave up, in case its units were moved before the answer was lost."""
        there = (await self._engine.sales(row.shop, [sale.id])).get(sale.id)
        if there is not None:
            ended = msgspec.structs.replace(there, version=there.version + 1, ended_at_ms=self._now_ms())
            await self._engine.sale_put(row.shop, ended, operation=row.id)

    async def _close(self, row: OutboxRow) -> None:
        """Carry out `sale_close`."""
        async with self._database.read() as sql:
            sale = await sales_sql.sale_row(sql, row.payload["sale"])
        assert sale is not None
        await self._engine.sale_put(row.shop, record(sale), operation=row.id)


def record(row: Any) -> SaleRecord:
    """Answer the copy of a sale that goes to Redis."""
    return SaleRecord(
        id=row.id,
        product=row.product,
        variant=row.variant,
        price_minor=row.price_minor,
        price_version=PRICE_VERSION,
        quantity=row.quantity,
        limit=row.limit,
        starts_at_ms=row.starts_at_ms,
        ends_at_ms=row.ends_at_ms,
        version=row.version,
        show=row.show,
        ended_at_ms=row.ended_at_ms,
        pay_first=row.pay_first,
    )


def view(row: Any, currency: str, at_ms: int) -> Sale:
    """Answer a sale as clients see it at a time of the shop's clock."""
    return Sale(
        id=row.id,
        show=row.show,
        product=row.product,
        variant=row.variant,
        pool=sale_pool(row.id),
        price_minor=row.price_minor,
        price_version=PRICE_VERSION,
        currency=currency,
        quantity=row.quantity,
        limit=row.limit,
        starts_at_ms=row.starts_at_ms,
        ends_at_ms=row.ends_at_ms,
        ended_at_ms=row.ended_at_ms,
        state=record(row).state_at(at_ms).value,
        pay_first=row.pay_first,
    )


def _check(request: SaleRequest) -> None:
    check_price(request.price_minor)
    if not 1 <= request.quantity <= MAX_QUANTITY:
        raise BadQuantity(quantity=request.quantity)
    if not 0 <= request.limit <= MAX_LIMIT:
        raise BadQuantity(f"A limit is 0 (none) to {MAX_LIMIT} units.", limit=request.limit)
    if not MIN_DURATION_S <= request.duration_s <= MAX_DURATION_S:
        raise BadTimes(f"A sale lasts {MIN_DURATION_S} s to 7 days.", duration_s=request.duration_s)
    if not 0 <= request.starts_in_s <= MAX_COUNTDOWN_S:
        raise BadTimes("A countdown is 0 s to 7 days.", starts_in_s=request.starts_in_s)


_REFUSALS: tuple[type[CommerceError], ...] = (
    errors.NotEnoughStock,
    errors.NoSuchPool,
    errors.NoSuchVariant,
    errors.BadTimes,
    SaleEnded,
)


def _refusal(code: str, facts: dict[str, Any]) -> CommerceError:
    for kind in _REFUSALS:
        if kind.code == code:
            return kind(**facts)
    return Busy(retry_after_s=1.0, **facts)
