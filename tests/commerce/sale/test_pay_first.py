from commerce.events import Kind
from commerce.sale.types import PAY_EXTRA_MS
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)


async def test_nothing_is_held_before_payment_begins(shop: Shop) -> None:
    """Who only puts things into a bag keeps nobody from paying."""
    await shop.sale(1, pay_first=True)
    async with shop.refused("pay_first", sale=SALE):
        await shop.hold(ANA, sale_mug())
    async with shop.refused("pay_first", sale=SALE):
        await shop.wait(ANA, sale_mug())
    held = await shop.hold(ANA, cap())
    async with shop.refused("pay_first", sale=SALE):
        await shop.engine.change(
            SHOP, person=ANA, key="swap", reservation=held.id, pool="po_va_cap", quantity=1, to=sale_mug()
        )


async def test_paying_holds_in_the_same_call(shop: Shop) -> None:
    """The reservation is the order's at once; its ledger has both steps, in order."""
    await shop.sale(1, pay_first=True)
    begun = await shop.pay_lines(ANA, sale_mug(), order="or_1")
    (paying,) = begun.reservations
    assert (paying.state, paying.order, paying.holds[0].price_minor) == ("paying", "or_1", 700)
    assert paying.deadline_ms - paying.created_at_ms == PAY_EXTRA_MS
    assert await shop.units(SALE_POOL) == (0, 1, 0, 0)
    assert [one.kind for one in (await shop.engine.ledger_read(SHOP))[-2:]] == [Kind.RESERVE, Kind.PAY_BEGIN]
    await shop.engine.commit(SHOP, order="or_1", reservations=[paying.id])
    assert await shop.units(SALE_POOL) == (0, 0, 1, 0)


async def test_the_second_to_pay_is_refused(shop: Shop) -> None:
    """First paid, first served: nothing of the loser's order is held."""
    await shop.sale(1, pay_first=True)
    await shop.pay_lines(ANA, sale_mug())
    async with shop.refused("all_held", pool=SALE_POOL):
        await shop.pay_lines(BEN, mug(), sale_mug())


async def test_the_same_key_pays_once(shop: Shop) -> None:
    """A lost answer is asked for again; another body under the key is told."""
    await shop.sale(3, pay_first=True)
    first = await shop.pay_lines(ANA, sale_mug(), key="pay-1")
    before = await shop.everything()
    assert await shop.pay_lines(ANA, sale_mug(), key="pay-1") == first
    assert await shop.everything() == before
    async with shop.refused("idempotency_conflict"):
        await shop.pay_lines(ANA, sale_mug(2), key="pay-1")


async def test_lines_are_judged_as_in_reserve(shop: Shop) -> None:
    """Limit, price, ban and what is held already."""
    await shop.sale(5, limit=1, pay_first=True)
    async with shop.refused("limit_reached", limit=1):
        await shop.pay_lines(ANA, sale_mug(2))
    async with shop.refused("price_changed", price_minor=700):
        await shop.pay_lines(ANA, sale_mug(version=6))
    await shop.hold(BEN)
    async with shop.refused("already_held", pool=MUG_POOL):
        await shop.pay_lines(BEN, mug())
    await shop.engine.ban_put(SHOP, person=ANA, banned=True, version=1)
    async with shop.refused("banned"):
        await shop.pay_lines(ANA, sale_mug())


async def test_the_sales_limit_counts_marks_too(shop: Shop) -> None:
    """An e-mail that has paid for its unit gets no other, whoever uses it."""
    await shop.sale(5, limit=1, pay_first=True)
    await shop.pay_lines(ANA, sale_mug(), marks=("email-hmac-1",))
    async with shop.refused("limit_reached", mark=0):
        await shop.pay_lines(BEN, sale_mug(), marks=("email-hmac-1",))


async def test_what_is_not_paid_in_time_comes_back(shop: Shop) -> None:
    """The hold of a payment that never came ends like any other."""
    await shop.sale(1, pay_first=True)
    begun = await shop.pay_lines(ANA, sale_mug())
    await shop.overdue(begun.reservations[0])
    await shop.engine.expire_due(SHOP)
    assert await shop.units(SALE_POOL) == (1, 0, 0, 0)
