"""Whatever happens to Redis, viewers keep their sockets and end with what its log holds, each fact once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from commerce.clients_redis import open_client
from realtime import metrics as names
from realtime.settings import RoomSettings
from realtime.store.keys import ShowKeys, wake_channel
from tests.fixtures_redis import SwallowingProxy
from tests.realtime.checker import agree, truth_of
from tests.realtime.client import RoomClient
from tests.realtime.company import Company, company, until_done
from tests.realtime.kept_redis import KeptRedis
from tests.realtime.stage import SHOW, Shop, redis_of, serving

pytestmark = pytest.mark.together
# Longer than any test: what arrives was woken for.
ONLY_WOKEN = RoomSettings(poll_ms=60_000)
LOG = ShowKeys.of(SHOW).log
AUDIT = {"action": "modes", "actor": "ac_other", "target": None}


@contextlib.asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Redis]:
    """Open a client as liveshop makes them."""
    client = redis_of(url)
    try:
        yield client
    finally:
        await client.aclose()


@contextlib.asynccontextmanager
async def kept_company(
    kept: KeptRedis, settings: RoomSettings | None = None
) -> AsyncIterator[tuple[Company, Redis]]:
    """Open a company of four fronts over a Redis that may be killed, and a client to look at it."""
    async with client_of(kept.url) as redis, company(redis, redis, settings, fronts_total=4) as all_of_them:
        yield all_of_them, redis


@contextlib.asynccontextmanager
async def behind(proxy: SwallowingProxy, url: str) -> AsyncIterator[tuple[Company, Redis]]:
    """Open a company whose fronts go through the proxy and wait half a second for an answer."""
    through = open_client(proxy.url, answer_timeout_s=0.5)
    try:
        async with client_of(url) as direct, company(through, direct) as everybody:
            yield everybody, direct
    finally:
        await through.aclose()


async def test_redis_killed_and_restarted_keeps_sockets_and_positions(kept: KeptRedis) -> None:
    """Nothing was lost, so nobody gets a snapshot and the epoch stays; wake-ups work again."""
    async with kept_company(kept, ONLY_WOKEN) as (everybody, redis):
        before = await agree(redis, *everybody.all)
        for _ in range(2):
            happening = asyncio.create_task(everybody.happen())
            await everybody.lin.until_comment_by("gu_mei")
            kept.kill()
            await kept.start()
            await happening
        after = await agree(redis, *everybody.all)
        assert after.position["epoch"] == before.position["epoch"]
        assert after.position["offset"] > before.position["offset"]
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]
        assert {front.metrics.counts[names.NEW_EPOCHS] for front in everybody.fronts} == {0}


async def test_what_a_restored_older_state_lost_is_gone_from_every_client(kept: KeptRedis) -> None:
    """One new epoch, one snapshot for everybody, staff's board with it; and then they go on."""
    async with kept_company(kept) as (everybody, redis):
        await everybody.happen()
        old = await agree(redis, *everybody.all)
        kept.save()
        await everybody.happen()
        lost = await agree(redis, *everybody.all)
        kept.kill()
        kept.set_back()
        await kept.start()
        new = await agree(redis, *everybody.all)
        assert new.position["epoch"] != lost.position["epoch"]
        assert (new.board, new.slow_mode_s) == (old.board, old.slow_mode_s) != (lost.board, lost.slow_mode_s)
        assert [client.snapshots for client in everybody.all] == [1, 1, 1, 1]
        assert sum(front.metrics.counts[names.NEW_EPOCHS] for front in everybody.fronts) >= 1
        async with RoomClient(everybody.fronts[0].url, SHOW, "gu_old", position=lost.position) as back:
            assert back.hello["snapshot"] is not None
        await everybody.happen()
        await agree(redis, *everybody.all)


async def test_an_older_state_that_grew_on_before_anybody_looked_is_noticed(kept: KeptRedis) -> None:
    """Its offsets pass those already read; the random tags tell that they are others."""
    async with kept_company(kept) as (everybody, redis):
        await everybody.happen()
        kept.save()
        await everybody.happen()
        lost = await agree(redis, *everybody.all)
        kept.kill()
        kept.set_back()
        moved = kept.path.with_name("elsewhere.sock")
        await kept.start(moved)
        async with client_of(f"unix://{moved}") as elsewhere:
            store = everybody.fronts[0].realtime.store
            other = type(store)(elsewhere, iter("abcdefghijklmnopqrstuvwxyz").__next__, 1000)
            while (await truth_of(elsewhere)).position["offset"] < lost.position["offset"] + 5:
                offset = (await truth_of(elsewhere)).position["offset"]
                await other.board(SHOW, "ac_other", f"key-{offset}", "greeting", offset, audit=AUDIT)
        kept.kill()
        await kept.start()
        new = await agree(redis, *everybody.all)
        assert new.position["offset"] > lost.position["offset"]
        assert [client.snapshots for client in everybody.all] == [1, 1, 1, 1]


async def test_a_lost_log_is_noticed(plain_redis: Redis) -> None:
    """Even when everything is gone, the room starts again and sockets stay."""
    async with company(plain_redis, plain_redis) as everybody:
        await everybody.happen()
        await agree(plain_redis, *everybody.all)
        await plain_redis.flushall()
        await everybody.host.until(lambda: everybody.host.snapshots == 1)
        await everybody.happen()
        truth = await agree(plain_redis, *everybody.all)
        assert [line.offset for line in truth.lines][:1] == [1]


