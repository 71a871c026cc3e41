from collections.abc import Awaitable, Callable, Mapping

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from commerce.errors import Busy
from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.keys import key_of
from commerce.sale.refusals import AnswerLost
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    GUEST,
    MUG,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)
from tests.fixtures_redis import SwallowingProxy

Act = Callable[[SaleEngine, Mapping[str, object]], Awaitable[object]]


async def _prepared(shop: Shop) -> dict[str, object]:
    """Bring everything into a state in which each operation has something to do."""
    sale = await shop.sale(5, limit=3)
    held = await shop.hold(ANA, mug(2))
    paying = await shop.hold(BEN, cap())
    await shop.pay(paying, order="or_paying")
    sold = await shop.hold("ac_sold", cap())
    await shop.pay(sold, order="or_sold")
    await shop.engine.commit(SHOP, order="or_sold", reservations=[sold.id])
    await shop.hold(GUEST, sale_mug(2))
    overdue = await shop.hold("ac_late", cap())
    await shop.overdue(overdue)
    return {"sale": sale, "held": held.id, "paying": paying.id, "until_ms": held.deadline_ms + 9}


async def _reserve(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.reserve(SHOP, person="ac_new", key="k", reservation="rs_new", lines=[sale_mug(2)])


async def _change(engine: SaleEngine, at: Mapping[str, object]) -> object:
    held = str(at["held"])
    return await engine.change(SHOP, person=ANA, key="k", reservation=held, pool=MUG_POOL, quantity=1)


async def _extend(engine: SaleEngine, at: Mapping[str, object]) -> object:
    until_ms = int(str(at["until_ms"]))
    return await engine.extend(SHOP, reservation=str(at["held"]), until_ms=until_ms)


async def _pay_begin(engine: SaleEngine, at: Mapping[str, object]) -> object:
    held = [str(at["held"])]
    return await engine.pay_begin(
        SHOP, person=ANA, key="k", order="or_new", reservations=held, announce=True, marks=["email-hmac"]
    )


async def _commit(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.commit(
        SHOP, order="or_paying", reservations=[str(at["paying"])], fingerprint="card-hmac"
    )


async def _release(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.release(SHOP, reservation=str(at["held"]), person=ANA)


async def _return_sold(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.return_sold(SHOP, operation="o", pool="po_va_cap", variant="va_cap", quantity=1)


async def _transfer(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.transfer(SHOP, operation="o", from_pool=MUG_POOL, to_pool=SALE_POOL, quantity=1)


async def _restock(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.restock(SHOP, operation="o", variant=MUG, quantity=5)


async def _withdraw(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.withdraw(SHOP, operation="o", variant=MUG, quantity=1)


async def _sale_put(engine: SaleEngine, at: Mapping[str, object]) -> object:
    sale = (await engine.sales(SHOP, [SALE]))[SALE]
    again = type(sale)("fs_two", "pr_mug", MUG, 1, 1, 2, 0, sale.starts_at_ms, sale.ends_at_ms, 1)
    return await engine.sale_put(SHOP, again, operation="o")


async def _note(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.note(SHOP, operation="o", kind="pin", body={"product": None})


ANSWERED_AGAIN: dict[str, Act] = {
    "reserve": _reserve,
    "change": _change,
    "extend": _extend,
    "pay_begin": _pay_begin,
    "commit": _commit,
    "release": _release,
    "return_sold": _return_sold,
    "transfer": _transfer,
    "restock": _restock,
    "withdraw": _withdraw,
    "sale_put": _sale_put,
    "note": _note,
}


async def _price_put(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.price_put(
        SHOP, operation="o", variant=MUG, product="pr_mug", price_minor=2, version=2
    )


async def _ban_put(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.ban_put(SHOP, person=ANA, banned=True, version=1)


async def _person_merge(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.person_merge(SHOP, operation="o", guest=GUEST, account=ANA)


async def _expire_due(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.expire_due(SHOP)


async def _purge_due(engine: SaleEngine, at: Mapping[str, object]) -> object:
    return await engine.purge_due(SHOP, copied_to="99999999999999-0")


DONE_ALREADY: dict[str, Act] = {
    "price_put": _price_put,
    "ban_put": _ban_put,
    "person_merge": _person_merge,
    "expire_due": _expire_due,
    "purge_due": _purge_due,
}


@pytest.mark.parametrize("name", [*ANSWERED_AGAIN, *DONE_ALREADY])
async def test_a_swallowed_answer_changes_nothing_twice(
    shop: Shop, swallowing_proxy: SwallowingProxy, name: str
) -> None:
    """The call ran, its answer was lost, the caller repeats it: one effect, one answer."""
    act = {**ANSWERED_AGAIN, **DONE_ALREADY}[name]
    at = await _prepared(shop)
    untouched = await shop.everything()
    engine = SaleEngine(write_client(swallowing_proxy.url))
    swallowing_proxy.swallow(f"sale_1_{name}")
    with pytest.raises(AnswerLost):
        await act(engine, at)
    assert swallowing_proxy.swallowed == 1
    executed = await shop.everything()
    assert executed != untouched
    second = await act(engine, at)
    assert await shop.everything() == executed
    assert await act(shop.engine, at) == second
    assert await shop.everything() == executed
    await engine.redis.aclose()


async def test_an_answer_lost_again_and_again_is_still_one_reservation(
    shop: Shop, swallowing_proxy: SwallowingProxy
) -> None:
    """However often the network fails."""
    engine = SaleEngine(write_client(swallowing_proxy.url))
    swallowing_proxy.swallow("sale_1_reserve", times=3)
    for _ in range(3):
        with pytest.raises(AnswerLost):
            await _reserve_mug(engine)
    assert (await _reserve_mug(engine)).__class__.__name__ == "Reservation"
    assert await shop.units() == (9, 1, 0, 0)
    await engine.redis.aclose()


async def _reserve_mug(engine: SaleEngine) -> object:
    return await engine.reserve(SHOP, person=ANA, key="k", reservation="rs_new", lines=[mug()])


async def test_the_proxy_does_lose_answers_that_a_repeating_client_would_double(
    shop: Shop, swallowing_proxy: SwallowingProxy
) -> None:
    """The check itself is seen to fail: a plain INCR, repeated after a lost answer, counts twice."""
    client = write_client(swallowing_proxy.url)
    key = key_of(SHOP, "meta")
    before = int(await shop.engine.redis.hincrby(key, "counter", 0))
    swallowing_proxy.swallow("HINCRBY")
    with pytest.raises(RedisConnectionError):
        await client.hincrby(key, "counter", 1)
    assert await client.hincrby(key, "counter", 1) == before + 2
    await client.aclose()


async def test_a_redis_that_is_away_is_a_busy_shop() -> None:
    """Callers get an error of commerce, with a time to come again."""
    engine = SaleEngine(write_client("unix:///nonexistent/redis.sock"))
    with pytest.raises(Busy) as caught:
        await engine.shop_time_ms(SHOP)
    assert caught.value.retry_after_s is not None
