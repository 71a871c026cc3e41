from commerce.events import Kind
from commerce.sale.keys import key_of
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    DAY_MS,
    MUG,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    Shop,
    sale_mug,
)


async def _purge(shop: Shop, copied_to: str = "0-0") -> int:
    return (await shop.engine.purge_due(SHOP, copied_to=copied_to)).removed


async def _due_now(shop: Shop) -> None:
    """Make everything that waits for its purge due, whatever its record says."""
    redis = shop.engine.redis
    members = await redis.zrange(key_of(SHOP, "due"), 0, -1)
    await redis.zadd(key_of(SHOP, "due"), dict.fromkeys(members, 1))


async def _age_operations(shop: Shop, person: str) -> None:
    """Make a person's operation records a day older."""
    script = """
    local record = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1]))
    for operation, at_ms in pairs(record.operations) do record.operations[operation] = at_ms - ARGV[2] end
    redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(record))
    """
    await shop.engine.redis.eval(script, 1, key_of(SHOP, "people"), person, str(DAY_MS))


async def test_nothing_goes_before_its_time(shop: Shop) -> None:
    """A purge right after a busy minute removes nothing and writes nothing."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug())
    await shop.engine.release(SHOP, reservation=held.id)
    before = await shop.everything()
    assert await _purge(shop) == 0
    assert await shop.everything() == before


async def test_an_ended_reservation_waits_for_its_copy_in_sql(shop: Shop) -> None:
    """Repeats of its end are answered from Redis until SQL can."""
    held = await shop.hold()
    ended_at = await shop.engine.ledger_tail(SHOP)
    await shop.engine.release(SHOP, reservation=held.id)
    await _purge(shop, copied_to=ended_at)
    await _due_now(shop)
    await _purge(shop, copied_to=ended_at)
    assert await shop.engine.reservation(SHOP, held.id) is not None
    copied_to = await shop.engine.ledger_tail(SHOP)
    await _purge(shop, copied_to=copied_to)
    assert await shop.engine.reservation(SHOP, held.id) is not None
    await _due_now(shop)
    await _purge(shop, copied_to=copied_to)
    assert await shop.engine.reservation(SHOP, held.id) is None


async def test_a_persons_records_go_after_a_day_and_holds_stay(shop: Shop) -> None:
    """What somebody still holds is never forgotten."""
    held = await shop.hold(ANA)
    await _age_operations(shop, ANA)
    await _due_now(shop)
    await _purge(shop)
    assert [one.id for one in await shop.engine.reservations_of(SHOP, ANA)] == [held.id]
    await shop.engine.release(SHOP, reservation=held.id)
    await _due_now(shop)
    await _purge(shop)
    assert not await shop.engine.redis.hexists(key_of(SHOP, "people"), ANA)


async def test_counts_of_a_sale_outlast_it_by_a_day(shop: Shop) -> None:
    """Under the person and under the marks."""
    await shop.sale(5, limit=1)
    held = await shop.hold(ANA, sale_mug())
    order = await shop.pay(held, marks=("email-hmac-1",))
    await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    await _age_operations(shop, ANA)
    await _due_now(shop)
    await _purge(shop)
    async with shop.refused("limit_reached", count=1):
        await shop.hold(ANA, sale_mug())
    assert await shop.engine.redis.hlen(key_of(SHOP, "limits")) == 1
    await shop.run_out()
    await _due_now(shop)
    await _purge(shop)
    assert await shop.engine.redis.hlen(key_of(SHOP, "limits")) == 0
    assert not await shop.engine.redis.hexists(key_of(SHOP, "people"), ANA)


async def test_a_purged_sales_sold_units_join_the_main_pools(shop: Shop) -> None:
    """The sum of a variant's totals stays, and a refund still finds its unit."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(2))
    await shop.engine.commit(SHOP, order=await shop.pay(held), reservations=[held.id])
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    await _due_now(shop)
    await _purge(shop)
    assert await shop.engine.pools(SHOP, [SALE_POOL]) == {}
    assert await shop.engine.sales(SHOP, [SALE]) == {}
    assert await shop.units(MUG_POOL) == (8, 0, 2, 0)
    kinds = [one.kind for one in await shop.engine.ledger_read(SHOP)]
    assert kinds[-2:] == [Kind.FOLD_OUT, Kind.FOLD_IN]
    await shop.engine.return_sold(SHOP, operation="ob_r", pool=SALE_POOL, variant=MUG, quantity=1)
    assert await shop.units(MUG_POOL) == (9, 0, 1, 0)


async def test_a_sale_with_a_hold_is_not_purged(shop: Shop) -> None:
    """Its pool is still somebody's."""
    await shop.sale(5)
    await shop.hold(BEN, sale_mug(2))
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    await _due_now(shop)
    await _purge(shop)
    assert await shop.units(SALE_POOL) == (0, 2, 0, 0)


async def test_a_late_payment_after_the_sales_purge_is_sold_from_the_main_pool(shop: Shop) -> None:
    """A provider that took a day does not lose the buyer a free unit."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(2))
    order = await shop.pay(held)
    await shop.overdue(held)
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    await _due_now(shop)
    await _purge(shop)
    (sold,) = await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    assert [(hold.pool, hold.price_minor) for hold in sold.holds] == [(MUG_POOL, 700)]
    assert await shop.units(MUG_POOL) == (8, 0, 2, 0)


async def test_staff_operations_go_when_due(shop: Shop) -> None:
    """And only then may their id mean something new."""
    await shop.engine.restock(SHOP, operation="ob_x", variant=MUG, quantity=1)
    await _due_now(shop)
    await _purge(shop)
    assert await shop.engine.redis.hlen(key_of(SHOP, "operations")) == 0


async def test_a_purge_is_bounded_and_says_when_there_is_more(shop: Shop) -> None:
    """A backlog is worked off in slices."""
    await _due_now(shop)
    first = await shop.engine.purge_due(SHOP, copied_to="0-0", limit=1)
    assert (first.removed, first.more) == (1, True)
