"""The buying door: many at once in few calls, the same refusals for every way in."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from commerce.errors import BadQuantity, Busy, CommerceError, KeyMissing, NoSuchShop, NoSuchVariant
from commerce.ids import new_id
from commerce.orders.messages import Seller
from commerce.orders.people_redis import PeopleChannel, people_channel
from commerce.orders.ports import ShopCard, VariantCard
from commerce.sale import door as door_module
from commerce.sale.door import BuyingDoor, change_body, reserve_body
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.messages import Change, Reserve, ReserveLine
from commerce.sale.refusals import BadRequest, SoldOut
from commerce.sale.types import Reservation, ReserveRequest
from tests.commerce.sale.a_shop import CAP, MUG, MUG_POOL, SHOP, Shop


class Shelf:
    """What the catalogue would tell of the shop's two goods; the hat is not published."""

    async def variants(self, shop: str, variants: Collection[str]) -> Mapping[str, VariantCard]:
        """Look up."""
        told = {
            variant: VariantCard(
                variant, f"pr_{variant[3:]}", variant[3:].title(), "Blue", variant != "va_hat"
            )
            for variant in (MUG, CAP, "va_hat")
        }
        return {variant: told[variant] for variant in variants if variant in told and shop == SHOP}

    async def shop(self, shop: str) -> ShopCard:
        """Look up."""
        if shop not in {SHOP, "clay"}:
            raise NoSuchShop
        return ShopCard(Seller(SHOP, "clay", "Clay", "", "", ""), "EUR")


class CountsCalls(SaleEngine):
    """An engine that remembers how many requests went in each call."""

    def __init__(self, redis: Any) -> None:
        super().__init__(redis)
        self.packed: list[int] = []

    async def reserve_many(
        self, shop: str, requests: Sequence[ReserveRequest]
    ) -> list[Reservation | CommerceError]:
        """Pass on."""
        self.packed.append(len(requests))
        return await super().reserve_many(shop, requests)


@pytest.fixture
def engine(shop: Shop) -> CountsCalls:
    """Share the shop's Redis."""
    return CountsCalls(shop.engine.redis)


@pytest.fixture
def door(engine: CountsCalls) -> BuyingDoor:
    """Open the door of the shop."""
    return BuyingDoor(engine, Shelf(), PeopleChannel(engine.redis), new_id, hold_ms=60_000)


def wants(quantity: Any = 1, variant: str = MUG, price_version: int = 1) -> Reserve:
    """Ask for one line."""
    return Reserve([ReserveLine(variant, quantity, price_version)])


async def untouched(shop: Shop) -> bool:
    """Tell whether all ten mugs are on the shelf."""
    counters = (await shop.engine.pools(SHOP, [MUG_POOL]))[MUG_POOL]
    return (counters.available, counters.held, counters.sold) == (10, 0, 0)


async def test_a_rush_goes_in_few_calls(door: BuyingDoor, engine: CountsCalls, shop: Shop) -> None:
    """Hundreds in one loop turn share calls of at most a hundred; exactly the stock is held."""
    rush = (door.reserve(f"gu_p{n}", SHOP, wants(), f"key-{n:08d}") for n in range(250))
    answers = await asyncio.gather(*rush, return_exceptions=True)
    held = [one for one in answers if not isinstance(one, BaseException)]
    refused = [one.code for one in answers if isinstance(one, CommerceError)]
    assert len(held) == 10
    assert refused == ["all_held"] * 240
    assert sum(engine.packed) == 250
    assert max(engine.packed) <= 100
    assert len(engine.packed) <= 5
    assert (await shop.engine.pools(SHOP, [MUG_POOL]))[MUG_POOL].held == 10


