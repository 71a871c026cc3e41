"""Share links: one for each person and show, the shop's own by name, and what they brought."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from commerce import text
from commerce.accounts import people_sql as people
from commerce.catalogue import pictures_sql, products_sql
from commerce.database_sql import AlreadyThere, Database, Sql
from commerce.errors import Busy, NoSuchShow
from commerce.ports import Clock
from commerce.sharing import links_sql, report_csv
from commerce.sharing.codes import typed_code
from commerce.sharing.links_sql import THE_SHOP
from commerce.sharing.refusals import NoSuchLink, TooManyLinks
from commerce.sharing.structs import CardProduct, LinkCard, MyShare, SharedLink, ShareReport
from commerce.shops import staff_sql
from commerce.shows import shows_sql

LABEL_CHARS: Final = 60
NAMED_MOST: Final = 50
REPORT_LINKS: Final = 200
FILE_LINKS: Final = 10_000
CARD_MS: Final = 5_000
"""So long a link's card may be older than the show: a link that thousands open is read once."""
_CARDS: Final = 1_000
_TRIES: Final = 4


class ShareLinks:
    """Makes and reads links. `new_code` answers a code that was hardly ever used."""

    def __init__(self, database: Database, now_ms: Clock, new_code: Callable[[], str]) -> None:
        self._database = database
        self._now_ms = now_ms
        self._new_code = new_code
        self._cards: OrderedDict[tuple[str, str], tuple[int, LinkCard]] = OrderedDict()

    async def mine(self, show: str, person: str, base_url: str) -> MyShare:
        """Return a person's link of a show; the first call makes it. Raises NoSuchShow."""
        row = await self._made(show, person, "")
        async with self._database.read() as sql:
            sums = await links_sql.brought_by(sql, show, person)
        return MyShare(row.code, link_url(base_url, row.code), sums.visits, sums.entries, sums.orders)

    async def named(self, show: str, label: str, base_url: str, *, money: bool) -> SharedLink:
        """Return the shop's link of a name; the first call makes it.

        Raises NoSuchShow, InvalidField, TooManyLinks {limit}.
        """
        made = await self._made(show, THE_SHOP, text.line(label, "label", LABEL_CHARS))
        async with self._database.read() as sql:
            (row,) = await links_sql.report(sql, show, 1, code=made.code)
        return _shared(row, {}, base_url, money=money)

    async def report(
        self, show: str, base_url: str, *, money: bool, limit: int = REPORT_LINKS
    ) -> ShareReport:
        """Return a show's links, those that brought most first; amounts where `money`. Raises NoSuchShow."""
        async with self._database.read() as sql:
            shop = await _shop_of(sql, show)
            rows = await links_sql.report(sql, show, limit)
            total = await links_sql.count_links(sql, show)
            names = await people.names(sql, {row.owner for row in rows if row.owner != THE_SHOP})
            currency = (await staff_sql.shop_rows(sql, [shop]))[shop].currency
        links = tuple(_shared(row, names, base_url, money=money) for row in rows)
        return ShareReport(links, total, currency)

    async def csv(self, show: str, base_url: str, *, money: bool) -> AsyncIterator[bytes]:
        """Write a show's links as CSV; raises NoSuchShow."""
        told = await self.report(show, base_url, money=money, limit=FILE_LINKS)
        yield report_csv.header()
        for one in told.links:
            yield report_csv.row(one, told.currency)

    async def card(self, code: str, product: str = "") -> LinkCard:
        """Return what a link leads to, at most `CARD_MS` old; raises NoSuchLink.

        With a product of the show the card is that product's; with any other it is the show's.
        """
        plain, now_ms = typed_code(code), self._now_ms()
        kept = self._cards.get((plain or "", product))
        if kept is not None and 0 <= now_ms - kept[0] < CARD_MS:
            return kept[1]
        found = None if plain is None else await self._card(plain, product)
        if found is None:
            raise NoSuchLink
        self._cards[found.code, found.product.id if found.product else ""] = (now_ms, found)
        while len(self._cards) > _CARDS:
            self._cards.popitem(last=False)
        return found

    async def _card(self, code: str, product: str) -> LinkCard | None:
        async with self._database.read() as sql:
            row = await links_sql.link(sql, code)
            show = None if row is None else await shows_sql.show_row(sql, row.show)
            if show is None:
                return None
            shop = (await staff_sql.shop_rows(sql, [show.shop]))[show.shop]
            picture = shop.avatar if show.poster is None else show.poster
            pictures = await pictures_sql.by_id(sql, [] if picture is None else [picture])
            shown = await _product_of(sql, show.id, product) if product else None
        return LinkCard(code, show.id, show.title, show.description, shop.name, pictures.get(picture), shown)

    async def _made(self, show: str, owner: str, label: str) -> Any:
        """Return the link, made now if there was none; raises NoSuchShow, TooManyLinks."""
        for _ in range(_TRIES):
            async with self._database.read() as sql:
                shop = await _shop_of(sql, show)
                row = await links_sql.of_owner(sql, show, owner, label)
            if row is not None:
                return row
            try:
                await self._make(shop, show, owner, label)
            except AlreadyThere:
                continue  # the same press was first, or the code is somebody's: look again
        raise Busy(retry_after_s=1.0)

    async def _make(self, shop: str, show: str, owner: str, label: str) -> None:
        values = {
            "code": self._new_code(),
            "shop": shop,
            "show": show,
            "owner": owner,
            "label": label,
            "created_at_ms": self._now_ms(),
        }
        async with self._database.write() as sql:
            if owner == THE_SHOP:
                await shows_sql.show_row(sql, show, lock=True)
                if await links_sql.count_named(sql, show) >= NAMED_MOST:
                    raise TooManyLinks(limit=NAMED_MOST)
            await links_sql.add(sql, values)


def link_url(base_url: str, code: str) -> str:
    """Return the address that is shared."""
    return f"{base_url}/s/{code}"


async def _shop_of(sql: Sql, show: str) -> str:
    shop = await shows_sql.shop_of(sql, show)
    if shop is None:
        raise NoSuchShow(show=show)
    return shop


async def _product_of(sql: Sql, show: str, product: str) -> CardProduct | None:
    """Return a product as a card shows it; None when the show does not sell it."""
    if product not in await shows_sql.run_of_show(sql, show):
        return None
    found = next((one for one in await products_sql.load(sql, [product]) if one.published), None)
    if found is None or not found.variants:
        return None
    costs = [variant.price_minor for variant in found.variants]
    return CardProduct(found.id, found.title, min(costs), max(costs), found.currency, found.picture)


def _shared(row: Any, names: dict[str, str], base_url: str, *, money: bool) -> SharedLink:
    own = row.owner == THE_SHOP
    return SharedLink(
        code=row.code,
        url=link_url(base_url, row.code),
        own=own,
        name=row.label if own else names.get(row.owner, row.code),
        visits=row.visits,
        entries=row.entries,
        orders=row.orders,
        amount_minor=int(row.amount_minor) if money else None,
    )
