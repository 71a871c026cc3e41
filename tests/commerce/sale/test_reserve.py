import asyncio
from collections.abc import Awaitable, Callable

import pytest

from commerce.errors import BadQuantity, CommerceError
from commerce.events import Kind
from commerce.sale.keys import keys_of
from commerce.sale.refusals import BadRequest, SoldOut
from commerce.sale.types import Line, Reservation, ReserveRequest
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP,
    CAP_POOL,
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


async def test_a_reserve_moves_units_from_available_to_held(shop: Shop) -> None:
    """The units are held, none is made or lost."""
    await shop.hold(ANA, mug(3))
    assert await shop.units() == (7, 3, 0, 0)
    assert (await shop.counters()).total == 10


async def test_a_reservation_carries_stamped_prices_and_a_deadline(shop: Shop) -> None:
    """What a page needs is in the answer, and it reads the same afterwards."""
    held = await shop.hold(ANA, mug(2), cap(), hold_ms=60_000)
    assert (held.state, held.person, held.show, held.order) == ("open", ANA, SHOW, None)
    assert held.deadline_ms - held.created_at_ms == 60_000
    assert [(hold.pool, hold.product, hold.quantity, hold.price_minor) for hold in held.holds] == [
        (MUG_POOL, "pr_mug", 2, 1000),
        (CAP_POOL, "pr_cap", 1, 2500),
    ]
    assert held.total_minor == 4500
    assert await shop.engine.reservation(SHOP, held.id) == held
    assert await shop.engine.reservations_of(SHOP, ANA) == (held,)


async def test_an_open_hold_keeps_its_price(shop: Shop) -> None:
    """A price put later is for later buyers."""
    held = await shop.hold()
    await shop.engine.price_put(
        SHOP, operation="ob_new", variant=MUG, product="pr_mug", price_minor=1, version=2
    )
    after = await shop.engine.reservation(SHOP, held.id)
    assert after is not None
    assert after.total_minor == 1000


async def test_the_entry_is_written_with_the_counters_after_it(shop: Shop) -> None:
    """The ledger tells who held what at which price, and what is left."""
    held = await shop.hold(ANA, mug(4), key="press-0001")
    entry = (await shop.engine.ledger_read(SHOP))[-1]
    assert (entry.kind, entry.operation, entry.person, entry.show) == (Kind.RESERVE, "press-0001", ANA, SHOW)
    assert (entry.pool, entry.quantity, entry.price_minor, entry.price_version) == (MUG_POOL, 4, 1000, 1)
    assert (entry.reservation, entry.deadline_ms, entry.at_ms) == (
        held.id,
        held.deadline_ms,
        held.created_at_ms,
    )
    assert entry.counters is not None
    assert (entry.counters.available, entry.counters.held, entry.counters.total) == (6, 4, 10)


async def test_a_reader_of_the_ledger_is_woken(shop: Shop) -> None:
    """One wake-up is published in the call that appends."""
    async with shop.engine.redis.pubsub() as pubsub:
        await pubsub.subscribe(f"{{shop:{SHOP}}}:ledger:wake")
        await pubsub.get_message(timeout=5)
        await shop.hold(ANA, mug(), cap())
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
    assert message is not None
    assert message["data"].decode() == await shop.engine.ledger_tail(SHOP)


async def test_only_declared_keys_are_written(shop: Shop) -> None:
    """Whatever happens in a shop, its keys stay a fixed set."""
    await shop.sale()
    await shop.pay(await shop.hold(ANA, sale_mug(), cap()), marks=("e-mail-hmac",))
    assert {key.decode() for key in await shop.engine.redis.keys("*")} <= set(keys_of(SHOP))


async def test_the_same_key_answers_the_same_and_changes_nothing(shop: Shop) -> None:
    """A double press with one idempotency key is one reservation."""
    first = await shop.hold(ANA, mug(2), key="press-0001")
    before = await shop.everything()
    assert await shop.hold(ANA, mug(2), key="press-0001") == first
    assert await shop.everything() == before


async def test_a_key_used_for_another_body_is_a_conflict(shop: Shop) -> None:
    """The key stands for what was asked first."""
    await shop.hold(ANA, mug(), key="press-0001")
    async with shop.refused("idempotency_conflict"):
        await shop.hold(ANA, cap(), key="press-0001")


async def test_a_key_belongs_to_one_person(shop: Shop) -> None:
    """Somebody else's use of the same key is somebody else's."""
    first = await shop.hold(ANA, mug(), key="press-0001")
    assert (await shop.hold(BEN, cap(), key="press-0001")).id != first.id


async def test_a_second_press_with_a_new_key_answers_the_same_reservation(shop: Shop) -> None:
    """One line of a pool that is held already is not held twice."""
    first = await shop.hold()
    before = await shop.everything()
    assert await shop.hold(ANA, mug(5)) == first
    assert await shop.everything() == before


