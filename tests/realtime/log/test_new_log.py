"""Between an old log and a new one nobody is told a mixture: ticks, hellos and what was waiting."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from realtime.log.entries import Entry, Kind
from realtime.room.room import Room
from realtime.settings import RoomSettings
from realtime.shapes import Position
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.fanout import Member
from realtime.sockets.frames import SharedFrame
from tests.realtime.client import RoomClient
from tests.realtime.room.test_scene import SNAPSHOT
from tests.realtime.stage import SHOW, Counts, Shop, serving

Json = dict[str, Any]


class Screen:
    """A way out that keeps what was written."""

    buffered_bytes = 0

    def __init__(self) -> None:
        self.frames: list[Json] = []

    def write(self, frame: SharedFrame) -> None:
        self.frames.append(json.loads(frame.text))

    def write_if_idle(self, frame: SharedFrame) -> bool:
        """Show it."""
        self.write(frame)
        return True

    def close(self, code: CloseCode) -> None:
        raise AssertionError(code)

    def abort(self) -> None:
        raise AssertionError("nobody reads slowly here")


def _room(*members: Member) -> Room:
    room = Room(SHOW, RoomSettings(), Counts(), lambda: 0, lambda _: None)
    room.scene.refresh(SNAPSHOT)
    room.begin(Position("old", 0, ""), [])
    for member in members:
        room.add(member)
    return room


def _pin(offset: int) -> Entry:
    fact = {"kind": "pin", "product": "pr_1", "at_ms": 1, "seq": offset}
    return Entry(offset, Kind.FACT, msgspec.json.encode(fact), f"tag{offset}", fact)


async def test_a_tick_under_way_never_comes_behind_the_new_log_s_snapshot() -> None:
    """A fan-out to many is cut into slices; the snapshot waits for its end."""
    screens = [Screen() for _ in range(200)]
    room = _room(*(Member(screen, f"gu_{n}", staff=n == 7) for n, screen in enumerate(screens)))
    room.take([_pin(1)])
    ticking = asyncio.create_task(room.flush())
    await asyncio.sleep(0)  # the first slice
    assert 0 < sum(len(screen.frames) for screen in screens) < len(screens)
    room.begin(Position("new", 9, "t"), [])
    await room.snapshot_to_all()
    await ticking
    for place, screen in enumerate(screens):
        assert [frame["type"] for frame in screen.frames] == ["tick", "snapshot"], place
        assert screen.frames[-1]["position"]["epoch"] == "new"
        assert (screen.frames[-1]["staff_board"] is not None) == (place == 7)


async def test_what_waited_for_its_tick_is_forgotten_with_the_old_log() -> None:
    """Entries and counters of a state that was lost are not told after the snapshot."""
    screen = Screen()
    room = _room(Member(screen, "gu_mei", staff=False))
    room.take([_pin(1)])
    room.set_stock("po_1", {"available": 0, "held": 5, "sold": 0, "total": 5})
    room.begin(Position("new", 9, "t"), [])
    await room.snapshot_to_all()
    await room.flush()
    assert [frame["type"] for frame in screen.frames] == ["snapshot"]


async def test_a_log_that_begins_anew_while_somebody_comes_back_gives_them_a_snapshot(
    plain_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older entries read of the old log are not told as a part of the new one."""
    shop = Shop(plain_redis)
    settings = RoomSettings(ring_entries_total=2)
    async with (
        serving(plain_redis, shop, settings=settings) as front,
        RoomClient(front.url, SHOW, "ac_host") as host,
    ):
        first = await host.comment("first")
        await host.until_comment(first["id"])
        old = host.position
        for number in range(4):
            said = await host.comment(f"number {number}")
            await host.until_comment(said["id"])
        store, read = front.realtime.store, front.realtime.store.read
        asked: list[int] = []

        async def meanwhile(show: str, after: int, count: int) -> Any:
            found = await read(show, after, count)
            if old is not None and after == old["offset"] and count > 500 and not asked:
                asked.append(after)
                await store.new_epoch(show, old["epoch"])
                await host.until(lambda: host.snapshots == 1)
            return found

        monkeypatch.setattr(store, "read", meanwhile)
        async with RoomClient(front.url, SHOW, "gu_back", position=old) as back:
            assert asked
            assert back.hello["snapshot"] is not None
            assert back.position == host.position
            assert back.position is not None
            assert back.position["epoch"] != (old or {})["epoch"]
