"""Connections leave no circles for the collector, and the collector is kept away from those that stay."""

import asyncio
import gc
import os
import platform
import socket
from collections import Counter
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from benchmarks.relay.figures import resident_kib
from liveshop.serving.serving_http import served
from liveshop.watching.allocator_native import give_back
from liveshop.watching.garbage import CALM_LOOKS, CAME_TOTAL, LEAVING_TOTAL, LEFT_TOTAL, Garbage
from realtime.server import open_realtime
from realtime.settings import RoomSettings
from realtime.sockets.raw_frames_ws import RoomProtocol
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Counts, Shop, redis_of
from tests.waiting import until

VIEWERS = 30
OURS = ("liveshop.", "realtime.", "uvicorn.", "websockets.server", "uvloop.", "httptools.")


@pytest.fixture
def frozen_before() -> Iterator[None]:
    """Leave the collector as it was found: what stays is out of its sight (see `tests/conftest.py`)."""
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Circle:
    """Refers to itself."""

    def __init__(self, gone: list[str]) -> None:
        self.gone = gone
        self.itself = self

    def __del__(self) -> None:
        self.gone.append("circle")


async def test_a_viewer_who_left_leaves_nothing_to_collect(redis_plain_url: str) -> None:
    """Neither the HTTP protocol that took the handshake nor the room's: both are free at once."""
    redis: Redis = redis_of(redis_plain_url)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
    ports = Shop(redis).ports(Counts())
    async with (
        open_realtime(RoomSettings(), redis, ports, "front-0") as room,
        served(
            Starlette(routes=[WebSocketRoute("/ws/shows/{show}", room.endpoint)]), [listening], RoomProtocol
        ),
    ):
        async with RoomClient(url, SHOW, "gu_first"):
            pass
        await room.people.nobody.wait()
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for number in range(VIEWERS):
                async with RoomClient(url, SHOW, f"gu_{number}") as viewer:
                    await viewer.like()
            await until(lambda: not room.people.connections)
            await asyncio.sleep(0)
            gc.collect()
            found = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage)
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    await redis.aclose()
    assert {name: total for name, total in found.items() if name.startswith(OURS) and total >= VIEWERS} == {}


@pytest.mark.usefixtures("frozen_before")
def test_who_stays_is_put_out_of_the_collectors_sight() -> None:
    """A little more than before is not worth it, many are."""
    garbage, kept = Garbage(), [[] for _ in range(1_000)]  # type: ignore[var-annotated]
    before = gc.get_freeze_count()
    garbage.look(CAME_TOTAL - 1)
    assert gc.get_freeze_count() == before
    garbage.look(CAME_TOTAL)
    assert gc.get_freeze_count() >= before + len(kept)


@pytest.mark.usefixtures("frozen_before")
def test_what_became_garbage_meanwhile_is_found_when_nearly_all_have_left() -> None:
    """Frozen circles are not looked at while the room is full."""
    garbage, gone = Garbage(), list[str]()
    circle = Circle(gone)
    garbage.look(CAME_TOTAL)
    del circle
    garbage.look(CAME_TOTAL // 2)
    gc.collect()
    assert gone == []
    for _ in range(CALM_LOOKS + 1):
        garbage.look(CAME_TOTAL // 10)
    assert gone == ["circle"]


@pytest.mark.usefixtures("frozen_before")
def test_memory_is_given_back_when_many_have_left() -> None:
    """Not for a few, not while they are leaving, and once for the same departures."""
    given: list[int] = []
    garbage = Garbage(lambda: given.append(1))
    for connections_total in (3_000, *[3_000 - LEFT_TOTAL + 1] * 2 * CALM_LOOKS):
        garbage.look(connections_total)
    assert given == []
    for connections_total in range(2_000, 1_000, -LEAVING_TOTAL):
        garbage.look(connections_total)
    assert given == []
    for _ in range(2 * CALM_LOOKS):
        garbage.look(1_000)
    assert given == [1]


def test_holes_of_the_heap_go_back_to_the_system() -> None:
    """Of 100 MB in small pieces a hundredth stays, between the others."""
    pieces = [bytearray(1_000) for _ in range(100_000)]
    kept = pieces[::100]
    full_kib = resident_kib(os.getpid())
    del pieces
    freed_kib = resident_kib(os.getpid())
    assert give_back() == (platform.libc_ver()[0] == "glibc")  # others give back by themselves
    assert resident_kib(os.getpid()) < min(freed_kib, full_kib - 60_000)
    assert len(kept) == 1_000
