"""What screens show of a show: lobby cards, the public page, and the snapshot a room starts from."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from commerce.catalogue import pictures_sql, products_sql
from commerce.catalogue.stock_redis import pools_of, read_stock, with_stock
from commerce.catalogue.structs import Picture, Product
from commerce.database_sql import Database, Sql
from commerce.errors import InvalidField, NoSuchShop, NoSuchShow
from commerce.moderation.policies import policy_of
from commerce.ports import Clock
from commerce.shops import staff_sql
from commerce.shops.shops import Shops
from commerce.shops.structs import ShopCard
from commerce.shows import figures_sql, shows_sql
from commerce.shows.clock_redis import ledger_position, shop_time_ms
from commerce.shows.sales import FlashSales
from commerce.shows.states import ShowState
from commerce.shows.structs import Sale, Show, ShowCard, ShowList, Summary

LOBBY_SHOWS = 50
SHOP_SHOWS = 200


class Audience(Protocol):
    """What the room knows of a show; handed in by the composition root."""

    async def viewers(self, shows: Iterable[str]) -> dict[str, int]:
        """Answer how many watch each show now; unknown ones may be missing."""

    async def viewers_peak(self, show: str) -> int:
        """Answer how many watched at most, 0 when nobody knows."""

    async def host_present(self, show: str) -> bool:
        """Tell whether the host's picture is coming in."""


