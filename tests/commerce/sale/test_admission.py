"""An overrun sale: people stand in line, hear of their place, and each is judged once."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import pytest

from commerce.errors import Busy, CommerceError
from commerce.events import Counters, Entry, Kind
from commerce.ids import new_id
from commerce.orders.people_redis import PeopleChannel
from commerce.sale.admission import QueueSettings, Rate
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.messages import Reserve, ReserveLine
from commerce.sale.refusals import AllHeld, Queued
from commerce.sale.types import Reservation, ReserveRequest
from tests.commerce.sale.a_shop import MUG, MUG_POOL, SALE, SALE_POOL, SHOP, Shop
from tests.commerce.sale.test_door import Shelf

FULL_CALL = 100
Place = tuple[int | None, int]


class SlowRedis(SaleEngine):
    """Answers when it is let; remembers whom it judged, in order."""

    def __init__(self, redis: Any) -> None:
        super().__init__(redis)
        self.go_on = asyncio.Event()
        self.judged: list[str] = []

    async def reserve_many(
        self, shop: str, requests: Sequence[ReserveRequest]
    ) -> list[Reservation | CommerceError]:
        """Wait, then pass on."""
        await self.go_on.wait()
        self.judged += [request.person for request in requests]
        return await super().reserve_many(shop, requests)


class Crowd:
    """People who press Buy at a door with a line; `places` is what each was told."""

    def __init__(self, shop: Shop, settings: QueueSettings) -> None:
        self.engine = SlowRedis(shop.engine.redis)
        people = PeopleChannel(self.engine.redis)
        self.door = BuyingDoor(self.engine, Shelf(), people, new_id, hold_ms=60_000, queue=settings)
        self.places: dict[str, list[Place]] = {}

    def press(self, person: str, *, key: str | None = None, sale: bool = False) -> asyncio.Task[Any]:
        """Press Buy, as over the websocket."""
        told = self.places.setdefault(person, [])
        pressing = self.door.reserve(
            person, SHOP, self.wants(sale=sale), key or f"key-of-{person}", lambda *place: told.append(place)
        )
        return asyncio.create_task(pressing)

    async def ask(self, person: str, key: str | None = None) -> Any:
        """Press Buy, as over HTTP."""
        return await self.door.reserve(person, SHOP, self.wants(), key or f"key-of-{person}")

    async def ask_until_answered(self, person: str) -> Any:
        """Ask with the same key again, as who is in line is told to."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(Queued):
                    return await self.ask(person)

    @staticmethod
    def wants(*, sale: bool = False) -> Reserve:
        """Ask for a mug."""
        return Reserve([ReserveLine(MUG, 1, 7 if sale else 1, SALE if sale else None)])

    async def overrun(self, count: int) -> list[asyncio.Task[Any]]:
        """Let more people press than Redis is asked about at one time."""
        presses = [self.press(f"gu_p{number:03}") for number in range(count)]
        async with asyncio.timeout(10):
            while not any(self.places.values()):  # noqa: ASYNC110 - the line is inside the door
                await asyncio.sleep(0)
        return presses


