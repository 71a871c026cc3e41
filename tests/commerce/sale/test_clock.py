from commerce.events import Kind
from commerce.sale.keys import key_of
from tests.commerce.sale.a_shop import ANA, SHOP, Shop, cap


async def _seen(shop: Shop, ahead_ms: int) -> int:
    """Make the highest time seen lie ahead of the server's clock: to Redis, its clock has gone back."""
    now_ms = await shop.engine.shop_time_ms(SHOP)
    await shop.engine.redis.hset(key_of(SHOP, "meta"), "time_ms", str(now_ms + ahead_ms))
    return now_ms + ahead_ms


async def test_a_clock_a_little_behind_counts_as_the_highest_time_seen(shop: Shop) -> None:
    """Time stands still until it has caught up, and nothing is said."""
    highest_ms = await _seen(shop, 4000)
    held = await shop.hold()
    assert held.created_at_ms == highest_ms
    assert await shop.engine.shop_time_ms(SHOP) == highest_ms
    entries = await shop.engine.ledger_read(SHOP)
    assert Kind.CLOCK_STEPPED not in {entry.kind for entry in entries}


async def test_a_clock_far_behind_is_followed_and_told_once(shop: Shop) -> None:
    """The ledger raises the alarm; deadlines made before then lie further off."""
    highest_ms = await _seen(shop, 3600_000)
    held = await shop.hold()
    assert held.created_at_ms < highest_ms - 3_500_000
    await shop.hold(ANA, cap())
    stepped = [one for one in await shop.engine.ledger_read(SHOP) if one.kind is Kind.CLOCK_STEPPED]
    assert [one.body["from_ms"] for one in stepped] == [highest_ms]
    assert stepped[0].body["to_ms"] == stepped[0].at_ms == held.created_at_ms


async def test_the_sweep_tells_a_stepped_clock_when_nothing_is_sold(shop: Shop) -> None:
    """The alarm does not wait for a buyer."""
    await _seen(shop, 3600_000)
    await shop.engine.expire_due(SHOP)
    assert (await shop.engine.ledger_read(SHOP))[-1].kind is Kind.CLOCK_STEPPED


async def test_a_refusal_stores_no_time(shop: Shop) -> None:
    """Only what changes something writes."""
    await _seen(shop, 3600_000)
    async with shop.refused("price_changed"):
        await shop.hold(ANA, cap(version=8))


async def test_the_shops_time_never_runs_backwards_between_calls(shop: Shop) -> None:
    """What was stamped later is not stamped earlier."""
    times = [(await shop.hold(f"ac_{number}")).created_at_ms for number in range(8)]
    assert times == sorted(times)