async def test_a_log_trimmed_behind_a_front_s_back_gives_a_snapshot_in_the_same_epoch(
    swallowing_proxy: SwallowingProxy, redis_url: str
) -> None:
    """A hole between what was read and what is there is never told in part."""
    async with behind(swallowing_proxy, redis_url) as (everybody, direct):
        await everybody.happen()
        before = await agree(direct, *everybody.all)
        swallowing_proxy.hold()
        store = type(everybody.fronts[0].realtime.store)(direct, iter("abcdefghij").__next__, 1000)
        for number in range(4):
            await store.board(SHOW, "ac_other", f"key-{number}", "greeting", number, audit=AUDIT)
        await direct.xtrim(LOG, maxlen=2, approximate=False)
        swallowing_proxy.cut()
        swallowing_proxy.let_go()
        after = await agree(direct, *everybody.all)
        assert after.position["epoch"] == before.position["epoch"]
        assert [client.snapshots for client in everybody.all] == [1, 1, 1, 1]
        assert all(front.metrics.counts[names.NEW_EPOCHS] == 0 for front in everybody.fronts)


async def test_cut_connections_lose_and_double_nothing(
    swallowing_proxy: SwallowingProxy, redis_url: str
) -> None:
    """All at once, again and again, while the room is busy."""
    async with behind(swallowing_proxy, redis_url) as (everybody, direct):
        for _ in range(3):
            happening = asyncio.create_task(everybody.happen())
            while not happening.done():
                swallowing_proxy.cut()
                await asyncio.wait([happening], timeout=0.2)
            await happening
        await agree(direct, *everybody.all)
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "word", ["room_1_comment", "room_1_append", "room_1_presence", "room_1_board", "XRANGE", "room_1_"]
)
async def test_swallowed_answers_lose_and_double_nothing(
    swallowing_proxy: SwallowingProxy, redis_url: str, word: str
) -> None:
    """What was done is not done again, what was not is; nobody is sent a snapshot."""
    async with behind(swallowing_proxy, redis_url) as (everybody, direct):
        swallowing_proxy.swallow(word, 5)
        while swallowing_proxy.swallowed < 5:
            await everybody.happen()
        await agree(direct, *everybody.all)
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


async def test_a_redis_that_answers_nothing_for_a_while_loses_nothing(
    swallowing_proxy: SwallowingProxy, redis_url: str
) -> None:
    """Nothing says that it is gone: calls run into their time limit, and repeat with their keys."""
    async with behind(swallowing_proxy, redis_url) as (everybody, direct):
        await everybody.happen()
        happening = asyncio.create_task(everybody.happen())
        swallowing_proxy.hold()
        await asyncio.wait([happening], timeout=1.5)
        assert not happening.done()
        swallowing_proxy.let_go()
        await happening
        await agree(direct, *everybody.all)
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


async def test_a_reader_cut_off_by_the_output_buffer_limit_reads_again(plain_redis: Redis) -> None:
    """Of wake-ups: the connection comes back and everybody looks; nothing waits for the next poll."""
    async with company(plain_redis, plain_redis, ONLY_WOKEN) as everybody, limits(plain_redis):
        await plain_redis.config_set("client-output-buffer-limit", "pubsub 65536 65536 1")
        reconnects = everybody.fronts[0].metrics.counts[names.WAKE_RECONNECTS]
        for _ in range(3):
            happening = asyncio.create_task(everybody.happen())
            await plain_redis.spublish(wake_channel(LOG), b"x" * 300_000)
            await happening
        await agree(plain_redis, *everybody.all)
        assert everybody.fronts[0].metrics.counts[names.WAKE_RECONNECTS] > reconnects
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


async def test_a_batch_that_is_cut_off_is_read_in_smaller_pieces(
    swallowing_proxy: SwallowingProxy, redis_url: str
) -> None:
    """Redis drops a client whose answer passes the limit: half as much is asked for, until it fits."""
    async with behind(swallowing_proxy, redis_url) as (everybody, direct), limits(direct):
        await agree(direct, *everybody.all)
        swallowing_proxy.hold()
        store = type(everybody.fronts[0].realtime.store)(direct, "seed".__str__, 1000)
        for number in range(60):
            await store.board(SHOW, "ac_other", f"key-{number}", "long", {"text": f"{number}" * 4_000})
        await direct.config_set("client-output-buffer-limit", "normal 200000 0 0")
        swallowing_proxy.cut()
        swallowing_proxy.let_go()
        await agree(direct, *everybody.all)
        assert everybody.fronts[0].metrics.counts[names.STORE_ERRORS] > 0
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


@contextlib.asynccontextmanager
async def limits(redis: Redis) -> AsyncIterator[None]:
    """Put the output buffer limits back as they were."""
    try:
        yield
    finally:
        for words in ("normal 0 0 0", "pubsub 33554432 8388608 60"):
            await until_done(lambda words=words: redis.config_set("client-output-buffer-limit", words))  # type: ignore[misc]


async def test_killed_pubsub_connections_lose_nothing(plain_redis: Redis) -> None:
    """Pub/sub is only a wake-up: what was published meanwhile is read at the reconnect."""
    async with company(plain_redis, plain_redis, ONLY_WOKEN) as everybody:
        for _ in range(3):
            await plain_redis.client_kill_filter(_type="pubsub")
            await everybody.happen()
        await agree(plain_redis, *everybody.all)
        assert [client.snapshots for client in everybody.all] == [0, 0, 0, 0]


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
