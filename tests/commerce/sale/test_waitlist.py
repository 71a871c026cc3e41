import pytest

from commerce.events import Kind
from commerce.sale.types import OFFER_MS
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    GUEST,
    MUG,
    MUG_POOL,
    SALE_POOL,
    SHOP,
    SHOW,
    Shop,
    cap,
    mug,
    sale_mug,
)

CAROL = "ac_carol"


@pytest.fixture
async def held(shop: Shop) -> str:
    """Let Ana hold all ten mugs; answers her reservation."""
    return (await shop.hold(ANA, mug(10))).id


async def test_units_that_come_free_are_offered_in_order(shop: Shop, held: str) -> None:
    """The first in line gets an ordinary reservation with a deadline of its own, the next moves up."""
    first, second = await shop.wait(BEN), await shop.wait(CAROL)
    assert (first.position, second.position) == (1, 2)
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    (offer,) = await shop.held_by(BEN)
    assert (offer.offered, offer.state, offer.show) == (True, "open", SHOW)
    assert offer.deadline_ms - offer.created_at_ms == OFFER_MS
    assert await shop.held_by(CAROL) == ()
    (place,) = await shop.engine.places_of(SHOP, CAROL)
    assert place.position == 1
    assert await shop.units() == (0, 10, 0, 0)


async def test_an_offer_not_taken_goes_to_the_next(shop: Shop, held: str) -> None:
    """It expires like any reservation; nobody gets a second turn without joining again."""
    await shop.wait(BEN)
    await shop.wait(CAROL)
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    (offer,) = await shop.held_by(BEN)
    await shop.overdue(offer)
    await shop.engine.expire_due(SHOP)
    assert await shop.held_by(BEN) == ()
    assert [one.offered for one in await shop.held_by(CAROL)] == [True]
    assert (await shop.counters()).waiting == 0


async def test_an_offer_is_in_the_ledger_beside_what_freed_it(shop: Shop, held: str) -> None:
    """The same call, so no screen ever shows a free unit that is somebody's already."""
    await shop.wait(BEN)
    await shop.engine.release(SHOP, reservation=held, person=ANA)
    freed, offered = (await shop.engine.ledger_read(SHOP))[-2:]
    assert (freed.kind, offered.kind, offered.offered) == (Kind.RELEASE, Kind.RESERVE, True)
    assert (offered.person, offered.operation, offered.quantity) == (BEN, None, 1)
    assert offered.counters is not None
    assert (offered.counters.available, offered.counters.held, offered.counters.waiting) == (9, 1, 0)


async def test_an_offer_is_of_as_many_units_as_there_are(shop: Shop, held: str) -> None:
    """Two wanted and one free is an offer of one: nothing lies idle, nobody behind is served first."""
    await shop.wait(BEN, mug(2))
    await shop.wait(CAROL)
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    (offer,) = await shop.held_by(BEN)
    assert [hold.quantity for hold in offer.holds] == [1]
    assert await shop.held_by(CAROL) == ()


async def test_nobody_jumps_the_line(shop: Shop, held: str) -> None:
    """Not by reserving, not by asking for more of what is held, not by swapping, not by paying."""
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    last = await shop.hold(GUEST)
    await shop.wait(BEN)
    other = await shop.hold(CAROL, cap())
    await shop.overdue(last)  # free by the clock, and nobody has swept yet
    async with shop.refused("all_held", waiting=1):
        await shop.hold(CAROL)
    async with shop.refused("all_held", waiting=1):
        await shop.engine.change(
            SHOP, person=CAROL, key="swap", reservation=other.id, pool=CAP_POOL, quantity=1, to=mug()
        )
    async with shop.refused("all_held", waiting=1):
        await shop.engine.change(SHOP, person=ANA, key="more", reservation=held, pool=MUG_POOL, quantity=10)
    async with shop.refused("all_held", waiting=1):
        await shop.pay_lines(CAROL, mug())
    await shop.engine.expire_due(SHOP)
    assert [one.offered for one in await shop.held_by(BEN)] == [True]


