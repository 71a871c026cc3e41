"""Viewers that do not read: bounded, dropped, and told exactly what they missed when they read again."""

import socket
import time

import pytest
from redis.asyncio import Redis

from realtime import metrics as names
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.fanout import Outlet
from realtime.sockets.frames import SharedFrame
from realtime.store.store_redis import Speaker
from tests.realtime.client import RoomClient, new_key
from tests.realtime.stage import SHOW, Shop, serving

pytestmark = pytest.mark.alone


class FullOutlet:
    """A way out whose buffer is as full as the test says."""

    def __init__(self, real: Outlet) -> None:
        self._real = real
        self.buffered_bytes = 0

    def write(self, frame: SharedFrame) -> None:
        self._real.write(frame)

    def write_if_idle(self, frame: SharedFrame) -> bool:
        return not self.buffered_bytes and self._real.write_if_idle(frame)

    def close(self, code: CloseCode) -> None:
        self._real.close(code)

    def abort(self) -> None:
        self._real.abort()


async def test_a_viewer_that_does_not_read_is_dropped_and_others_are_not_delayed(plain_redis: Redis) -> None:
    """Its buffer has a bound; everybody else gets every comment within the limit."""
    shop = Shop(plain_redis)
    settings = RoomSettings(
        tick_ms=20, slow_at_bytes=4096, abort_at_bytes=32_768, abort_after_ms=60_000, talk_per_s=1000
    )
    stuck_socket = socket.socket()
    stuck_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with serving(plain_redis, shop, settings=settings) as front:
        stuck_socket.connect(("127.0.0.1", int(front.url.rsplit(":", 1)[1])))
        stuck = RoomClient(
            front.url, SHOW, "gu_stuck", sock=stuck_socket, compression=None, close_timeout=0.1
        )
        async with (
            stuck,
            RoomClient(front.url, SHOW, "ac_host") as host,
            RoomClient(front.url, SHOW, "gu_lin") as lin,
        ):
            connection = next(
                each
                for each in front.realtime.people.connections
                if each.session.person is not None and each.session.person.person == "gu_stuck"
            )
            stuck.stop_reading()
            delays_s: list[float] = []
            for number in range(400):
                if connection.outlet.buffered_bytes >= settings.abort_at_bytes:
                    break
                began_s = time.monotonic()
                connection.send_text(b'{"type":"ok","re":99,"padding":"%b"}' % (b"x" * 100_000))
                comment = {"id": f"co_{number}", "person": "ac_host", "badge": "host", "text": f"{number}"}
                who = Speaker("ac_host", "Host", "host", staff=True)
                await front.realtime.store.comment(SHOW, who, new_key(), comment)
                await lin.until_comment(f"co_{number}")
                delays_s.append(time.monotonic() - began_s)
            await host.comment("one more tick")
            await lin.until_self(lambda _: connection not in front.realtime.people.connections)
            assert front.metrics.counts[names.TOO_SLOW] == 1
            assert front.metrics.counts[names.SLOW_BEGUN] == 1
            assert max(delays_s) < 1.0
            assert lin.close_code is host.close_code is None


async def test_a_viewer_that_reads_again_gets_exactly_what_it_missed(plain_redis: Redis) -> None:
    """While it is slow it gets only state; then all the facts, once and in order."""
    shop = Shop(plain_redis)
    settings = RoomSettings(slow_at_bytes=8, abort_at_bytes=10_000_000, abort_after_ms=60_000)
    async with (
        serving(plain_redis, shop, settings=settings) as front,
        RoomClient(front.url, SHOW, "gu_slow") as slow,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
    ):
        room = front.realtime.rooms.open[SHOW].room
        (member,) = room.people["gu_slow"]
        full = FullOutlet(member.outlet)
        member.outlet = full
        full.buffered_bytes = 10
        for version in range(2, 7):
            await shop.enter("price", variant="va_1", price_minor=version, price_version=version)
            await lin.until_facts(version - 1)
        assert slow.facts == []
        full.buffered_bytes = 0
        room.sweep()
        await slow.until(lambda: len(slow.facts) == 5)
        assert slow.facts == lin.facts
        assert slow.position == lin.position
        await shop.pin("pr_1")
        await slow.until(lambda: slow.pinned == "pr_1")
        assert front.metrics.counts[names.CAUGHT_UP] == 1
