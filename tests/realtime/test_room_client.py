"""The client for programs: stays connected, resumes, repeats writes, notices gaps, stays away when told."""

import asyncio
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime import metrics as names
from realtime.client.backoff import CAP_S, FIRST_S, Backoff
from realtime.client.room_client_ws import RoomClient, RoomClosedError, Status
from realtime.client.socket_ws import RefusedError
from realtime.client.view import GapError, RoomView
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from tests.realtime.checker import truth_of
from tests.realtime.client import RoomClient as OneSocket
from tests.realtime.client import new_key
from tests.realtime.stage import SHOW, Front, Shop, serving

Json = dict[str, Any]
SOON = 0.02


def never_late() -> float:
    """Return nearly the shortest wait: tests need not be patient."""
    return SOON


def client_of(front: Front, person: str = "gu_mei", **options: Any) -> RoomClient:
    """Return a client of a front."""

    async def token() -> str:
        return person

    return RoomClient(front.url, SHOW, token, random=never_late, **options)


def drop(front: Front, person: str) -> int:
    """Cut a person's connections as a broken network does; returns how many."""
    mine = [
        each
        for each in front.realtime.people.connections
        if each.session.person is not None and each.session.person.person == person
    ]
    for connection in mine:
        connection.outlet.abort()
    return len(mine)


async def sees_price(client: RoomClient, minor: int) -> None:
    """Wait until a client shows this price."""
    await client.until(lambda view: view.scene.prices["va_1"]["price_minor"] == minor)


async def test_who_is_turned_away_stays_away_for_as_long_as_it_was_told(
    plain_redis: Redis, shop: Shop
) -> None:
    """One try is refused, the next comes after the time told, and is let in."""
    settings = RoomSettings(handshakes_burst=1, handshakes_per_s=1)
    async with serving(plain_redis, shop, settings=settings) as front:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await knock(front)
        async with client_of(front) as mei:
            assert loop.time() - began_s > 0.9  # a second after the knock the door has room again
            assert mei.connections_total == 1
        assert front.metrics.counts[names.TURNED_AWAY] == 1


async def knock(front: Front) -> None:
    """Use up what the door lets in at once."""
    async with OneSocket(front.url, SHOW, "gu_lin"):
        pass


async def test_a_cut_connection_is_made_again_and_goes_on_where_it_was(
    front: Front, shop: Shop, plain_redis: Redis
) -> None:
    """Facts come once each, over both connections together; no snapshot is taken."""
    heard: list[Json] = []
    async with client_of(front, on_frame=heard.append) as mei:
        for number in range(6):
            if number % 2:
                assert drop(front, "gu_mei") == 1
            await shop.enter("price", variant="va_1", price_minor=number, price_version=number + 2)
            await sees_price(mei, number)
        assert mei.connections_total == 4
    ticks = [frame["missed"] if frame["type"] == "hello" else frame for frame in heard]
    facts = [fact for tick in ticks if tick for fact in tick.get("facts", ())]
    truth = await truth_of(plain_redis)
    assert facts == [line.data for line in truth.lines]
    assert [frame["type"] for frame in heard].count("snapshot") == 0
    assert [frame["snapshot"] is None for frame in heard if frame["type"] == "hello"] == [
        False,
        True,
        True,
        True,
    ]


async def test_a_write_is_done_once_however_often_the_connection_is_cut(
    front: Front, plain_redis: Redis
) -> None:
    """It is sent again with its key until it is answered."""
    async with client_of(front) as mei:
        for number in range(3):
            writing = asyncio.create_task(mei.write("comment", text=f"number {number}"))
            await asyncio.sleep(0)
            drop(front, "gu_mei")
            answer = await writing
            assert answer["comment"]["text"] == f"number {number}"
        await mei.until(lambda view: len(view.comments) == 3)
        with pytest.raises(RefusedError, match="bad_message"):
            await mei.write("comment", text=5)
    texts = [line.data["text"] for line in (await truth_of(plain_redis)).lines]
    assert texts == ["number 0", "number 1", "number 2"]


