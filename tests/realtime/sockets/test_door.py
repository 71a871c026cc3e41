"""Who comes in: bounded in all, from one address and a second; who is turned away hears when to come back."""

import asyncio
import json

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect

from realtime import metrics as names
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.door import Door, customer
from realtime.sockets.turnstile import Turnstile
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Front, Shop, serving

LIMIT_S = 5.0


async def knock(front: Front) -> tuple[dict[str, object], int]:
    """Connect without a word; returns what was said and the close code."""
    async with asyncio.timeout(LIMIT_S), connect(f"{front.url}/ws/shows/{SHOW}") as socket:
        said = json.loads(await socket.recv())
        await socket.wait_closed()
        assert socket.close_code is not None
        return said, socket.close_code


def door_of(settings: RoomSettings) -> Door:
    """Return a door whose line of hellos is empty."""
    return Door(settings, 0, Turnstile(32, 1_000, lambda: 0))


def test_one_address_takes_no_more_than_its_share_and_others_still_come() -> None:
    """The third of an office of two is turned away; a neighbour is not, and a place left is free again."""
    door = door_of(RoomSettings(sockets_per_address=2))
    assert door.enter("192.0.2.1", 0) is None
    assert door.enter("192.0.2.1", 0) is None
    turned_away = door.enter("192.0.2.1", 0)
    assert turned_away is not None
    assert turned_away.code.come_back
    assert turned_away.error.retry_after_ms
    assert door.enter("192.0.2.2", 0) is None
    door.leave("192.0.2.1")
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.1", 0) is None
    assert door.inside_total == 3


def test_a_full_process_turns_away_everybody() -> None:
    """Whatever the address; one that leaves makes room for one."""
    door = door_of(RoomSettings(sockets_total=1))
    assert door.enter("192.0.2.1", 0) is None
    assert door.enter("192.0.2.2", 0) is not None
    door.leave("192.0.2.2")
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.3", 0) is None


def test_handshakes_are_let_in_at_a_bounded_rate() -> None:
    """A burst at once, then as many as time allows; the wait that is told is long enough."""
    door = door_of(RoomSettings(handshakes_burst=3, handshakes_per_s=10))
    assert [door.enter("", 0) is None for _ in range(4)] == [True, True, True, False]
    turned_away = door.enter("", 0)
    assert turned_away is not None
    assert turned_away.error.code == "rate_limited"
    wait_ms = turned_away.error.retry_after_ms
    assert wait_ms is not None
    assert door.enter("", wait_ms) is None


def test_a_crowd_gets_appointments_one_after_the_other() -> None:
    """Each comes at another time, as fast as the process lets in, and is then let in."""
    door = door_of(RoomSettings(handshakes_burst=1, handshakes_per_s=10))
    assert door.enter("", 0) is None
    crowd = [door.enter("", 0) for _ in range(5)]
    waits_ms = [each.error.retry_after_ms or 0 for each in crowd if each is not None]
    assert waits_ms == [100, 200, 300, 400, 500]
    assert [door.enter("", wait_ms) for wait_ms in waits_ms] == [None] * 5


def test_nobody_is_sent_away_for_more_than_a_minute() -> None:
    """Also when the crowd is endless."""
    door = door_of(RoomSettings(handshakes_burst=1, handshakes_per_s=1))
    door.enter("", 0)
    crowd = [door.enter("", 0) for _ in range(100)]
    assert max(each.error.retry_after_ms or 0 for each in crowd if each is not None) == 60_000


def test_sockets_without_an_address_share_no_bound() -> None:
    """A Unix socket's clients are not one client."""
    door = door_of(RoomSettings(sockets_per_address=1))
    assert door.enter("", 0) is None
    assert door.enter("", 0) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "20010db800010002/64"),
        ("2001:db8:1:2:ffff::9", "20010db800010002/64"),
        ("nonsense", ""),
    ],
)
def test_an_ipv6_customer_is_a_network(address: str, counted: str) -> None:
    """Addresses of one /64 are one customer, as its owner may use all of them."""
    assert customer(address) == counted


async def test_who_is_turned_away_hears_when_to_come_back_and_costs_nothing(
    plain_redis: Redis, shop: Shop
) -> None:
    """An error with `retry_after_ms`, then 4008; who is inside goes on, and a freed place is taken."""
    async with serving(plain_redis, shop, settings=RoomSettings(sockets_per_address=1)) as front:
        async with RoomClient(front.url, SHOW, "gu_mei") as mei:
            said, code = await knock(front)
            assert (said["type"], said["re"], said["code"]) == ("error", None, "rate_limited")
            assert isinstance(said["retry_after_ms"], int)
            assert code == CloseCode.RATE_LIMITED
            assert front.metrics.counts[names.TURNED_AWAY] == 1
            assert front.metrics.counts[names.SNAPSHOTS] == 1
            await mei.comment("still here")
        people = front.realtime.people
        async with asyncio.timeout(LIMIT_S):
            await people.nobody.wait()
        async with RoomClient(front.url, SHOW, "gu_lin") as lin:
            await lin.comment("in")


async def test_a_drain_asks_batch_after_batch(plain_redis: Redis, shop: Shop) -> None:
    """Each hears a short time of its own; the last are asked when the first are long gone."""
    settings = RoomSettings(drain_spread_ms=600, drain_batches_total=3, sockets_per_person=9)
    async with serving(plain_redis, shop, settings=settings) as front:
        clients = [RoomClient(front.url, SHOW, f"gu_{number}") for number in range(6)]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.__aenter__())
        loop = asyncio.get_running_loop()
        asked_s: list[float] = []

        async def asked(client: RoomClient) -> None:
            await client.until_self(lambda one: one.drained)
            asked_s.append(loop.time())

        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(asked(client))
            group.create_task(front.realtime.drain())
        assert {client.drained["after_ms"] for client in clients if client.drained} == {200}
        assert max(asked_s) - min(asked_s) >= 0.2
        assert [await client.until_closed() for client in clients] == [CloseCode.DRAIN] * 6
        for client in clients:
            await client.__aexit__(None, None, None)