async def test_a_bag_with_a_held_pool_is_refused_by_line(shop: Shop) -> None:
    """The page can say which line it is."""
    first = await shop.hold()
    async with shop.refused("already_held", line=1, pool=MUG_POOL, reservation=first.id):
        await shop.hold(ANA, cap(), mug())


async def test_lines_of_one_pool_are_counted_together(shop: Shop) -> None:
    """Two lines that each fit but do not fit together are one line that does not fit."""
    async with shop.refused("sold_out", available=10):
        await shop.hold(ANA, mug(6), mug(5))
    held = await shop.hold(ANA, mug(6), mug(4))
    assert [hold.quantity for hold in held.holds] == [10]


Setup = Callable[[Shop], Awaitable[object]]


async def _nothing(shop: Shop) -> None:
    """Leave the shop as it opens."""


async def _all_held(shop: Shop) -> None:
    await shop.hold(BEN, mug(10))


async def _all_sold(shop: Shop) -> None:
    held = await shop.hold(BEN, mug(10))
    await shop.engine.commit(SHOP, order=await shop.pay(held), reservations=[held.id])


async def _new_price(shop: Shop) -> None:
    await shop.engine.price_put(
        SHOP, operation="ob_price", variant=MUG, product="pr_mug", price_minor=1200, version=2
    )


async def _banned(shop: Shop) -> None:
    await shop.engine.ban_put(SHOP, person=ANA, banned=True, version=1)


async def _sale(shop: Shop) -> None:
    await shop.sale(limit=2)


async def _sale_tomorrow(shop: Shop) -> None:
    await shop.sale(starts_in_ms=86_400_000)


async def _sale_over(shop: Shop) -> None:
    await shop.sale()
    await shop.sale(version=2, ended=True)


async def _unstocked(shop: Shop) -> None:
    await shop.engine.price_put(
        SHOP, operation="ob_hat", variant="va_hat", product="pr_hat", price_minor=1, version=1
    )


@pytest.mark.parametrize(
    ("setup", "lines", "code", "facts"),
    [
        (_all_held, [mug()], "all_held", {"pool": MUG_POOL, "available": 0, "held": 10}),
        (_all_sold, [mug()], "sold_out", {"pool": MUG_POOL, "available": 0, "held": 0}),
        (_nothing, [mug(11)], "sold_out", {"available": 10}),
        (_nothing, [cap(), mug(11)], "sold_out", {"pool": MUG_POOL}),
        (_new_price, [mug()], "price_changed", {"price_minor": 1200, "price_version": 2}),
        (_nothing, [mug(version=9)], "price_changed", {"price_minor": 1000, "price_version": 1}),
        (_sale, [sale_mug(version=1)], "price_changed", {"price_minor": 700, "price_version": 7}),
        (_sale, [sale_mug(3)], "limit_reached", {"sale": SALE, "limit": 2, "count": 0}),
        (_sale_tomorrow, [sale_mug()], "sale_not_open", {"sale": SALE}),
        (_sale_over, [sale_mug()], "sale_ended", {"sale": SALE}),
        (_nothing, [sale_mug()], "no_such_sale", {"sale": SALE}),
        (_sale, [Line(CAP, 1, 7, SALE)], "no_such_variant", {"variant": CAP}),
        (_banned, [mug()], "banned", {}),
        (_nothing, [Line("va_none", 1, 1)], "no_such_variant", {"variant": "va_none"}),
        (_unstocked, [Line("va_hat", 1, 1)], "no_such_pool", {"pool": "po_va_hat"}),
    ],
)
async def test_a_refusal_has_its_code_and_facts_and_changes_nothing(
    shop: Shop, setup: Setup, lines: list[Line], code: str, facts: dict[str, object]
) -> None:
    """Every way in which a reserve is refused."""
    await setup(shop)
    async with shop.refused(code, **facts):
        await shop.hold(ANA, *lines)


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30, 1.5, True, "1", None])
async def test_a_quantity_that_is_no_number_of_units_is_refused(shop: Shop, quantity: int) -> None:
    """Zero, negative, huge, fractional and other things are never sent to Redis."""
    before = await shop.everything()
    with pytest.raises(BadQuantity):
        await shop.hold(ANA, mug(quantity))
    assert await shop.everything() == before


@pytest.mark.parametrize("quantity", [0, -1, 1000, 1.5, float("nan"), float("inf"), "1", None, []])
async def test_the_function_itself_refuses_such_a_quantity(shop: Shop, quantity: object) -> None:
    """Nobody's mistake in Python reaches the counters."""
    before = await shop.everything()
    line = {"variant": MUG, "pool": MUG_POOL, "quantity": quantity, "price_version": 1}
    request = {"person": ANA, "key": "k", "hash": "h", "reservation": "rs_1", "hold_ms": 1, "lines": [line]}
    answer = await shop.engine.call(SHOP, "reserve", {"requests": [request]})
    assert b"bad_quantity" in bytes(answer.done)
    assert await shop.everything() == before