async def test_a_draining_front_is_left_and_entered_anew(front: Front) -> None:
    """Within the time it said, without a growing wait."""
    async with client_of(front) as mei:
        connection = next(iter(front.realtime.people.connections))
        connection.send_text(b'{"type":"drain","after_ms":100}')
        await mei.until(lambda _: mei.connections_total == 2)
        assert mei.status is Status.OPEN


async def test_who_is_banned_stays_away(front: Front) -> None:
    """A close code of 4500 and more is for good; whoever waits is told."""
    async with client_of(front, "gu_spam") as spam, OneSocket(front.url, SHOW, "ac_mod") as mod:
        await mod.ask("ban", person="gu_spam", key=new_key())
        await spam.until(lambda _: spam.status is Status.CLOSED)
        with pytest.raises(RoomClosedError) as closed:
            await spam.write("comment", text="again")
        assert closed.value.code == CloseCode.BANNED
        assert (spam.status, spam.connections_total) == (Status.CLOSED, 1)


async def test_a_wrong_token_is_tried_once_more_and_then_given_up(front: Front) -> None:
    """It may have run out between its check and the hello."""
    asked: list[int] = []

    async def token() -> str:
        asked.append(1)
        return "wrong"

    with pytest.raises(RoomClosedError):
        async with RoomClient(front.url, SHOW, token, random=never_late):
            raise AssertionError("a wrong token was let in")
    assert len(asked) == 2


async def test_a_frame_that_does_not_follow_is_noticed_and_the_room_entered_anew(front: Front) -> None:
    """Without a position, so that a whole snapshot comes."""
    async with client_of(front) as mei:
        await mei.write("comment", text="before")
        await mei.until(lambda view: len(view.comments) == 1)
        await mei.until(lambda view: view.position is not None)
        connection = next(iter(front.realtime.people.connections))
        position = {**(mei.view.position or {}), "epoch": "another"}
        tick = {
            "type": "tick",
            "position": position,
            "server_time_ms": 1,
            "facts": [],
            "talk": [],
            "left_out": 0,
        }
        connection.send_text(json.dumps({**tick, "state": {}}).encode())
        await mei.until(lambda _: mei.gaps_total == 1 and mei.connections_total == 2)
        assert [comment["text"] for comment in mei.view.comments] == ["before"]


def _tick(offset: int, *seqs: int) -> Json:
    facts = [{"kind": "pin", "product": None, "at_ms": 1, "seq": seq} for seq in seqs]
    position = {"epoch": "e", "offset": offset, "tag": "t"}
    return {"position": position, "facts": facts, "talk": [], "left_out": 0, "state": {}}


@pytest.mark.parametrize(
    "tick",
    [
        _tick(4),
        _tick(9, 5, 7),
        _tick(9, 7, 7),
        _tick(9, 8, 7),
        _tick(9, 10),
        {**_tick(9), "position": {"epoch": "f", "offset": 9, "tag": "t"}},
        {**_tick(9, 9), "position": None},
    ],
)
def test_what_does_not_follow_is_refused_and_changes_nothing(tick: Json) -> None:
    """Another log, a step back, a fact twice, out of order, or beyond the position."""
    view = RoomView()
    view.position = {"epoch": "e", "offset": 5, "tag": "t"}
    with pytest.raises(GapError):
        view.take_tick(tick)
    assert view.position["offset"] == 5
    view.take_tick(_tick(9, 6, 9))
    assert view.position["offset"] == 9


def test_waits_grow_at_random_up_to_a_bound_and_begin_anew() -> None:
    """Full jitter: anything from nothing to the bound of the try."""
    backoff = Backoff(lambda: 0.5)
    waits = [backoff.next_s() for _ in range(8)]
    assert waits[:3] == [FIRST_S / 2, FIRST_S, FIRST_S * 2]
    assert max(waits) == CAP_S / 2
    backoff.reset()
    assert backoff.next_s() == FIRST_S / 2