@pytest.fixture
def crowd(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Stand before a door that asks Redis about a hundred at a time."""
    monkeypatch.setattr("commerce.sale.admission.TELL_EVERY_S", 0.05)
    return Crowd(shop, QueueSettings(after_ms=0, patience_ms=50))


async def test_an_overrun_door_makes_a_line_and_everybody_is_answered(crowd: Crowd, shop: Shop) -> None:
    """Nobody hears `busy`; those in line hear a place that only gets better, and each is judged once."""
    presses = await crowd.overrun(700)
    assert 100 < crowd.door.in_line_total < 700
    crowd.engine.go_on.set()
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert crowd.door.in_line_total == 0
    held = [one for one in answers if not isinstance(one, BaseException)]
    assert len(held) == 10
    assert {one.code for one in answers if isinstance(one, CommerceError)} == {"all_held"}
    assert sorted(crowd.engine.judged) == sorted(crowd.places)
    told = [[position or 0 for position, _ in places] for places in crowd.places.values() if places]
    assert 100 < len(told) < 700
    assert all(places == sorted(places, reverse=True) for places in told)
    assert (await shop.counters(MUG_POOL)).held == 10
    assert crowd.door.refused_busy_total == 0


async def test_who_reconnects_keeps_the_place(crowd: Crowd) -> None:
    """The socket's task dies; the same request waits on where it stood, and is judged once."""
    presses = await crowd.overrun(700)
    presses[600].cancel()
    later = crowd.press("gu_p699")
    again = crowd.press("gu_p600")
    crowd.engine.go_on.set()
    await asyncio.gather(*presses, later, again, return_exceptions=True)
    assert crowd.engine.judged.count("gu_p600") == crowd.engine.judged.count("gu_p699") == 1
    assert crowd.engine.judged.index("gu_p600") < crowd.engine.judged.index("gu_p699")


async def test_over_http_the_place_is_the_answer(crowd: Crowd) -> None:
    """It may be asked for again with the same key; another request of the person has to wait."""
    presses = await crowd.overrun(700)
    with pytest.raises(Queued) as queued:
        await crowd.ask("gu_http")
    facts: dict[str, Any] = dict(queued.value.facts)
    assert facts["position"] > FULL_CALL
    assert facts["estimate_ms"] > 0
    with pytest.raises(Queued) as same:
        await crowd.ask("gu_http", key="another-key")
    later: dict[str, Any] = dict(same.value.facts)
    assert later["position"] <= facts["position"]
    crowd.engine.go_on.set()
    await asyncio.gather(*presses, return_exceptions=True)
    with pytest.raises(AllHeld):
        await crowd.ask_until_answered("gu_http")


async def test_who_can_get_nothing_is_told_before_their_turn(crowd: Crowd) -> None:
    """The line knows the stock: behind as many as there are units, nobody stands in vain."""
    follower = crowd.door.sold_out.follow(SHOP)
    counters = Counters(available=2, held=8, sold=0, withdrawn=0, total=10)
    follower.saw(Entry(id="1-0", kind=Kind.RESERVE, at_ms=1, pool=MUG_POOL, counters=counters))
    follower.at_end()
    presses = await crowd.overrun(700)
    done, _ = await asyncio.wait(presses, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert all(isinstance(one.exception(), AllHeld) for one in done)
    assert crowd.engine.judged == []
    crowd.engine.go_on.set()
    await asyncio.gather(*presses, return_exceptions=True)
    assert len(crowd.engine.judged) < 700


async def test_the_first_moments_of_a_sale_are_drawn(shop: Shop) -> None:
    """Nobody is judged before they are over; the order is not that of the presses."""
    crowd = Crowd(shop, QueueSettings(draw_ms=600))
    crowd.engine.go_on.set()
    await shop.sale(5, starts_in_ms=0)
    presses = [crowd.press(f"gu_p{number:03}", sale=True) for number in range(60)]
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in answers) == 5
    first = [places[0] for places in crowd.places.values()]
    assert all(position is None and 0 < wait_ms <= 600 for position, wait_ms in first)
    assert sorted(crowd.engine.judged) == sorted(crowd.places)
    assert crowd.engine.judged != sorted(crowd.places)
    assert (await shop.counters(SALE_POOL)).held == 5


async def test_a_full_line_is_busy(shop: Shop) -> None:
    """The bound is a bound; who is turned away holds nothing."""
    crowd = Crowd(shop, QueueSettings(draw_ms=400, most=3))
    crowd.engine.go_on.set()
    await shop.sale(5, starts_in_ms=0)
    answers = await asyncio.gather(
        *(crowd.press(f"gu_p{number}", sale=True) for number in range(5)), return_exceptions=True
    )
    assert [type(one) for one in answers if isinstance(one, BaseException)] == [Busy, Busy]
    assert (await shop.counters(SALE_POOL)).held == 3


def test_the_rate_is_learnt_from_full_calls() -> None:
    """A small call says nothing; what may wait for Redis follows the rate."""
    rate = Rate()
    before = rate.per_s
    rate.measured(5, 1.0)
    assert rate.per_s == before
    for _ in range(50):
        rate.measured(FULL_CALL, 0.01)
    assert 9_900 < rate.per_s <= 10_000
    assert rate.room(250) == int(rate.per_s / 4)
    assert rate.room(0) == FULL_CALL