async def test_a_restock_serves_many_and_the_sweep_goes_on(shop: Shop, held: str) -> None:
    """A call does a bounded number; what is left is owed, and the next sweeps hand it out in order."""
    people = [f"ac_w{number:03}" for number in range(150)]
    for person in people:
        await shop.wait(person)
    await shop.engine.restock(SHOP, operation="ob_more", variant=MUG, quantity=140)
    served = [bool(await shop.held_by(person)) for person in people]
    assert served == [True] * 64 + [False] * 86
    assert (await shop.engine.expire_due(SHOP)).more
    assert not (await shop.engine.expire_due(SHOP)).more
    served = [bool(await shop.held_by(person)) for person in people]
    assert served == [True] * 140 + [False] * 10
    assert (await shop.counters()).waiting == 10
    assert await shop.units() == (0, 150, 0, 0)
    assert held


async def test_every_way_back_serves_the_line(shop: Shop) -> None:
    """Sold units that return, and units moved in from another pool."""
    await shop.sale(3)
    sold = await shop.hold(ANA, sale_mug(3))
    order = await shop.pay(sold)
    await shop.engine.commit(SHOP, order=order, reservations=[sold.id])
    await shop.wait(BEN, sale_mug())
    await shop.wait(CAROL, sale_mug())
    await shop.engine.return_sold(SHOP, operation="ob_back", pool=SALE_POOL, variant=MUG, quantity=1)
    assert len(await shop.held_by(BEN)) == 1
    await shop.engine.transfer(SHOP, operation="ob_move", from_pool=MUG_POOL, to_pool=SALE_POOL, quantity=1)
    assert len(await shop.held_by(CAROL)) == 1


async def test_who_waits_already_keeps_the_place(shop: Shop, held: str) -> None:
    """Joining again changes nothing; neither does repeating the first call."""
    first = await shop.wait(BEN, key="join-1")
    await shop.wait(CAROL)
    before = await shop.everything()
    assert await shop.wait(BEN, key="join-1") == first
    assert (await shop.wait(CAROL, mug(2))).position == 2
    assert await shop.everything() == before
    async with shop.refused("idempotency_conflict"):
        await shop.wait(BEN, mug(3), key="join-1")
    assert held


async def test_a_line_nobody_needs_is_refused(shop: Shop) -> None:
    """Units are free, or the person holds some already."""
    async with shop.refused("units_free", pool=MUG_POOL, available=10):
        await shop.wait(BEN)
    await shop.hold(BEN, mug(10))
    async with shop.refused("already_held", pool=MUG_POOL):
        await shop.wait(BEN)


async def test_who_could_not_buy_cannot_wait(shop: Shop) -> None:
    """Banned, at the limit, or no such sale, variant or quantity."""
    await shop.sale(2, limit=1)
    await shop.hold(ANA, sale_mug())
    await shop.hold(BEN, sale_mug())
    await shop.engine.ban_put(SHOP, person=CAROL, banned=True, version=1)
    async with shop.refused("banned"):
        await shop.wait(CAROL, sale_mug())
    async with shop.refused("limit_reached", limit=1):
        await shop.wait(GUEST, sale_mug(2))
    async with shop.refused("no_such_variant"):
        await shop.wait(GUEST, type(mug())("va_none", 1, 1))
    async with shop.refused("bad_quantity"):
        await shop.wait(GUEST, mug(0))


async def test_who_may_not_buy_any_more_is_passed_over(shop: Shop, held: str) -> None:
    """A ban after joining takes the turn away, and the next is served in the same call."""
    await shop.wait(BEN)
    await shop.wait(CAROL)
    await shop.engine.ban_put(SHOP, person=BEN, banned=True, version=1)
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    assert await shop.held_by(BEN) == ()
    assert len(await shop.held_by(CAROL)) == 1


async def test_a_full_line_takes_nobody_more(shop: Shop, held: str) -> None:
    """Its bound is the shop's setting."""
    await shop.wait(BEN)
    async with shop.refused("waitlist_full", waiting=1):
        await shop.engine.wait_join(
            SHOP, person=CAROL, key="key-join", reservation="rs_c", line=mug(), most=1
        )
    assert held


