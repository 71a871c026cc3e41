"""A shop's stock worked out from its ledger alone is what Redis has, whatever was done."""

from commerce.sale.books import Books
from commerce.sale.rebuild_redis import people_of
from commerce.sale.types import Line
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    GUEST,
    MUG_POOL,
    SALE,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)


async def books_of(shop: Shop) -> Books:
    """Read the whole ledger."""
    return Books().take_all(await shop.engine.ledger_read(SHOP, count=10_000))


async def assert_the_same(shop: Shop) -> None:
    """Compare pools, live reservations, and what each person has of each sale."""
    books, audit = await books_of(shop), await shop.engine.audit(SHOP)
    for one in audit.pools:
        pool = books.pools[one.pool]
        counters = one.counters
        found = (pool.variant, pool.sale, pool.available, pool.held, pool.sold, pool.withdrawn, pool.total)
        assert found == (
            counters.variant,
            counters.sale,
            counters.available,
            counters.held,
            counters.sold,
            counters.withdrawn,
            counters.total,
        ), one.pool
    for live in books.live.values():
        there = await shop.engine.reservation(SHOP, live.id)
        assert there is not None
        assert there.live, live
        assert (there.person, there.deadline_ms, there.order) == (live.person, live.deadline_ms, live.order)
        assert {hold.pool: hold.quantity for hold in there.holds} == {
            held.pool: held.quantity for held in live.holds.values()
        }
    for person, what in people_of(books).items():
        held = {one.id for one in await shop.engine.reservations_of(SHOP, person)}
        assert {one for ids in what["holds"].values() for one in ids} == held


async def test_books_follow_everything_that_moves_units(shop: Shop) -> None:
    """Holds, changes, swaps, payments, sales, returns, transfers, merges, withdrawals, a sale's end."""
    await shop.sale(5, limit=3)
    held = await shop.hold(ANA, mug(2), cap())
    await shop.engine.change(SHOP, person=ANA, key="c1", reservation=held.id, pool=MUG_POOL, quantity=3)
    await shop.engine.change(
        SHOP, person=ANA, key="c2", reservation=held.id, pool=CAP_POOL, quantity=0, to=sale_mug(2)
    )
    await assert_the_same(shop)
    sold = await shop.hold(BEN, sale_mug())
    await shop.pay(sold, order="or_sold")
    await shop.engine.commit(SHOP, order="or_sold", reservations=[sold.id])
    await shop.engine.return_sold(SHOP, operation="r", pool=f"po_{SALE}", variant="va_mug", quantity=1)
    paying = await shop.hold(GUEST, cap(2))
    await shop.pay(paying, order="or_paying")
    await shop.engine.person_merge(SHOP, operation="m", guest=GUEST, account="ac_guest")
    overdue = await shop.hold("ac_late", cap())
    await shop.engine.withdraw(SHOP, operation="w", variant="va_cap", quantity=1)
    await assert_the_same(shop)
    await shop.overdue(overdue)
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    books = await books_of(shop)
    assert books.sales[SALE]["drained"]
    assert overdue.id not in books.live
    await assert_the_same(shop)
    assert books.counts[ANA, SALE] == 2
    assert books.counts[BEN, SALE] == 1


async def test_a_late_success_is_in_the_books(shop: Shop) -> None:
    """One that expired while it was paid, and was taken anew."""
    held = await shop.hold(ANA, Line("va_mug", 2, 1))
    await shop.pay(held, order="or_late")
    await shop.overdue(held)
    await shop.engine.commit(SHOP, order="or_late", reservations=[held.id])
    books = await books_of(shop)
    assert (books.pools[MUG_POOL].sold, books.live, books.committed) == (2, {}, {"or_late"})
    await assert_the_same(shop)
