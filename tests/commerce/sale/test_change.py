import pytest

from commerce.errors import BadQuantity
from commerce.events import Kind
from commerce.sale.types import Line, Reservation
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    MUG,
    MUG_POOL,
    SALE_POOL,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)


async def _change(
    shop: Shop,
    held: Reservation,
    quantity: int,
    *,
    pool: str = MUG_POOL,
    to: Line | None = None,
    person: str = ANA,
    key: str | None = None,
) -> Reservation:
    return await shop.engine.change(
        SHOP,
        person=person,
        key=key or shop.fresh("key"),
        reservation=held.id,
        pool=pool,
        quantity=quantity,
        to=to,
    )


async def test_more_and_fewer_units_of_a_hold(shop: Shop) -> None:
    """The counters follow the hold, the price stays."""
    held = await shop.hold(ANA, mug(2), cap())
    more = await _change(shop, held, 5)
    assert [hold.quantity for hold in more.holds] == [5, 1]
    assert await shop.units() == (5, 5, 0, 0)
    await _change(shop, held, 1)
    assert await shop.units() == (9, 1, 0, 0)
    entries = await shop.engine.ledger_read(SHOP)
    assert [entry.quantity for entry in entries if entry.kind is Kind.CHANGE] == [3, -4]


async def test_dropping_one_hold_leaves_the_others(shop: Shop) -> None:
    """Quantity 0 gives the line back."""
    held = await shop.hold(ANA, mug(2), cap())
    after = await _change(shop, held, 0)
    assert [hold.pool for hold in after.holds] == [CAP_POOL]
    assert after.state == "open"
    assert await shop.units() == (10, 0, 0, 0)
    assert (await shop.hold(ANA, mug())).id != held.id


async def test_dropping_the_last_hold_releases(shop: Shop) -> None:
    """A reservation without holds is at its end."""
    held = await shop.hold()
    after = await _change(shop, held, 0)
    assert (after.state, after.holds) == ("released", ())
    assert await shop.engine.reservations_of(SHOP, ANA) == ()


async def test_a_swap_takes_the_other_variant_and_gives_this_one_back(shop: Shop) -> None:
    """At the other one's price, in one step."""
    held = await shop.hold(ANA, mug(2))
    after = await _change(shop, held, 0, to=cap(3))
    assert [(hold.pool, hold.quantity, hold.price_minor) for hold in after.holds] == [(CAP_POOL, 3, 2500)]
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    assert await shop.units(CAP_POOL) == (2, 3, 0, 0)


async def test_a_repeat_with_the_same_key_changes_nothing(shop: Shop) -> None:
    """The first answer is answered, another body is a conflict."""
    held = await shop.hold()
    first = await _change(shop, held, 3, key="change-0001")
    await _change(shop, held, 4)
    before = await shop.everything()
    assert await _change(shop, held, 3, key="change-0001") == first
    assert await shop.everything() == before
    async with shop.refused("idempotency_conflict"):
        await _change(shop, held, 2, key="change-0001")


async def test_the_quantity_it_has_already_changes_nothing(shop: Shop) -> None:
    """Nothing is written for it."""
    held = await shop.hold(ANA, mug(2))
    before = await shop.everything()
    assert await _change(shop, held, 2) == held
    assert await shop.everything() == before


async def test_changes_that_are_refused_change_nothing(shop: Shop) -> None:
    """Stock, limit, others' holds, wrong pools, unknown ids."""
    await shop.sale(5, limit=2)
    held = await shop.hold(ANA, mug(2), sale_mug())
    other = await shop.hold(BEN, cap())
    async with shop.refused("all_held", available=3):
        await _change(shop, held, 6)
    async with shop.refused("limit_reached", limit=2, count=1):
        await _change(shop, held, 3, pool=SALE_POOL)
    async with shop.refused("not_yours"):
        await _change(shop, other, 2, pool=CAP_POOL)
    async with shop.refused("no_such_pool"):
        await _change(shop, held, 1, pool=CAP_POOL)
    async with shop.refused("no_such_reservation"):
        await shop.engine.change(SHOP, person=ANA, key="k", reservation="rs_none", pool=MUG_POOL, quantity=1)
    async with shop.refused("already_held", pool=SALE_POOL):
        await _change(shop, held, 0, to=sale_mug())
    async with shop.refused("price_changed", price_minor=2500):
        await _change(shop, held, 0, to=cap(version=5))
    async with shop.refused("all_held", pool=CAP_POOL):
        await _change(shop, held, 0, to=cap(5))


async def test_more_units_are_only_given_at_the_price_now_valid(shop: Shop) -> None:
    """Nobody fills a cheap hold up after the price has risen; giving back is always allowed."""
    held = await shop.hold(ANA, mug(2))
    await shop.engine.price_put(
        SHOP, operation="ob_p", variant=MUG, product="pr_mug", price_minor=9000, version=2
    )
    async with shop.refused("price_changed", price_minor=9000, price_version=2):
        await _change(shop, held, 3)
    assert (await _change(shop, held, 1)).total_minor == 1000


async def test_a_banned_person_gets_no_more_units(shop: Shop) -> None:
    """What is held stays."""
    held = await shop.hold(ANA, mug(2))
    await shop.engine.ban_put(SHOP, person=ANA, banned=True, version=1)
    async with shop.refused("banned"):
        await _change(shop, held, 3)
    async with shop.refused("banned"):
        await _change(shop, held, 0, to=cap())
    await _change(shop, held, 1)


async def test_units_dropped_from_an_ended_sale_go_to_the_main_pool(shop: Shop) -> None:
    """An ended sale's pool keeps only held and sold."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(3))
    await shop.run_out()
    async with shop.refused("sale_ended"):
        await _change(shop, held, 4, pool=SALE_POOL)
    await _change(shop, held, 1, pool=SALE_POOL)
    assert await shop.units(SALE_POOL) == (0, 1, 0, 0)
    assert await shop.units(MUG_POOL) == (9, 0, 0, 0)


async def test_what_is_being_paid_or_has_ended_is_not_changed(shop: Shop) -> None:
    """The order's sum is fixed from pay_begin on."""
    held = await shop.hold(ANA, mug(2))
    await shop.pay(held)
    async with shop.refused("already_paying", order="or_1"):
        await _change(shop, held, 1)
    await shop.engine.release(SHOP, reservation=held.id, while_paying=True)
    async with shop.refused("reservation_ended", state="released"):
        await _change(shop, held, 1)


@pytest.mark.parametrize("quantity", [-1, 1000, 0.5])
async def test_a_quantity_that_is_no_number_of_units_is_refused(shop: Shop, quantity: int) -> None:
    """0 is the least."""
    held = await shop.hold()
    before = await shop.everything()
    with pytest.raises(BadQuantity):
        await _change(shop, held, quantity)
    assert await shop.everything() == before
