"""The run of show: which products, in which order; what joins it is told to the room before it is named."""

from collections.abc import Sequence
from typing import Any

import msgspec

from commerce.catalogue import products_sql
from commerce.errors import InvalidField, NoSuchProduct
from commerce.outbox_sql import Unit
from commerce.shows import shows_sql

MAX_PRODUCTS = 100


async def put_run(unit: Unit, show: Any, wanted: Sequence[str]) -> None:
    """Replace a show's run; raises NoSuchProduct (of another shop, deleted, unpublished), InvalidField."""
    if len(wanted) > MAX_PRODUCTS or len(set(wanted)) != len(wanted):
        raise InvalidField(f"A run of show names up to {MAX_PRODUCTS} products, each once.", field="products")
    there = await shows_sql.run_of_show(unit.sql, show.id)
    known = {product.id: product for product in await products_sql.load(unit.sql, wanted)}
    for product in wanted:
        found = known.get(product)
        if found is None or found.shop != show.shop or not (found.published or product in there):
            raise NoSuchProduct(product=product)
    if list(wanted) == there:
        return
    await shows_sql.put_run_of_show(unit.sql, show.id, wanted)
    for product in wanted:
        if product not in there:
            body = {"product": msgspec.to_builtins(known[product])}
            await unit.add("note", {"kind": "product", "body": body, "show": show.id}, shop=show.shop)
    note = {"kind": "run_of_show", "body": {"products": list(wanted)}, "show": show.id}
    await unit.add("note", note, shop=show.shop)


async def add_to_run(unit: Unit, show: Any, product: str) -> None:
    """Put a product behind the others unless it is in the run already."""
    there = await shows_sql.run_of_show(unit.sql, show.id)
    if product not in there:
        await put_run(unit, show, [*there, product])