async def test_leaving_gives_the_place_up(shop: Shop, held: str) -> None:
    """Once; who was behind moves up, and units no longer wait for who left."""
    await shop.wait(BEN)
    await shop.wait(CAROL)
    assert await shop.engine.wait_leave(SHOP, person=BEN, pool=MUG_POOL)
    assert not await shop.engine.wait_leave(SHOP, person=BEN, pool=MUG_POOL)
    assert await shop.engine.places_of(SHOP, BEN) == ()
    await shop.engine.release(SHOP, reservation=held, person=ANA)
    assert await shop.held_by(BEN) == ()
    assert len(await shop.held_by(CAROL)) == 1


async def test_an_ended_sale_ends_its_line(shop: Shop) -> None:
    """What is left goes to the main pool as ever; nobody is offered a sale that is over."""
    await shop.sale(1)
    held = await shop.hold(ANA, sale_mug())
    await shop.wait(BEN, sale_mug())
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    assert (await shop.counters(SALE_POOL)).waiting == 0
    assert await shop.engine.places_of(SHOP, BEN) == ()
    await shop.engine.release(SHOP, reservation=held.id, person=ANA)
    assert await shop.held_by(BEN) == ()
    assert await shop.units() == (10, 0, 0, 0)


async def test_an_offer_is_at_the_price_then_valid(shop: Shop, held: str) -> None:
    """Whoever waits sees the price of the offer before paying it."""
    await shop.wait(BEN)
    await shop.engine.price_put(
        SHOP, operation="ob_p", variant=MUG, product="pr_mug", price_minor=1500, version=2
    )
    await shop.engine.release(SHOP, reservation=held, person=ANA)
    (offer,) = await shop.held_by(BEN)
    assert (offer.holds[0].price_minor, offer.holds[0].price_version) == (1500, 2)


async def test_a_guest_keeps_the_place_as_an_account(shop: Shop, held: str) -> None:
    """The place moves with the person; of two places the account's stays."""
    await shop.wait(GUEST)
    await shop.wait(BEN)
    await shop.engine.person_merge(SHOP, operation="ob_m", guest=GUEST, account=CAROL)
    (place,) = await shop.engine.places_of(SHOP, CAROL)
    assert place.position == 1
    await shop.wait(GUEST)
    await shop.engine.person_merge(SHOP, operation="ob_n", guest=GUEST, account=BEN)
    assert (await shop.counters()).waiting == 2
    await shop.engine.change(SHOP, person=ANA, key="less", reservation=held, pool=MUG_POOL, quantity=9)
    assert len(await shop.held_by(CAROL)) == 1


async def test_who_paid_too_late_comes_before_the_line(shop: Shop, held: str) -> None:
    """Units that come back in the call of a late success are still the payer's."""
    reservation = await shop.engine.reservation(SHOP, held)
    assert reservation is not None
    order = await shop.pay(reservation)
    await shop.wait(BEN)
    await shop.overdue(reservation)
    (sold,) = await shop.engine.commit(SHOP, order=order, reservations=[held])
    assert sold.state == "committed"
    assert await shop.units() == (0, 0, 10, 0)
    assert await shop.held_by(BEN) == ()


async def test_what_several_people_have_is_read_together(shop: Shop, held: str) -> None:
    """Reservations and places of those who have any, as each alone would read them; others are missing."""
    await shop.wait(BEN)
    cap_of_carol = await shop.hold(CAROL, cap(1))
    await shop.overdue(await shop.hold(GUEST, cap(1)))
    found = await shop.engine.held_by(SHOP, [ANA, BEN, CAROL, GUEST])
    assert found[GUEST].reservations == ()
    assert [one.id for one in found[ANA].reservations] == [held]
    assert (found[BEN].reservations, [one.pool for one in found[BEN].waits]) == ((), [MUG_POOL])
    assert [one.id for one in found[CAROL].reservations] == [cap_of_carol.id]
    assert found[BEN].waits == await shop.engine.places_of(SHOP, BEN)
    assert await shop.engine.held_by(SHOP, ["ac_nobody"]) == {}
    assert await shop.engine.held_by(SHOP, []) == {}
