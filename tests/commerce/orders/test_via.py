"""An order is owed to the share link its buyer came by, and to nobody's own."""

from typing import Any

import pytest
import sqlalchemy as sa

from commerce.orders.tables_sql import orders
from commerce.shops.structs import ShopRequest
from commerce.shows.structs import ShowRequest
from tests.commerce.orders.a_market import Buyer, Market


class Shown:
    """A market with a show and a link to it."""

    def __init__(self, market: Market, show: str, code: str) -> None:
        self.market, self.show, self.code = market, show, code

    async def via(self) -> list[str | None]:
        """Return to which links the orders are owed."""
        async with self.market.services.database.read() as sql:
            query = sa.select(orders.c.via).order_by(orders.c.created_at_ms, orders.c.id)
            return list((await sql.execute(query)).scalars())

    async def brought(self) -> tuple[int, int]:
        """Return orders and amount of the link."""
        report = await self.market.services.sharing.links.report(self.show, "http://shop.test", money=True)
        (link,) = report.links
        assert link.amount_minor is not None
        return link.orders, link.amount_minor


@pytest.fixture
async def shown(market: Market) -> Shown:
    """Plan a show that somebody shares."""
    planned = ShowRequest(title="Clay tonight", starts_at_ms=market.services.now_ms() + 3_600_000)
    show = await market.services.shows.create(market.shop, planned)
    mine = await market.services.sharing.links.mine(show, "gu_sharer", "http://shop.test")
    return Shown(market, show, mine.code)


async def buys(buyer: Buyer, **more: Any) -> dict[str, Any]:
    """Hold one mug, check out, pay."""
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"], **more)).json()
    await buyer.act(made["pay_url"])
    await buyer.market.quiet()
    order: dict[str, Any] = await buyer.order(made["order"]["id"])
    assert order["state"] == "paid"
    return order


async def test_an_order_carries_its_link(shown: Shown) -> None:
    """It counts once it is paid, for its whole total."""
    buyer = shown.market.buyer()
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"], via=shown.code.upper())).json()
    assert await shown.via() == [shown.code]
    assert await shown.brought() == (0, 0)
    await buyer.act(made["pay_url"])
    await shown.market.quiet()
    order = await buyer.order(made["order"]["id"])
    assert await shown.brought() == (1, order["total_minor"])


async def test_nobody_is_owed_their_own_order(shown: Shown) -> None:
    """Nor does an unknown code count; both sell all the same."""
    own = shown.market.buyer()
    own.person = "gu_sharer"
    await buys(own, via=shown.code)
    for unknown in ("zzzzzzzz", "no code at all", None):
        await buys(shown.market.buyer(), via=unknown)
    assert await shown.via() == [None] * 4
    assert await shown.brought() == (0, 0)


async def test_an_order_that_became_ones_own_counts_no_more(shown: Shown) -> None:
    """Buyer and sharer turned out to be one person: guest and account were merged."""
    order = await buys(shown.market.buyer(), via=shown.code)
    assert await shown.brought() == (1, order["total_minor"])
    async with shown.market.services.database.write() as sql:
        await sql.execute(sa.update(orders).values(person="gu_sharer"))
    assert await shown.brought() == (0, 0)


async def test_what_goes_back_is_taken_off(shown: Shown) -> None:
    """A part lowers the amount, all of it takes the order off."""
    market, order = shown.market, await buys(shown.market.buyer(), via=shown.code)
    owner = market.buyer()
    owner.person = market.owner
    path = f"/shops/{market.shop}/orders/{order['id']}/refunds"
    part = await owner.call("POST", path, {"amount_minor": 200}, market.fresh_key())
    assert part.status_code == 201, part.text
    assert await shown.brought() == (1, order["total_minor"] - 200)
    rest = await owner.call("POST", path, {"amount_minor": order["total_minor"] - 200}, market.fresh_key())
    assert rest.status_code == 201, rest.text
    assert await shown.brought() == (0, 0)


async def test_a_cancelled_order_never_counts(shown: Shown) -> None:
    """It keeps its link and brings nothing."""
    buyer = shown.market.buyer()
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"], via=shown.code)).json()
    await buyer.call("POST", f"/orders/{made['order']['id']}/cancel", {}, shown.market.fresh_key())
    assert await shown.via() == [shown.code]
    assert await shown.brought() == (0, 0)


async def test_a_link_of_another_shop_counts_for_nobody(shown: Shown) -> None:
    """It leads to that shop's show, and this order is not its business."""
    services = shown.market.services
    other = (await services.shops.found(shown.market.owner, ShopRequest(name="Other", currency="EUR"))).id
    planned = ShowRequest(title="Elsewhere", starts_at_ms=services.now_ms() + 3_600_000)
    elsewhere = await services.shows.create(other, planned)
    code = (await services.sharing.links.mine(elsewhere, "gu_sharer", "http://shop.test")).code
    await buys(shown.market.buyer(), via=code)
    assert await shown.via() == [None]
