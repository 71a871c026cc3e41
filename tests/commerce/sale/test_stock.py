import pytest

from commerce.errors import BadPrice, BadQuantity, BadTimes, InvalidField
from commerce.events import Kind
from commerce.sale.keys import key_of
from commerce.sale.types import Reservation, SaleRecord, SaleState
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    GUEST,
    MUG,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    SHOW,
    Shop,
    cap,
    mug,
    sale_mug,
)


async def test_a_restock_adds_units(shop: Shop) -> None:
    """The only way a variant's total grows; a resent row adds nothing, another body is a conflict."""
    counters = await shop.engine.restock(SHOP, operation="ob_more", variant=MUG, quantity=7)
    assert (counters.available, counters.total) == (17, 17)
    before = await shop.everything()
    assert await shop.engine.restock(SHOP, operation="ob_more", variant=MUG, quantity=7) == counters
    assert await shop.everything() == before
    async with shop.refused("idempotency_conflict"):
        await shop.engine.restock(SHOP, operation="ob_more", variant=MUG, quantity=8)


async def test_a_missing_pool_is_never_made_up(shop: Shop) -> None:
    """Its keys may have been lost: only a new variant's first restock makes a pool."""
    async with shop.refused("no_such_pool", pool="po_va_hat"):
        await shop.engine.restock(SHOP, operation="ob_h", variant="va_hat", quantity=7)
    opened = await shop.engine.restock(SHOP, operation="ob_h", variant="va_hat", quantity=0, opens_pool=True)
    assert opened.total == 0


async def test_a_withdrawal_takes_only_available_units(shop: Shop) -> None:
    """Held ones are promised to somebody."""
    await shop.hold(ANA, mug(8))
    async with shop.refused("not_enough_stock", available=2):
        await shop.engine.withdraw(SHOP, operation="ob_w", variant=MUG, quantity=3)
    await shop.engine.withdraw(SHOP, operation="ob_w", variant=MUG, quantity=2)
    await shop.engine.withdraw(SHOP, operation="ob_w", variant=MUG, quantity=2)
    assert await shop.units() == (0, 8, 0, 2)
    async with shop.refused("no_such_pool"):
        await shop.engine.withdraw(SHOP, operation="ob_x", variant="va_none", quantity=2)


async def test_sold_units_come_back_once(shop: Shop) -> None:
    """A refund puts them on the shelf; never more than were sold."""
    held = await shop.hold(ANA, mug(3))
    await shop.engine.commit(SHOP, order=await shop.pay(held), reservations=[held.id])
    for _ in range(2):
        await shop.engine.return_sold(SHOP, operation="ob_r", pool=MUG_POOL, variant=MUG, quantity=2)
    assert await shop.units() == (9, 0, 1, 0)
    async with shop.refused("not_enough_stock", sold=1):
        await shop.engine.return_sold(SHOP, operation="ob_s", pool=MUG_POOL, variant=MUG, quantity=2)
    async with shop.refused("no_such_pool"):
        await shop.engine.return_sold(SHOP, operation="ob_s", pool="po_x", variant="va_none", quantity=1)