@pytest.mark.parametrize(
    "line", [Line("mug", 1, 1), Line("va_}{x", 1, 1), Line("va_mug", 1, 1, "fs|x"), Line("sh_x", 1, 1)]
)
async def test_an_id_that_cannot_be_one_is_refused(shop: Shop, line: Line) -> None:
    """Ids of another kind, or with characters that mean something in a key, go nowhere."""
    before = await shop.everything()
    with pytest.raises(BadRequest):
        await shop.hold(ANA, line)
    assert await shop.everything() == before


async def test_more_than_20_lines_are_refused(shop: Shop) -> None:
    """A bag has a bound."""
    with pytest.raises(BadRequest):
        await shop.hold(ANA, *(Line(f"va_{number}", 1, 1) for number in range(21)))


async def test_a_banned_person_keeps_what_is_open_and_gets_nothing_new(shop: Shop) -> None:
    """The hold stands and can be paid; another cannot be made until the ban is lifted."""
    held = await shop.hold()
    await shop.engine.ban_put(SHOP, person=ANA, banned=True, version=1)
    assert await shop.hold(ANA, mug()) == held
    async with shop.refused("banned"):
        await shop.hold(ANA, cap())
    await shop.pay(held)
    await shop.engine.ban_put(SHOP, person=ANA, banned=False, version=2)
    await shop.hold(ANA, cap())


async def test_a_person_with_64_operations_in_a_day_is_refused(shop: Shop) -> None:
    """The record of operations has a bound; old ones make room."""
    for number in range(64):
        held = await shop.hold(ANA, mug(), key=f"press-{number}")
        await shop.engine.release(SHOP, reservation=held.id)
    async with shop.refused("too_many_operations"):
        await shop.hold(ANA, mug(), key="press-64")
    await shop.hold(BEN, mug())
    assert (await shop.hold(ANA, mug(), key="press-63")).id == held.id


async def test_many_requests_in_one_call_are_judged_each_by_itself(shop: Shop) -> None:
    """In order: the first come has the units, a refused one takes nothing from the next."""
    requests = [
        ReserveRequest("ac_1", "k1", "rs_1", (cap(3),)),
        ReserveRequest("ac_2", "k2", "rs_2", (mug(), cap(3))),
        ReserveRequest("ac_3", "k3", "rs_3", (cap(2000),)),
        ReserveRequest("ac_4", "k4", "rs_4", (cap(2),)),
        ReserveRequest("ac_1", "k1", "rs_5", (cap(3),)),
    ]
    answers = await shop.engine.reserve_many(SHOP, requests)
    assert [one.code if isinstance(one, CommerceError) else one.id for one in answers] == [
        "rs_1",
        "all_held",
        "bad_quantity",
        "rs_4",
        "rs_1",
    ]
    assert await shop.units(CAP_POOL) == (0, 5, 0, 0)
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)


async def test_200_at_once_for_5_units_are_5_holds(shop: Shop, redis_url: str, make_engine: object) -> None:
    """From several connections, each buyer pressing twice: nothing is sold that is not there."""
    assert callable(make_engine)
    engines = [make_engine(redis_url) for _ in range(8)]
    await shop.sale(5, limit=1)

    async def press(buyer: int, press_number: int) -> Reservation | CommerceError:
        key = f"key-{buyer}" if buyer % 2 else f"key-{buyer}-{press_number}"
        request = ReserveRequest(f"ac_{buyer}", key, f"rs_{buyer}_{press_number}", (sale_mug(),))
        (answer,) = await engines[(buyer + press_number) % 8].reserve_many(SHOP, [request])
        result: Reservation | CommerceError = answer
        return result

    answers = await asyncio.gather(*(press(buyer, number) for buyer in range(200) for number in range(2)))
    held = [one for one in answers if isinstance(one, Reservation)]
    assert len({one.id for one in held}) == len({one.person for one in held}) == 5
    assert len(held) == 10
    assert {one.code for one in answers if isinstance(one, CommerceError)} == {"all_held"}
    assert await shop.units(SALE_POOL) == (0, 5, 0, 0)


async def test_the_last_unit_paid_turns_all_held_into_sold_out(shop: Shop) -> None:
    """While a hold is open it may come back; when it is paid nothing can."""
    await shop.sale(1)
    held = await shop.hold(BEN, sale_mug())
    async with shop.refused("all_held"):
        await shop.hold(ANA, sale_mug())
    await shop.engine.commit(SHOP, order=await shop.pay(held), reservations=[held.id])
    with pytest.raises(SoldOut):
        await shop.hold(ANA, sale_mug())
