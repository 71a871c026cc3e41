"""Redis dies and comes back, or comes back older; viewers that do not read. Sockets and positions survive."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime import metrics as names
from realtime.close_codes import CloseCode
from realtime.fanout import Outlet
from realtime.frames import SharedFrame
from realtime.settings import RoomSettings
from realtime.store_redis import Speaker
from tests.fixtures_redis import running_redis
from tests.realtime.client import RoomClient, new_key
from tests.realtime.stage import SHOW, Shop, redis_of, serving

pytestmark = pytest.mark.alone


class Store:
    """A Redis that keeps what it says it keeps, and can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "r.sock"
        self.url = f"unix://{self.path}"
        self._stack = contextlib.ExitStack()

    async def start(self) -> None:
        words = (
            "--port",
            "0",
            "--unixsocket",
            str(self.path),
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        )
        self._process = self._stack.enter_context(running_redis(self.folder, *words))
        client = redis_of(self.url)
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(RedisError, OSError):
                    await client.ping()
                    break
                await asyncio.sleep(0)
        await client.aclose()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self._stack.close()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Offer a folder whose path fits a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="ls-room-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def kept(short_folder: Path) -> AsyncIterator[Store]:
    """Offer a durable Redis of one's own."""
    store = Store(short_folder)
    await store.start()
    yield store
    store.end()


class FullOutlet:
    """A way out whose buffer is as full as the test says."""

    def __init__(self, real: Outlet) -> None:
        self._real = real
        self.buffered_bytes = 0

    def write(self, frame: SharedFrame) -> None:
        self._real.write(frame)

    def close(self, code: CloseCode) -> None:
        self._real.close(code)

    def abort(self) -> None:
        self._real.abort()


@contextlib.asynccontextmanager
async def client_of(store: Store) -> AsyncIterator[Redis]:
    client = redis_of(store.url)
    try:
        yield client
    finally:
        await client.aclose()


async def _comment_when_back(client: RoomClient, text: str) -> None:
    """Say something as a client does: the same key until it is answered."""
    key = new_key()
    async with asyncio.timeout(15):
        while True:
            frame = await client.send_and_wait("comment", text=text, key=key)
            if frame["type"] == "ok":
                return
            assert frame["temporary"], frame


async def test_redis_killed_and_restarted_keeps_sockets_and_positions(kept: Store) -> None:
    """Nothing was lost, so nobody gets a snapshot; wake-ups work again."""
    settings = RoomSettings(poll_ms=60_000)
    async with client_of(kept) as redis:
        shop = Shop(redis)
        async with (
            serving(redis, shop, "front-0", settings) as one,
            serving(redis, shop, "front-1", settings) as two,
            RoomClient(one.url, SHOW, "ac_host") as host,
            RoomClient(two.url, SHOW, "gu_lin") as lin,
        ):
            await host.comment("before")
            await lin.until(lambda: lin.texts() == ["before"])
            kept.kill()
            await kept.start()
            await _comment_when_back(host, "after")
            await lin.until(lambda: lin.texts() == ["before", "after"])
            await host.until(lambda: host.position == lin.position)
            assert lin.position is not None
            assert lin.position["epoch"] == lin.hello["position"]["epoch"]
            assert (lin.snapshots, host.snapshots, lin.close_code, host.close_code) == (0, 0, None, None)
            assert two.metrics.counts[names.NEW_EPOCHS] == 0


async def test_a_restored_older_state_starts_a_new_epoch(kept: Store, short_folder: Path) -> None:
    """Everybody gets a snapshot of what is left, and goes on from there."""
    async with client_of(kept) as redis:
        shop = Shop(redis)
        async with (
            serving(redis, shop) as front,
            RoomClient(front.url, SHOW, "ac_host") as host,
            RoomClient(front.url, SHOW, "gu_lin") as lin,
        ):
            await host.comment("kept")
            await lin.until(lambda: lin.texts() == ["kept"])
            shutil.copytree(short_folder / "appendonlydir", short_folder / "older")
            await host.comment("lost")
            await lin.until(lambda: lin.texts() == ["kept", "lost"])
            before = lin.position
            kept.kill()
            shutil.rmtree(short_folder / "appendonlydir")
            (short_folder / "older").rename(short_folder / "appendonlydir")
            await kept.start()
            for client in (lin, host):
                await client.until_self(lambda me: me.snapshots == 1)
                assert client.texts() == ["kept"]
            assert before is not None
            assert lin.position is not None
            assert lin.position["epoch"] != before["epoch"]
            assert front.metrics.counts[names.NEW_EPOCHS] == 1
            async with RoomClient(front.url, SHOW, "gu_old", position=before) as old:
                assert old.hello["snapshot"] is not None
            await _comment_when_back(host, "goes on")
            await lin.until(lambda: lin.texts() == ["kept", "goes on"])


async def test_a_lost_log_is_noticed(plain_redis: Redis) -> None:
    """Even when everything is gone, the room starts again and sockets stay."""
    shop = Shop(plain_redis)
    async with serving(plain_redis, shop) as front, RoomClient(front.url, SHOW, "ac_host") as host:
        await host.comment("gone soon")
        await host.until(lambda: host.talk)
        await plain_redis.flushall()
        await host.until(lambda: host.snapshots == 1)
        assert host.texts() == []
        await host.comment("anew")
        await host.until(lambda: host.texts() == ["anew"])


async def test_killed_pubsub_connections_lose_nothing(plain_redis: Redis) -> None:
    """Pub/sub is only a wake-up: what was published meanwhile is read at the reconnect."""
    shop = Shop(plain_redis)
    settings = RoomSettings(poll_ms=60_000)
    async with (
        serving(plain_redis, shop, settings=settings) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        for number in range(5):
            await plain_redis.client_kill_filter(_type="pubsub")
            await shop.enter("price", variant="va_1", price_minor=number, price_version=number + 2)
        await mei.until(lambda: len(mei.facts) == 5)
        assert [fact["price_minor"] for fact in mei.facts] == list(range(5))


async def test_a_buyer_hears_their_own_state_after_the_people_channel_was_cut(plain_redis: Redis) -> None:
    """A message may have been lost; who never bought is not told."""
    shop = Shop(plain_redis)
    async with (
        serving(plain_redis, shop) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
    ):
        await mei.reserve("va_1", key="press-number-1")
        shop.reservations["press-number-1"]["state"] = "paying"
        await plain_redis.client_kill_filter(_type="pubsub")
        await mei.until(lambda: mei.you)
        assert mei.you[0]["event"] == "state"
        assert mei.you[0]["you"]["reservations"][0]["state"] == "paying"
        await lin.comment("nothing for me")
        assert lin.you == []


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
