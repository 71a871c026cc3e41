"""Carrying out what was planned: one product, one transaction, and the import's position in the same one.

So a product is imported exactly once, however often a worker dies or two of them work at once: who finds
the position moved changes nothing. Stock leaves by the outbox, whose row is the operation's id in Redis.
"""

from typing import Any

from commerce.catalogue.catalogue import Catalogue
from commerce.errors import Busy, CommerceError, NotEnoughStock
from commerce.feeds import imports_sql, names_sql
from commerce.feeds.drafts import ProductDraft, Remark
from commerce.feeds.plan import Doing, Plan, VariantPlan, plan
from commerce.feeds.shelf import Shelf, load_shelf
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock

STOCK_TRIES = 5
_COUNTED = {Doing.MAKE: "made", Doing.CHANGE: "changed", Doing.KEEP: "kept"}


class Overtaken(Exception):  # noqa: N818 - named for what happened
    """Another worker has done this product; nothing of it was written here."""


def planned(shelf: Shelf, draft: ProductDraft, *, fetches: bool) -> Plan:
    """Answer what a draft would do now; without `fetches`, new pictures are named and left out."""
    product, fault = shelf.product_of(draft)
    if fault is not None:
        return Plan(Doing.KEEP, draft, faults=(fault,))
    known = shelf.known_pictures(draft, product)
    unfetched = [one for one in draft.pictures if one.url not in known and not fetches]
    made = plan(draft, product, shelf.names, known | {one.url for one in unfetched})
    told = "This server fetches no pictures from other addresses; upload it to the product."
    notes = [
        Remark(one.line, one.column, "picture_not_fetched", f"{told} ({one.url[:200]})") for one in unfetched
    ]
    return Plan(
        made.doing, draft, made.product, made.request, made.change, made.variants, made.pictures, made.faults,
        (*made.notes, *notes),
    )  # fmt: skip


class Applier:
    """Imports one product at a time. `fetches`: pictures of other addresses are fetched afterwards."""

    def __init__(
        self, catalogue: Catalogue, outbox: Outbox, engine: Any, now_ms: Clock, *, fetches: bool
    ) -> None:
        self._catalogue = catalogue
        self._outbox = outbox
        self._engine = engine
        self._now_ms = now_ms
        self._fetches = fetches
        outbox.handle("import_stock", self._move_stock)

    async def apply(self, job: Any, position: int, draft: ProductDraft) -> None:
        """Import the product at `position` of an import (a row of `imports`).

        What refuses it is kept with the import, and the position moves on. Raises Overtaken, and Busy when
        Redis cannot tell the stock: nothing was changed then, and the same call is right later.
        """
        shelf = await load_shelf(self._outbox.database, self._engine, job.shop, [draft])
        made = planned(shelf, draft, fetches=self._fetches)
        if not made.faults:
            self._need_stock(made, shelf)
            try:
                await self._carry_out(job, position, made, shelf)
            except Busy:
                raise
            except CommerceError as error:
                fault = Remark(draft.line, str(error.facts.get("field", "")), error.code, str(error))
                made = Plan(Doing.KEEP, draft, faults=(fault,))
        if made.faults:
            await self._leave_out(job, position, made)

    def _need_stock(self, made: Plan, shelf: Shelf) -> None:
        wanted = {part.variant for part in made.variants if part.stock is not None}
        there = shelf.products[made.product].variants if made.product else ()
        if any(one.id in wanted and one.stock is None for one in there):
            raise Busy("The stock cannot be read now; the import goes on by itself.")

    async def _leave_out(self, job: Any, position: int, made: Plan) -> None:
        async with self._outbox.database.write() as sql:
            counts = {"rows_failed": made.draft.rows}
            if not await imports_sql.advance(sql, job.id, position, counts):
                raise Overtaken
            await imports_sql.add_later(sql, job.id, made.faults)

    async def _carry_out(self, job: Any, position: int, made: Plan, shelf: Shelf) -> None:
        counts = {"rows_done": made.draft.rows, _COUNTED[made.doing]: 1}
        async with self._outbox.write() as unit:
            if not await imports_sql.advance(unit.sql, job.id, position, counts):
                raise Overtaken
            if made.doing is Doing.MAKE:
                await self._make(unit, job, made)
            elif made.doing is Doing.CHANGE:
                await self._change(unit, job, made, shelf)

    async def _make(self, unit: Unit, job: Any, made: Plan) -> None:
        assert made.request is not None
        product = await self._catalogue.add_within(unit, job.shop, job.actor, made.request)
        await names_sql.put_handle(unit.sql, job.shop, made.draft.handle, product)
        for variant, part in zip(
            await self._catalogue.variants_within(unit, product), made.variants, strict=True
        ):
            await self._name(unit, job.shop, part, variant)
        await self._wait_for_pictures(unit, job, made, product)

    async def _change(self, unit: Unit, job: Any, made: Plan, shelf: Shelf) -> None:
        product = made.product
        assert product is not None
        if made.change is not None:
            await self._catalogue.change_within(unit, job.shop, product, made.change)
        for part in made.variants:
            await self._change_part(unit, job, product, part, shelf)
        await self._wait_for_pictures(unit, job, made, product)
        if made.change is not None or any(part.change or part.request for part in made.variants):
            await self._catalogue.tell(unit, job.shop, product)

    async def _change_part(self, unit: Unit, job: Any, product: str, part: VariantPlan, shelf: Shelf) -> None:
        variant = part.variant
        if part.request is not None:
            variant = await self._catalogue.add_variant_within(
                unit, job.shop, product, job.actor, part.request
            )
        assert variant is not None
        if part.change is not None:
            await self._catalogue.change_variant_within(
                unit, job.shop, product, variant, job.actor, part.change
            )
        await self._name(unit, job.shop, part, variant)
        there = {one.id: one.stock for one in shelf.products[product].variants}.get(variant)
        if part.stock is not None and there is not None:
            move = {"variant": variant, "quantity": part.stock - there.available}
            await unit.add("import_stock", move, shop=job.shop)

    async def _name(self, unit: Unit, shop: str, part: VariantPlan, variant: str) -> None:
        if part.name:
            await names_sql.put_name(unit.sql, shop, part.name, variant)

    async def _wait_for_pictures(self, unit: Unit, job: Any, made: Plan, product: str) -> None:
        for one in made.pictures:
            values = {
                "import_id": job.id,
                "product": product,
                "line": one.line,
                "column_name": one.column,
                "url": one.url,
                "alt": one.alt,
            }
            await imports_sql.add_wait(unit.sql, values)

    async def _move_stock(self, row: OutboxRow) -> None:
        """Bring units in, or take out as many as nobody has bought or holds meanwhile."""
        variant, quantity = str(row.payload["variant"]), int(row.payload["quantity"])
        if quantity > 0:
            await self._engine.restock(row.shop, operation=row.id, variant=variant, quantity=quantity)
            return
        wanted = -quantity
        for _ in range(STOCK_TRIES):
            try:
                await self._engine.withdraw(row.shop, operation=row.id, variant=variant, quantity=wanted)
            except NotEnoughStock as error:
                wanted = min(wanted, int(str(error.facts["available"])))
                if wanted == 0:
                    return
            else:
                return
        raise Busy("Units of this variant sell too quickly to be counted; it is tried again.")