async def test_units_sold_in_an_ended_sale_come_back_to_the_main_pool(shop: Shop) -> None:
    """Where they can be bought."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(2))
    await shop.engine.commit(SHOP, order=await shop.pay(held), reservations=[held.id])
    await shop.run_out()
    await shop.engine.return_sold(SHOP, operation="ob_r", pool=SALE_POOL, variant=MUG, quantity=1)
    assert await shop.units(SALE_POOL) == (0, 0, 1, 0)
    assert await shop.units(MUG_POOL) == (9, 0, 0, 0)


async def test_a_transfer_keeps_the_sum(shop: Shop) -> None:
    """One pool's total falls by what the other's rises by."""
    await shop.sale(5)
    for _ in range(2):
        moved = await shop.engine.transfer(
            SHOP, operation="ob_t", from_pool=MUG_POOL, to_pool=SALE_POOL, quantity=3
        )
        assert (moved[MUG_POOL].total, moved[SALE_POOL].total) == (2, 8)
    assert (await shop.counters(MUG_POOL)).total + (await shop.counters(SALE_POOL)).total == 10


async def test_transfers_that_are_refused_change_nothing(shop: Shop) -> None:
    """Another variant, too many, unknown, ended."""
    await shop.sale(5)
    for to_pool, quantity, code in (
        (CAP_POOL, 1, "bad_request"),
        (MUG_POOL, 1, "bad_request"),
        (SALE_POOL, 6, "not_enough_stock"),
        ("po_none", 1, "no_such_pool"),
    ):
        async with shop.refused(code):
            await shop.engine.transfer(
                SHOP, operation="ob_t", from_pool=MUG_POOL, to_pool=to_pool, quantity=quantity
            )
    await shop.run_out()
    async with shop.refused("sale_ended"):
        await shop.engine.transfer(SHOP, operation="ob_t", from_pool=MUG_POOL, to_pool=SALE_POOL, quantity=1)


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 1_000_001, True])
async def test_staff_cannot_move_what_is_no_number_of_units(shop: Shop, quantity: int) -> None:
    """The same for every one of their calls."""
    engine, before = shop.engine, await shop.everything()
    with pytest.raises(BadQuantity):
        await engine.restock(SHOP, operation="o", variant=MUG, quantity=quantity)
    with pytest.raises(BadQuantity):
        await engine.withdraw(SHOP, operation="o", variant=MUG, quantity=quantity)
    with pytest.raises(BadQuantity):
        await engine.transfer(SHOP, operation="o", from_pool=MUG_POOL, to_pool=CAP_POOL, quantity=quantity)
    with pytest.raises(BadQuantity):
        await engine.return_sold(SHOP, operation="o", pool=MUG_POOL, variant=MUG, quantity=quantity)
    assert await shop.everything() == before


async def test_a_price_only_moves_to_higher_versions(shop: Shop) -> None:
    """Copies may come late, twice and out of order."""

    async def put(price_minor: int, version: int) -> bool:
        return await shop.engine.price_put(
            SHOP, operation="o", variant=MUG, product="pr_mug", price_minor=price_minor, version=version
        )

    assert await put(1500, 5)
    before = await shop.everything()
    assert not await put(1500, 5)
    assert not await put(1400, 4)
    assert await shop.everything() == before
    entry = (await shop.engine.ledger_read(SHOP))[-1]
    assert (entry.kind, entry.variant, entry.price_minor, entry.price_version) == (Kind.PRICE, MUG, 1500, 5)
    with pytest.raises(BadPrice):
        await put(-1, 6)
    with pytest.raises(BadPrice):
        await put(10**13, 6)


async def test_the_first_put_of_a_sale_fills_its_pool(shop: Shop) -> None:
    """From the main pool, in the same step; a resent copy fills nothing."""
    sale = await shop.sale(4, limit=1)
    assert await shop.units(SALE_POOL) == (4, 0, 0, 0)
    assert await shop.units(MUG_POOL) == (6, 0, 0, 0)
    assert (await shop.engine.sales(SHOP, [SALE, "fs_none"])) == {SALE: sale}
    before = await shop.everything()
    assert await shop.engine.sale_put(SHOP, sale, operation="ob_again") == sale
    assert await shop.everything() == before


async def test_a_sale_larger_than_the_stock_is_refused(shop: Shop) -> None:
    """And so is one of a variant that has none."""
    async with shop.refused("not_enough_stock", available=10):
        await shop.sale(11)
    now_ms = await shop.engine.shop_time_ms(SHOP)
    record = SaleRecord("fs_x", "pr_x", "va_none", 1, 1, 1, 0, now_ms, now_ms + 9, 1)
    async with shop.refused("no_such_pool"):
        await shop.engine.sale_put(SHOP, record, operation="o")
    with pytest.raises(BadTimes):
        await shop.engine.sale_put(
            SHOP, SaleRecord("fs_x", "pr_x", MUG, 1, 1, 1, 0, now_ms, now_ms, 1), operation="o"
        )


async def test_a_sale_ended_early_is_drained_in_that_call(shop: Shop) -> None:
    """And stays ended: a later version cannot open it again."""
    await shop.sale(5)
    ended = await shop.sale(5, version=2, ended=True)
    assert ended.drained
    assert ended.state_at(await shop.engine.shop_time_ms(SHOP)) is SaleState.ENDED
    assert await shop.units(SALE_POOL) == (0, 0, 0, 0)
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    before = await shop.everything()
    assert (await shop.sale(5, version=3, ended=True)) == ended
    assert await shop.everything() == before
    async with shop.refused("sale_ended"):
        await shop.sale(5, version=4)


async def test_a_sale_that_was_over_before_it_came_is_never_filled(shop: Shop) -> None:
    """An outbox that was stuck past the end takes no stock away."""
    await shop.sale(5, starts_in_ms=-90_000)
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    assert await shop.units(SALE_POOL) == (0, 0, 0, 0)


async def test_a_sale_opens_and_closes_by_the_shops_clock(shop: Shop) -> None:
    """Its state is computed, not stored."""
    sale = await shop.sale(5, starts_in_ms=10_000, lasts_ms=5000)
    assert sale.state_at(sale.starts_at_ms - 1) is SaleState.SCHEDULED
    assert sale.state_at(sale.starts_at_ms) is SaleState.OPEN
    assert sale.state_at(sale.ends_at_ms) is SaleState.ENDED
    async with shop.refused("sale_not_open", starts_at_ms=sale.starts_at_ms):
        await shop.hold(ANA, sale_mug())


async def test_a_note_is_written_once(shop: Shop) -> None:
    """One outbox row is one entry, with its facts as they were."""
    body = {"product": "pr_mug", "products": [], "name": "茶杯", "count": 3}
    first = await shop.engine.note(SHOP, operation="ob_n", kind="pin", body=body, show=SHOW)
    before = await shop.everything()
    assert await shop.engine.note(SHOP, operation="ob_n", kind="pin", body=body, show=SHOW) == first
    assert await shop.everything() == before
    entry = (await shop.engine.ledger_read(SHOP))[-1]
    assert (entry.id, entry.kind, entry.note, entry.show, entry.body) == (first, Kind.NOTE, "pin", SHOW, body)
    with pytest.raises(InvalidField):
        await shop.engine.note(SHOP, operation="ob_m", kind="pin", body={"text": "x" * 40_000})


async def test_a_ban_only_moves_to_higher_versions(shop: Shop) -> None:
    """A late copy of an old decision changes nothing."""
    assert await shop.engine.ban_put(SHOP, person=ANA, banned=False, version=2)
    before = await shop.everything()
    assert not await shop.engine.ban_put(SHOP, person=ANA, banned=True, version=1)
    assert await shop.everything() == before
    await shop.hold(ANA)


async def test_a_merge_moves_what_the_guest_has(shop: Shop) -> None:
    """Holds, counts and operation records; a second run finds nothing."""
    await shop.sale(5, limit=2)
    held = await shop.hold(GUEST, sale_mug(2), key="press-0001")
    assert await shop.engine.person_merge(SHOP, operation="o", guest=GUEST, account=ANA)
    assert [one.id for one in await shop.engine.reservations_of(SHOP, ANA)] == [held.id]
    assert await shop.engine.reservations_of(SHOP, GUEST) == ()
    before = await shop.everything()
    assert not await shop.engine.person_merge(SHOP, operation="o", guest=GUEST, account=ANA)
    assert (await shop.hold(ANA, sale_mug(2), key="press-0001")).id == held.id
    assert await shop.everything() == before
    await shop.engine.commit(SHOP, order=await shop.pay(*await _mine(shop)), reservations=[held.id])
    async with shop.refused("limit_reached", count=2):
        await shop.hold(ANA, sale_mug())


async def _mine(shop: Shop) -> tuple[Reservation, ...]:
    return await shop.engine.reservations_of(SHOP, ANA)


async def test_when_both_hold_one_pool_both_holds_stand(shop: Shop) -> None:
    """Counts add above the limit: nothing is taken away, nothing more is sold."""
    await shop.sale(5, limit=1)
    guests, own = await shop.hold(GUEST, sale_mug()), await shop.hold(ANA, sale_mug())
    await shop.engine.person_merge(SHOP, operation="o", guest=GUEST, account=ANA)
    both = await shop.engine.reservations_of(SHOP, ANA)
    assert {one.id for one in both} == {guests.id, own.id}
    assert await shop.units(SALE_POOL) == (3, 2, 0, 0)
    await shop.pay(*both)
    await shop.engine.commit(SHOP, order="or_1", reservations=[guests.id, own.id])
    async with shop.refused("limit_reached", count=2):
        await shop.hold(ANA, sale_mug())


async def test_the_audit_finds_counters_that_do_not_agree(shop: Shop) -> None:
    """A check that cannot fail would prove nothing."""
    await shop.hold(BEN, cap(2))
    await shop.rewrite("pools", MUG_POOL, held=3)
    await shop.rewrite("pools", CAP_POOL, held=1, available=4)
    audit = await shop.engine.audit(SHOP)
    assert not audit.sound
    assert {one.pool: len(one.faults) for one in audit.pools} == {MUG_POOL: 2, CAP_POOL: 1}
    await shop.rewrite("pools", MUG_POOL, held=0)
    await shop.engine.redis.hdel(key_of(SHOP, "pools"), CAP_POOL)
    assert (await shop.engine.audit(SHOP)).faults
    await shop.engine.redis.flushall()


async def test_counters_that_would_not_add_up_are_never_written(shop: Shop) -> None:
    """A mistake in a Function, or a damaged pool, stops the call before its first write."""
    await shop.rewrite("pools", MUG_POOL, total=11)
    before = await shop.everything()
    with pytest.raises(Exception, match="would not add up"):
        await shop.hold(ANA, cap(), mug())
    assert await shop.everything() == before
    await shop.rewrite("pools", MUG_POOL, total=10)


async def test_unknown_ids_are_left_out_of_answers(shop: Shop) -> None:
    """Reading is never an error."""
    assert set(await shop.engine.pools(SHOP, [MUG_POOL, "po_none"])) == {MUG_POOL}
    assert await shop.engine.pools(SHOP, []) == {}
    assert await shop.engine.reservation(SHOP, "rs_none") is None
    assert await shop.engine.reservations_of(SHOP, "ac_none") == ()
    assert await shop.engine.ledger_tail("sp_none") == "0-0"
    assert await shop.engine.ledger_read("sp_none") == []
