"""Hellos: a bounded number at a time, the rest in line, who finds the line full is told when to come back."""

import asyncio
import itertools
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.connections.session import State
from realtime.errors import RateLimited
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.turnstile import Turnstile
from tests.realtime.client import RefusedError, RoomClient
from tests.realtime.stage import SHOW, Shop, serving
from tests.waiting import until


class SlowShop(Shop):
    """Answers what is a person's own only when it may."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.answering = asyncio.Event()
        self.asked_total = 0

    async def own(self, person: str, show: str) -> dict[str, Any]:
        self.asked_total += 1
        await self.answering.wait()
        return await super().own(person, show)


@pytest.fixture
def slow_shop(plain_redis: Redis) -> SlowShop:
    """A shop that keeps everybody waiting at the door."""
    return SlowShop(plain_redis)


async def test_so_many_pass_at_a_time_and_the_others_in_order() -> None:
    """One at a time, first come first served; a failure frees the place."""
    turnstile, passed, free = Turnstile(1, 10, lambda: 0), list[int](), asyncio.Event()

    async def go(number: int) -> None:
        async with turnstile.passing():
            await free.wait()
            passed.append(number)
            if number == 0:
                raise ValueError

    tasks = [asyncio.create_task(go(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert turnstile.waiting == 2
    tasks[1].cancel()
    free.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert passed == [0, 2]
    assert turnstile.waiting == 0


async def test_a_full_line_tells_who_comes_when_to_come_back() -> None:
    """The line stays as it was."""
    turnstile, free = Turnstile(1, 1, lambda: 0), asyncio.Event()

    async def go() -> None:
        async with turnstile.passing():
            await free.wait()

    tasks = [asyncio.create_task(go()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited) as refusal:
        await go()
    assert refusal.value.retry_after_ms
    assert turnstile.waiting == 1
    free.set()
    await asyncio.gather(*tasks)


async def test_those_sent_away_come_as_fast_as_the_line_moves() -> None:
    """It learns how long one takes: appointments follow the line of now, each at another time."""
    now_ms, gates = 1_000, list[asyncio.Event]()
    turnstile = Turnstile(1, 3, lambda: now_ms)

    async def go() -> None:
        async with turnstile.passing():
            gate = asyncio.Event()
            gates.append(gate)
            await gate.wait()

    tasks = [asyncio.create_task(go())]
    for _ in range(200):
        tasks.append(asyncio.create_task(go()))
        await asyncio.sleep(0)
        now_ms += 20
        gates[-1].set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(go()) for _ in range(4)]
    await asyncio.sleep(0)
    waits_ms = []
    for _ in range(3):
        with pytest.raises(RateLimited) as refusal:
            await go()
        waits_ms.append(refusal.value.retry_after_ms or 0)
    assert 60 <= waits_ms[0] <= 100
    apart_ms = [later - earlier for earlier, later in itertools.pairwise(waits_ms)]
    assert apart_ms == pytest.approx([20, 20], abs=2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_hello_that_finds_the_line_full_is_closed_with_a_code_that_says_come_back(
    plain_redis: Redis, slow_shop: SlowShop
) -> None:
    """Nothing is asked of the shop for it, and those in line are served."""
    settings = RoomSettings(hellos_at_once=1, hellos_waiting_total=1)
    async with serving(plain_redis, slow_shop, settings=settings) as front:
        clients = [RoomClient(front.url, SHOW, f"gu_{number}") for number in range(3)]
        for client in clients:
            await client.open()
        people = front.realtime.people
        waiting = [asyncio.create_task(client.say_hello()) for client in clients[:2]]
        await until(
            lambda: sum(each.session.state is State.ADMITTING for each in people.connections) == len(waiting)
        )
        with pytest.raises(RefusedError) as refusal:
            await clients[2].say_hello()
        assert refusal.value.code == "rate_limited"
        assert refusal.value.frame["retry_after_ms"]
        assert await clients[2].until_closed() == CloseCode.RATE_LIMITED
        assert slow_shop.asked_total == 1
        slow_shop.answering.set()
        await asyncio.gather(*waiting)
        for client in clients:
            await client.close()


async def test_who_leaves_before_the_answer_is_nobody_in_the_room(
    plain_redis: Redis, slow_shop: SlowShop
) -> None:
    """A socket that closed while its hello was answered neither stays nor counts as a viewer."""
    async with serving(plain_redis, slow_shop) as front:
        slow_shop.answering.set()
        async with RoomClient(front.url, SHOW, "gu_lin") as lin:
            room = front.realtime.rooms.open[SHOW].room
            slow_shop.answering.clear()
            mei = RoomClient(front.url, SHOW, "gu_mei")
            await mei.open()
            saying = asyncio.create_task(mei.say_hello())
            await until(lambda: slow_shop.asked_total == 2)
            await mei.close()
            await until(lambda: len(front.realtime.people.connections) == 1)
            slow_shop.answering.set()
            await asyncio.gather(saying, return_exceptions=True)
            await lin.comment("still here")
            assert set(room.people) == {"gu_lin"}
            assert room.viewers_here == 1