class Screens:
    """Reads; changes nothing."""

    def __init__(
        self, database: Database, engine: Any, shops: Shops, sales: FlashSales, now_ms: Clock
    ) -> None:
        self._database = database
        self._engine = engine
        self._shops = shops
        self._sales = sales
        self._now_ms = now_ms
        self.audience: Audience | None = None

    async def lobby(self, state: str | None = None) -> ShowList:
        """Answer shows of one state, or live and then scheduled ones; raises InvalidField."""
        try:
            states = [ShowState(state)] if state else [ShowState.LIVE, ShowState.SCHEDULED]
        except ValueError as error:
            raise InvalidField("A state is live, scheduled or ended.", field="state") from error
        rows: list[Any] = []
        async with self._database.read() as sql:
            for one in states:
                rows += await shows_sql.lobby(sql, one, LOBBY_SHOWS)
        return ShowList(tuple(await self._cards(rows)))

    async def of_shop(self, shop: str) -> ShowList:
        """Answer all shows of a shop, latest first; raises NoSuchShop."""
        async with self._database.read() as sql:
            if not await staff_sql.shop_rows(sql, [shop]):
                raise NoSuchShop(shop=shop)
            rows = await shows_sql.of_shop(sql, shop, SHOP_SHOWS)
        return ShowList(tuple(await self._cards(rows)))

    async def show(self, show: str) -> Show:
        """Answer the public page of a show with stock; raises NoSuchShow."""
        row, currency, products, poster = await self._read(show)
        card = (await self._shops.cards([row.shop]))[row.shop]
        sales = await self._sales.of_show(show)
        stock = await read_stock(self._engine, row.shop, pools_of(products))
        viewers = await self._viewers([show])
        present = await self.audience.host_present(show) if self.audience else False
        stocked = with_stock(products, stock)
        return _show(row, card, currency, poster, stocked, sales, viewers.get(show, 0), present)

    async def snapshot(self, show: str) -> dict[str, Any] | None:
        """Answer what a room starts from, JSON-ready, or None when there is no such show.

        `ledger_position` is read first: what happens meanwhile is told again by the ledger, never missed.
        """
        async with self._database.read() as sql:
            shop = await shows_sql.shop_of(sql, show)
        if shop is None:
            return None
        position = await ledger_position(self._engine, shop)
        page = await self.show(show)
        pools = pools_of(list(page.products)) + [sale.pool for sale in page.sales]
        stock = await read_stock(self._engine, shop, pools)
        async with self._database.read() as sql:
            policy = await policy_of(sql, shop)
        about = msgspec.json.decode(msgspec.json.encode(page))
        products, sales = about.pop("products"), about.pop("sales")
        return {
            "show": about,
            "shop": shop,
            "currency": page.currency,
            "products": products,
            "pinned": page.pinned_product,
            "sales": sales,
            "stock": msgspec.to_builtins(stock),
            "run_of_show": [product.id for product in page.products],
            "prices": _prices(page.products),
            "shop_time_ms": await shop_time_ms(self._engine, shop, self._now_ms),
            "ledger_position": position,
            **({} if policy is None else {"policy": policy}),
        }

    async def summary(self, show: str) -> Summary:
        """Answer what a show brought; raises NoSuchShow."""
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
            if row is None:
                raise NoSuchShow(show=show)
            orders, units, revenue_minor = await figures_sql.figures(sql, show)
            currency = (await staff_sql.shop_rows(sql, [row.shop]))[row.shop].currency
        until_ms = row.ended_at_ms or self._now_ms()
        return Summary(
            show=show,
            state=row.state,
            started_at_ms=row.started_at_ms,
            ended_at_ms=row.ended_at_ms,
            duration_s=0 if row.started_at_ms is None else max(0, until_ms - row.started_at_ms) // 1000,
            orders=orders,
            units=units,
            revenue_minor=revenue_minor,
            currency=currency,
            viewers_peak=await self.audience.viewers_peak(show) if self.audience else 0,
            sales=await self._sales.of_show(show),
        )

    async def _read(self, show: str) -> tuple[Any, str, list[Product], Picture | None]:
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
            if row is None:
                raise NoSuchShow(show=show)
            run = await shows_sql.run_of_show(sql, show)
            products = [one for one in await products_sql.load(sql, run) if one.published]
            poster = await _posters(sql, [row])
            currency = (await staff_sql.shop_rows(sql, [row.shop]))[row.shop].currency
        return row, currency, products, poster.get(row.poster)

    async def _cards(self, rows: list[Any]) -> list[ShowCard]:
        shops = await self._shops.cards(list({row.shop for row in rows}))
        live = [row for row in rows if row.state == ShowState.LIVE]
        viewers = await self._viewers([row.id for row in live])
        sales = await self._sales.of_pinned({row.id: (row.shop, row.pinned) for row in live if row.pinned})
        async with self._database.read() as sql:
            posters = await _posters(sql, rows)
            pinned = await products_sql.load(sql, list({row.pinned for row in rows if row.pinned}))
        stocked = {product.id: product for product in await self._stocked(pinned) if product.published}
        return [
            ShowCard(
                id=row.id,
                title=row.title,
                shop=shops[row.shop],
                state=row.state,
                starts_at_ms=row.starts_at_ms,
                started_at_ms=row.started_at_ms,
                ended_at_ms=row.ended_at_ms,
                poster=posters.get(row.poster),
                pinned=stocked.get(row.pinned),
                pinned_sales=sales.get(row.id, ()),
                viewers=viewers.get(row.id, 0),
            )
            for row in rows
        ]

    async def _stocked(self, products: list[Product]) -> list[Product]:
        done: list[Product] = []
        for shop in {product.shop for product in products}:
            own = [product for product in products if product.shop == shop]
            done += with_stock(own, await read_stock(self._engine, shop, pools_of(own)))
        return done

    async def _viewers(self, shows: list[str]) -> dict[str, int]:
        return await self.audience.viewers(shows) if self.audience and shows else {}


async def _posters(sql: Sql, rows: list[Any]) -> dict[str, Picture]:
    return await pictures_sql.by_id(sql, {row.poster for row in rows if row.poster})


def _prices(products: tuple[Product, ...]) -> dict[str, dict[str, int]]:
    return {
        variant.id: {"price_minor": variant.price_minor, "price_version": variant.price_version}
        for product in products
        for variant in product.variants
    }


def _show(
    row: Any,
    shop: ShopCard,
    currency: str,
    poster: Picture | None,
    products: list[Product],
    sales: tuple[Sale, ...],
    viewers: int,
    host_present: bool,
) -> Show:
    pinned = next((product for product in products if product.id == row.pinned), None)
    return Show(
        id=row.id,
        title=row.title,
        description=row.description,
        shop=shop,
        currency=currency,
        state=row.state,
        starts_at_ms=row.starts_at_ms,
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        poster=poster,
        pinned=pinned,
        pinned_product=pinned.id if pinned else None,
        viewers=viewers,
        products=tuple(products),
        sales=sales,
        host_present=host_present,
        outside_players=row.outside_players,
    )
