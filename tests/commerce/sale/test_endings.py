from commerce.events import Kind
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)


async def test_a_release_gives_every_unit_back(shop: Shop) -> None:
    """Both lines, once; a repeat answers the same end and changes nothing."""
    held = await shop.hold(ANA, mug(2), cap())
    released = await shop.engine.release(SHOP, reservation=held.id, person=ANA)
    assert released.state == "released"
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    assert await shop.units(CAP_POOL) == (5, 0, 0, 0)
    before = await shop.everything()
    assert await shop.engine.release(SHOP, reservation=held.id, person=ANA) == released
    assert await shop.everything() == before


async def test_releases_that_are_refused_change_nothing(shop: Shop) -> None:
    """Other people's holds, unknown ones."""
    held = await shop.hold()
    async with shop.refused("not_yours"):
        await shop.engine.release(SHOP, reservation=held.id, person=BEN)
    async with shop.refused("no_such_reservation"):
        await shop.engine.release(SHOP, reservation="rs_none", person=ANA)


async def test_a_hold_past_its_deadline_is_swept(shop: Shop) -> None:
    """The sweep names it, gives its units back, and finds nothing the second time."""
    held, other = await shop.hold(), await shop.hold(BEN, cap())
    await shop.overdue(held)
    swept = await shop.engine.expire_due(SHOP)
    assert [(one.id, one.state) for one in swept.expired] == [(held.id, "expired")]
    assert swept.next_due_ms == other.deadline_ms
    assert not swept.more
    assert await shop.units() == (10, 0, 0, 0)
    assert (await shop.engine.ledger_read(SHOP))[-1].kind is Kind.EXPIRE
    before = await shop.everything()
    assert (await shop.engine.expire_due(SHOP)).expired == ()
    assert await shop.everything() == before


async def test_the_sweep_stops_at_its_limit_and_says_so(shop: Shop) -> None:
    """A long queue is worked off in slices."""
    held = [await shop.hold(f"ac_{number}") for number in range(5)]
    for one in held:
        await shop.overdue(one)
    first = await shop.engine.expire_due(SHOP, limit=3)
    assert (len(first.expired), first.more) == (3, True)
    second = await shop.engine.expire_due(SHOP, limit=3)
    assert (len(second.expired), second.more) == (2, False)
    assert await shop.units() == (10, 0, 0, 0)


async def test_an_overdue_hold_is_free_before_any_sweep(shop: Shop) -> None:
    """The deadline is compared at each call: the next buyer gets the unit at once."""
    held = await shop.hold(BEN, mug(10))
    await shop.overdue(held)
    taken = await shop.hold(ANA, mug(10))
    assert taken.state == "open"
    read = await shop.engine.reservation(SHOP, held.id)
    assert read is not None
    assert read.state == "expired"


async def test_an_overdue_hold_reads_as_expired_before_any_sweep(shop: Shop) -> None:
    """A page never shows a hold that cannot be paid."""
    held = await shop.hold()
    await shop.overdue(held)
    read = await shop.engine.reservation(SHOP, held.id)
    assert read is not None
    assert read.state == "expired"
    assert await shop.engine.reservations_of(SHOP, ANA) == ()


async def test_an_expired_hold_does_not_bar_its_owner(shop: Shop) -> None:
    """Buying again makes a new reservation, and the limit counts only what is held or bought."""
    await shop.sale(5, limit=1)
    held = await shop.hold(ANA, sale_mug())
    await shop.overdue(held)
    assert (await shop.hold(ANA, sale_mug())).id != held.id
    assert await shop.units(SALE_POOL) == (4, 1, 0, 0)


async def test_extending_moves_the_deadline_to_a_time_and_never_back(shop: Shop) -> None:
    """An absolute time, so that a repeat is harmless."""
    held = await shop.hold()
    later = await shop.engine.extend(SHOP, reservation=held.id, until_ms=held.deadline_ms + 5000)
    assert later.deadline_ms == held.deadline_ms + 5000
    before = await shop.everything()
    again = await shop.engine.extend(SHOP, reservation=held.id, until_ms=held.deadline_ms + 5000)
    earlier = await shop.engine.extend(SHOP, reservation=held.id, until_ms=held.deadline_ms - 5000)
    assert again == earlier == later
    assert await shop.everything() == before
    await shop.engine.release(SHOP, reservation=held.id)
    async with shop.refused("reservation_ended", state="released"):
        await shop.engine.extend(SHOP, reservation=held.id, until_ms=held.deadline_ms + 9000)
    async with shop.refused("no_such_reservation"):
        await shop.engine.extend(SHOP, reservation="rs_none", until_ms=1)


async def test_an_ended_sale_is_drained_by_the_sweep(shop: Shop) -> None:
    """What is left goes to the main pool; what is held stays until it ends, then goes there too."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(2))
    await shop.run_out()
    swept = await shop.engine.expire_due(SHOP)
    assert swept.ended_sales == (SALE,)
    assert await shop.units(SALE_POOL) == (0, 2, 0, 0)
    assert await shop.units(MUG_POOL) == (8, 0, 0, 0)
    assert (await shop.engine.ledger_read(SHOP))[-1].kind is Kind.SALE_ENDED
    await shop.engine.release(SHOP, reservation=held.id)
    assert await shop.units(SALE_POOL) == (0, 0, 0, 0)
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    before = await shop.everything()
    assert (await shop.engine.expire_due(SHOP)).ended_sales == ()
    assert await shop.everything() == before


async def test_the_rest_of_an_ended_sale_is_for_sale_before_any_sweep(shop: Shop) -> None:
    """The first ordinary buyer after the end may have all of it."""
    await shop.sale(5)
    await shop.run_out()
    await shop.hold(ANA, mug(10))
    assert await shop.units(MUG_POOL) == (0, 10, 0, 0)