async def test_full_calls_do_not_wait_for_each_other(
    door: BuyingDoor, engine: CountsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk is slow, up to four full ones are under way; a few requests more wait for the next."""
    go_on = asyncio.Event()
    judge, began = engine.reserve_many, list[int]()

    async def slowly(shop: str, requests: Sequence[ReserveRequest]) -> list[Reservation | CommerceError]:
        began.append(len(requests))
        await go_on.wait()
        return await judge(shop, requests)

    monkeypatch.setattr(engine, "reserve_many", slowly)

    def rush(first: int, count: int) -> list[asyncio.Task[Any]]:
        numbers = range(first, first + count)
        presses = (door.reserve(f"gu_p{n}", SHOP, wants(), f"key-{n:08d}") for n in numbers)
        return [asyncio.create_task(press) for press in presses]

    presses: list[asyncio.Task[Any]] = []
    for count in (1, 50, 250, 300):
        presses += rush(len(presses), count)
        for _ in range(5):
            await asyncio.sleep(0)
    assert began == [1, 100, 100, 100]
    go_on.set()
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in answers) == 10
    assert sum(began) == len(presses)
    assert door._groups == {}


async def test_one_request_waits_for_nobody(door: BuyingDoor, engine: CountsCalls) -> None:
    """Alone it is a call of its own, and the group is gone afterwards."""
    await door.reserve("gu_p1", SHOP, wants(), "key-00000001")
    await door.reserve("gu_p2", SHOP, wants(), "key-00000002")
    assert engine.packed == [1, 1]
    assert door._groups == {}


async def test_a_reservation_is_shown_with_titles_and_sums(door: BuyingDoor) -> None:
    """As the interface names them; the order of fields is no matter, their presence is."""
    body = Reserve([ReserveLine(MUG, 2, 1), ReserveLine(CAP, 1, 1)])
    held = await door.reserve("gu_p1", SHOP, body, "key-00000001")
    told = msgspec.to_builtins(held)
    assert told["state"] == "open"
    assert (told["shop"], told["person"], told["currency"]) == (SHOP, "gu_p1", "EUR")
    assert told["total_minor"] == 2 * 1000 + 2500
    assert told["lines"][0] == {
        "pool": MUG_POOL,
        "variant": MUG,
        "sale": None,
        "product": "pr_mug",
        "title": "Mug",
        "variant_title": "Blue",
        "quantity": 2,
        "price_minor": 1000,
        "price_version": 1,
    }
    assert [one.id for one in await door.mine("gu_p1", SHOP)] == [held.id]
    assert await door.mine("gu_p2", SHOP) == []


async def test_a_repeat_is_answered_with_the_same_reservation(door: BuyingDoor, shop: Shop) -> None:
    """With the same key and with a new one; at the same time and later."""
    first = await asyncio.gather(*(door.reserve("gu_p1", SHOP, wants(), "key-00000001") for _ in range(3)))
    later = await door.reserve("gu_p1", SHOP, wants(), "key-00000002")
    assert len({one.id for one in [*first, later]}) == 1
    assert (await shop.engine.pools(SHOP, [MUG_POOL]))[MUG_POOL].held == 1


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 1000, 10**30, float(2), True])
async def test_a_quantity_that_is_none_is_refused(door: BuyingDoor, shop: Shop, quantity: Any) -> None:
    """Zero, negative, fractional, huge; the stock is as it was."""
    with pytest.raises(BadQuantity):
        await door.reserve("gu_p1", SHOP, wants(quantity), "key-00000001")
    assert await untouched(shop)


async def test_what_is_not_sold_is_refused(door: BuyingDoor, shop: Shop) -> None:
    """An unknown variant, one that is not published, no key, an old price, another pool."""
    refusals = {
        "no_such_variant": wants(variant="va_none"),
        "price_changed": wants(price_version=9),
        "bad_request": Reserve([]),
    }
    for code, body in refusals.items():
        with pytest.raises(CommerceError) as refusal:
            await door.reserve("gu_p1", SHOP, body, "key-00000001")
        assert refusal.value.code == code
    with pytest.raises(NoSuchVariant):
        await door.reserve("gu_p1", SHOP, wants(variant="va_hat"), "key-00000001")
    for key in (None, "short", "x" * 65, "sp ace-sp ace"):
        with pytest.raises(KeyMissing):
            await door.reserve("gu_p1", SHOP, wants(), key)
    assert await untouched(shop)


async def test_a_full_door_says_busy(door: BuyingDoor, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is a bound, and it is counted."""
    monkeypatch.setattr(door_module, "MAX_WAITING", 2)
    rush = (door.reserve(f"gu_p{n}", SHOP, wants(), f"key-{n:08d}") for n in range(5))
    answers = await asyncio.gather(*rush, return_exceptions=True)
    assert [type(one) for one in answers if isinstance(one, BaseException)] == [Busy] * 3
    assert door.refused_busy_total == 3
    assert (await shop.engine.pools(SHOP, [MUG_POOL]))[MUG_POOL].held == 2


async def test_a_failing_call_leaves_nobody_waiting(
    door: BuyingDoor, engine: CountsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis goes away: all of the group hear of it, the next request starts afresh."""

    async def breaks(*_: object) -> list[Reservation | CommerceError]:
        raise Busy

    with monkeypatch.context() as broken:
        broken.setattr(engine, "reserve_many", breaks)
        rush = (door.reserve(f"gu_p{n}", SHOP, wants(), f"key-{n:08d}") for n in range(3))
        answers = await asyncio.gather(*rush, return_exceptions=True)
    assert [type(one) for one in answers] == [Busy] * 3
    assert (await door.reserve("gu_p1", SHOP, wants(), "key-00000009")).state == "open"


async def test_one_who_hangs_up_does_not_stop_the_others(door: BuyingDoor, shop: Shop) -> None:
    """A cancelled waiter keeps its place in the call; the others are answered."""
    waiting = [asyncio.create_task(door.reserve(f"gu_p{n}", SHOP, wants(), f"key-{n:08d}")) for n in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one).__name__ for one in answers] == ["ReservationView", "CancelledError", "ReservationView"]


async def test_changing_and_giving_back_is_told_to_the_person(door: BuyingDoor, shop: Shop) -> None:
    """Their other screens hear of it on the shop's channel for people."""
    listener = shop.engine.redis.pubsub()
    await listener.subscribe(people_channel(SHOP))
    held = await door.reserve("gu_p1", SHOP, wants(2), "key-00000001")
    changed = await door.change("gu_p1", SHOP, held.id, Change(MUG_POOL, 1), "key-00000002")
    assert [line.quantity for line in changed.lines] == [1]
    released = await door.release("gu_p1", SHOP, held.id)
    assert released.state == "released"
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while len(told) < 2:
            message = await listener.get_message(timeout=1)
            if message is not None and message["type"] == "message":
                told.append(msgspec.json.decode(message["data"]))
    await listener.aclose()
    assert [one["reservation"]["state"] for one in told] == ["open", "released"]
    assert {one["person"] for one in told} == {"gu_p1"}
    assert await untouched(shop)


async def test_other_peoples_holds_are_not_touched(door: BuyingDoor, shop: Shop) -> None:
    """Neither changed nor given back; unknown ones are unknown."""
    held = await door.reserve("gu_p1", SHOP, wants(2), "key-00000001")
    for call in (
        door.change("gu_p2", SHOP, held.id, Change(MUG_POOL, 1), "key-00000002"),
        door.release("gu_p2", SHOP, held.id),
    ):
        with pytest.raises(CommerceError) as refusal:
            await call
        assert refusal.value.code == "not_yours"
    with pytest.raises(CommerceError) as refusal:
        await door.release("gu_p1", SHOP, "rs_aaaaaaaaaaaaaaaa")
    assert refusal.value.code == "no_such_reservation"
    assert [one.lines[0].quantity for one in await door.mine("gu_p1", SHOP)] == [2]


async def test_sold_out_differs_from_all_held(door: BuyingDoor, shop: Shop) -> None:
    """Once nothing can come back."""
    held = await door.reserve("gu_p1", SHOP, wants(10), "key-00000001")
    with pytest.raises(CommerceError) as refusal:
        await door.reserve("gu_p2", SHOP, wants(), "key-00000002")
    assert refusal.value.code == "all_held"
    await shop.engine.pay_begin(
        SHOP, person="gu_p1", key="key-00000003", order="or_one", reservations=[held.id], announce=True
    )
    await shop.engine.commit(SHOP, order="or_one", reservations=[held.id])
    with pytest.raises(SoldOut):
        await door.reserve("gu_p2", SHOP, wants(), "key-00000004")


def test_the_rooms_messages_are_read_like_bodies() -> None:
    """The same fields, the same refusal of what is not one."""
    body = {"lines": [{"variant": MUG, "quantity": 1, "price_version": 1}], "show": "sh_1"}
    assert reserve_body(body) == Reserve([ReserveLine(MUG, 1, 1)], "sh_1")
    assert change_body({"pool": MUG_POOL, "quantity": 0}) == Change(MUG_POOL, 0)
    wrongs: list[object] = [{}, {"lines": "all"}, body | {"more": 1}, [], None]
    for wrong in wrongs:
        with pytest.raises(BadRequest):
            reserve_body(wrong)


async def test_a_shop_is_found_by_id_and_slug(door: BuyingDoor) -> None:
    """Paths may have either."""
    assert await door.shop_id(SHOP) == await door.shop_id("clay") == SHOP
    with pytest.raises(NoSuchShop):
        await door.shop_id("sp_none")
