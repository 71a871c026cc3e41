"""What a host reads of lost stock: that the sale is paused, and afterwards what the rebuild did."""

from typing import Any, Protocol

import msgspec

from commerce import errors
from commerce.database_sql import Database
from commerce.orders import rebuild_sql
from commerce.ports import Clock
from commerce.routing import Call, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.rebuild import Report


class StockRebuild(msgspec.Struct, frozen=True):
    """One loss. `repaired_at_ms` None: nothing is sold yet; `seen_at_ms` None: no host has read it yet.

    `oversold` is orders that cannot be served from what there is.
    """

    id: str
    reason: str
    found_at_ms: int
    repaired_at_ms: int | None
    seen_at_ms: int | None
    report: Report | None


class StockRebuilds(msgspec.Struct, frozen=True):
    """A shop's losses, newest first."""

    rebuilds: list[StockRebuild]


class NoSuchRebuild(errors.Missing):
    """There is no such record, or it is not repaired yet."""

    code = "no_such_rebuild"
    sentence = "There is no repaired loss of this id."


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def database(self) -> Database:
        """SQL."""

    @property
    def now_ms(self) -> Clock:
        """The wall clock."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""


async def of_shop(services: Services, call: Call) -> StockRebuilds:
    """Show a shop's losses to its host."""
    shop = await services.door.shop_id(call.path["shop"])
    async with services.database.read() as sql:
        rows = await rebuild_sql.of_shop(sql, shop)
    return StockRebuilds([_view(row) for row in rows])


async def seen(services: Services, call: Call) -> None:
    """Note that the host has read what a rebuild did."""
    shop = await services.door.shop_id(call.path["shop"])
    async with services.database.write() as sql:
        if not await rebuild_sql.mark_seen(sql, shop, call.path["rebuild"], services.now_ms()):
            raise NoSuchRebuild


def _view(row: Any) -> StockRebuild:
    return StockRebuild(
        row.id,
        row.reason,
        row.found_at_ms,
        row.repaired_at_ms,
        row.seen_at_ms,
        None if row.report is None else msgspec.json.decode(row.report, type=Report),
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/shops/{shop}/stock-rebuilds", of_shop, None, StockRebuilds, (errors.NoSuchShop,),
          role="host", summary="Lost stock: whether the sale is paused, and what a rebuild did"),
    Route("POST", "/shops/{shop}/stock-rebuilds/{rebuild}/seen", seen, None, None,
          (errors.NoSuchShop, NoSuchRebuild), role="host", status=204,
          summary="Say that what a rebuild did was read; a repeat changes nothing"),
)  # fmt: skip
