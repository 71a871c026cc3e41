"""Who carries a show: leases with fencing numbers, and the stream of media events, in a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streaming.broadcasts import BroadcastState
from streaming.errors import OwnerUnknownError
from streaming.events import AnyMediaEvent, Ended, HostAway, HostBack, HostLive, MediaMoved, parse, stream_key
from streaming.functions import owner_key
from streaming.owners_redis import RedisOwners
from streaming.ports import Ownership
from tests.streaming.media_server import LOOPBACK, media_server
from tests.streaming.raw_peer import VP8, RawPeer, publisher
from tests.waiting import until


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


@asynccontextmanager
async def process(redis: Any, name: str, boot: str) -> AsyncIterator[RedisOwners]:
    """The leases of one media process."""
    async with RedisOwners(redis, process=name, boot_id=boot) as owners:
        yield owners


@asynccontextmanager
async def away(owners: RedisOwners) -> AsyncIterator[None]:
    """Let one process not reach Redis."""
    working, owners._redis = owners._redis, Redis.from_url("unix:///no.sock", retry=Retry(NoBackoff(), 0))
    broken = owners._redis
    yield
    owners._redis = working
    await broken.aclose()


async def let_lapse(redis: Any, show: str) -> None:
    """Let a show's lease have run out a moment ago."""
    seconds, micros = await redis.time()
    await redis.hset(owner_key(show), "until_ms", str(seconds * 1000 + micros // 1000 - 1))


def heard(owners: RedisOwners) -> list[str]:
    """Every function that is called in Redis from now on, once it has answered."""
    names: list[str] = []
    call = owners._call

    async def noticed(function: str, show: str, *arguments: str) -> Any:
        answer = await call(function, show, *arguments)
        names.append(function)
        return answer

    owners._call = noticed  # type: ignore[method-assign] # to hear of it
    return names


def lapse(owners: RedisOwners, show: str) -> None:
    """Let this process be no longer sure of its lease."""
    owners._leases[show] = owners._leases[show]._replace(until_s=0.0)


@asynccontextmanager
async def serving(redis: Any, boot: str) -> AsyncIterator[httpx.AsyncClient]:
    """A media process 0 with its leases; yields a client of it."""
    async with (
        process(redis, "0", boot) as owners,
        media_server(LOOPBACK, owners) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        yield http


async def events_of(redis: Any, show: str, count: int) -> list[object]:
    """The show's media events, once there are `count`."""
    entries: list[Any] = []
    async with asyncio.timeout(5):
        while len(entries) < count:
            after = entries[-1][0] if entries else b"0"
            read = await redis.xread({stream_key(show): after}, block=1000)
            entries += [
                entry for _, found in (read.items() if isinstance(read, dict) else read) for entry in found
            ]
    assert len(entries) == count
    return [parse(fields) for _, fields in entries]


async def test_only_a_publisher_starts_a_show(redis: Any) -> None:
    """Before the first publish nobody owns it, and looking leaves no trace."""
    async with process(redis, "0", "a") as owners:
        assert await owners.claim("s1", publishing=False) == (Ownership.NEVER, "")
        assert await redis.exists(owner_key("s1")) == 0
        assert await owners.claim("s1", publishing=True) == (Ownership.OURS, "0")
        assert await owners.claim("s1", publishing=False) == (Ownership.OURS, "0")


async def test_a_living_owner_keeps_the_show(redis: Any) -> None:
    """Another process is told who it is, and changes nothing."""
    async with process(redis, "0", "a") as first, process(redis, "1", "b") as second:
        await first.claim("s1", publishing=True)
        before = await redis.hgetall(owner_key("s1"))
        assert await second.claim("s1", publishing=True) == (Ownership.ELSEWHERE, "0")
        assert await redis.hgetall(owner_key("s1")) == before


async def test_the_same_process_restarted_takes_over_at_once(redis: Any) -> None:
    """Its port can only be its own again; the room hears `media_moved` once."""
    await RedisOwners(redis, process="0", boot_id="a").claim("s1", publishing=True)
    async with process(redis, "0", "b") as again:
        assert await again.claim("s1", publishing=False) == (Ownership.MOVED, "0")
        assert await again.claim("s1", publishing=False) == (Ownership.OURS, "0")
    assert [type(event) for event in await events_of(redis, "s1", 1)] == [MediaMoved]


async def test_a_dead_process_loses_the_show_when_its_lease_lapses(redis: Any) -> None:
    """A sibling takes it then, under a higher fence."""
    await RedisOwners(redis, process="0", boot_id="a").claim("s1", publishing=True)
    await redis.hset(owner_key("s1"), "until_ms", "1")
    async with process(redis, "1", "b") as sibling:
        assert await sibling.claim("s1", publishing=False) == (Ownership.MOVED, "1")
    assert await redis.hget(owner_key("s1"), "fence") == b"2"


async def test_a_lease_is_renewed_while_its_holder_lives(redis: Any) -> None:
    """Even after it lapsed, as long as nobody took it."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        await redis.hset(owner_key("s1"), "until_ms", "1")
        calls = heard(owners)
        await until(lambda: "media_1_renew" in calls)
        assert int(await redis.hget(owner_key("s1"), "until_ms")) > 1


async def test_while_a_lease_lasts_nobody_asks_for_viewers(redis: Any) -> None:
    """For a publisher always, for a viewer once the lease may have lapsed; renewing makes it sure."""
    async with process(redis, "0", "a") as owners:
        calls = heard(owners)
        for publishing in (True, False, False, True):
            assert await owners.claim("s1", publishing=publishing) == (Ownership.OURS, "0")
        assert calls.count("media_1_claim") == 2
        lapse(owners, "s1")
        assert await owners.claim("s1", publishing=False) == (Ownership.OURS, "0")
        assert calls.count("media_1_claim") == 3
        lapse(owners, "s1")
        renewed = calls.count("media_1_renew")
        await until(lambda: calls.count("media_1_renew") > renewed + 1)
        assert await owners.claim("s1", publishing=False) == (Ownership.OURS, "0")
        assert calls.count("media_1_claim") == 3


async def test_a_show_that_ended_elsewhere_is_soon_asked_about_again(redis: Any) -> None:
    """The next renewal hears of it; from then on viewers do, too."""
    lost: list[str] = []
    async with process(redis, "0", "a") as owners, process(redis, "1", "b") as other:
        owners.on_lost = lost.append
        await owners.claim("s1", publishing=True)
        await other.end("s1")
        await until(lambda: lost)
        assert await owners.claim("s1", publishing=False) == (Ownership.ENDED, "")


async def test_who_lost_a_show_hears_of_it(redis: Any) -> None:
    """And its later events are not written."""
    lost: list[str] = []
    async with process(redis, "0", "a") as old, process(redis, "1", "b") as new:
        old.on_lost = lost.append
        await old.claim("s1", publishing=True)
        await redis.hset(owner_key("s1"), "until_ms", "1")
        await new.claim("s1", publishing=False)
        old.announce(HostAway("s1", 1, "0", 1))
        await until(lambda: lost)
        assert await old.claim("s1", publishing=False) == (Ownership.ELSEWHERE, "1")
    assert lost == ["s1"]
    assert [type(event) for event in await events_of(redis, "s1", 1)] == [MediaMoved]


async def test_leaving_in_good_order_frees_the_show(redis: Any) -> None:
    """The next process need not wait for the lease."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
    async with process(redis, "1", "b") as sibling:
        assert (await sibling.claim("s1", publishing=False))[0] is Ownership.MOVED


async def test_events_are_appended_once_and_in_order(redis: Any) -> None:
    """A repeated call changes nothing."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        sent: list[AnyMediaEvent] = [
            HostLive("s1", 5, "0", 1),
            HostAway("s1", 6, "0", 2),
            HostBack("s1", 7, "0", 3),
        ]
        for event in [*sent, sent[0], sent[2]]:
            owners.announce(event)
        assert await events_of(redis, "s1", 3) == sent
    assert await events_of(redis, "s1", 3) == sent


async def test_a_wake_up_follows_each_event(redis: Any) -> None:
    """Readers wait on the stream's key with `:wake`."""
    async with redis.pubsub() as waiting, process(redis, "0", "a") as owners:
        await waiting.subscribe(stream_key("s1") + ":wake")
        await waiting.get_message(timeout=5)
        await owners.claim("s1", publishing=True)
        owners.announce(HostLive("s1", 5, "0", 1))
        message = await waiting.get_message(timeout=5)
        assert message is not None
        assert message["type"] == "message"


async def test_an_ended_show_stays_ended(redis: Any) -> None:
    """`ended` is appended once, whoever says it how often, and keys go in time."""
    async with process(redis, "0", "a") as owners, process(redis, "1", "b") as other:
        await owners.claim("s1", publishing=True)
        await other.end("s1")
        await owners.end("s1")
        for one in (owners, other):
            assert (await one.claim("s1", publishing=True))[0] is Ownership.ENDED
    assert [type(event) for event in await events_of(redis, "s1", 1)] == [Ended]
    for key in (owner_key("s1"), stream_key("s1")):
        assert 29 * 86400 < await redis.ttl(key) <= 30 * 86400


async def test_functions_come_back_after_redis_lost_them(redis: Any) -> None:
    """FUNCTION FLUSH is not the end of a show."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        await redis.function_flush()
        assert (await owners.claim("s1", publishing=False))[0] is Ownership.OURS


async def test_without_redis_nothing_is_known_and_nothing_breaks() -> None:
    """Claims say so, events wait, and an end is not pretended."""
    nowhere: Any = Redis.from_url("unix:///nonexistent.sock", retry=Retry(NoBackoff(), 0))
    async with process(nowhere, "0", "a") as owners:
        assert await owners.claim("s1", publishing=True) == (Ownership.UNKNOWN, "")
        owners.announce(HostLive("s1", 1, "0", 1))
        with pytest.raises(OwnerUnknownError):
            await owners.end("s1")
    await nowhere.aclose()


async def test_events_reach_redis_when_it_is_back(redis: Any) -> None:
    """In order, after the outage."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        sent: list[AnyMediaEvent] = [HostLive("s1", 5, "0", 1), HostAway("s1", 6, "0", 2)]
        async with away(owners):
            for event in sent:
                owners.announce(event)
        assert await events_of(redis, "s1", 2) == sent


async def test_a_restarted_server_answers_viewers_of_a_published_show(redis: Any) -> None:
    """Its memory is empty; the lease's record says that the show was published: 201, and media_moved."""
    async with serving(redis, "a") as http, publisher(http) as host:
        await host.send_audio(1)
        await events_of(redis, "s1", 1)
    async with serving(redis, "b") as http:
        assert (await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")).status_code == 201
        assert (await RawPeer("recvonly", [VP8]).post(http, "/whep/s2")).status_code == 409
        async with publisher(http) as host:
            await host.send_audio(1)
            kinds = [type(event) for event in await events_of(redis, "s1", 3)]
    assert kinds == [HostLive, MediaMoved, HostBack]


async def died(redis: Any, show: str, boot: str) -> None:
    """Leave what a media process 0 leaves that carried a show and was killed."""
    killed = RedisOwners(redis, process="0", boot_id=boot)
    await killed.claim(show, publishing=True)


async def test_the_next_start_takes_over_what_the_killed_one_carried(redis: Any) -> None:
    """Before anybody asks: the room hears `media_moved` at once, and viewers are answered."""
    await died(redis, "s1", "a")
    async with process(redis, "0", "b") as owners, media_server(LOOPBACK, owners) as server:
        await server.inside.relay.resume()
        assert [type(event) for event in await events_of(redis, "s1", 1)] == [MediaMoved]
        async with httpx.AsyncClient(base_url=server.url, verify=False) as http:
            assert (await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")).status_code == 201
        assert len(await events_of(redis, "s1", 1)) == 1


async def test_a_host_that_does_not_follow_is_away_after_two_seconds(redis: Any) -> None:
    """A show taken over expects its host for as long as any silence may last."""
    await died(redis, "s1", "a")
    async with process(redis, "0", "b") as owners, media_server(LOOPBACK, owners) as server:
        await server.inside.relay.resume()
        kinds = [type(event) for event in await events_of(redis, "s1", 2)]
    assert kinds == [MediaMoved, HostAway]


async def test_what_is_over_or_elsewhere_is_not_taken_over(redis: Any) -> None:
    """The note of it goes; the owner's record stays as it is."""
    async with process(redis, "1", "c") as sibling:
        for show in ("s1", "s2"):
            await died(redis, show, "a")
        await redis.hset(owner_key("s2"), "until_ms", "1")
        await sibling.claim("s2", publishing=False)
        await redis.hset(owner_key("s1"), "ended", "1")
        async with process(redis, "0", "b") as owners, media_server(LOOPBACK, owners) as server:
            await server.inside.relay.resume()
            assert await owners.left_behind() == []
        assert await redis.hget(owner_key("s2"), "process") == b"1"
        assert await redis.exists(stream_key("s1")) == 0


async def test_shows_given_back_are_not_noted(redis: Any) -> None:
    """Neither after an orderly end of the process nor after the end of the show."""
    async with process(redis, "0", "a") as owners:
        for show in ("s1", "s2"):
            await owners.claim(show, publishing=True)
        assert await owners.left_behind() == ["s1", "s2"]
        await owners.end("s1")
        assert await owners.left_behind() == ["s2"]
    assert await RedisOwners(redis, process="0", boot_id="b").left_behind() == []


async def test_a_show_lost_and_taken_again_in_one_moment_is_noted(redis: Any) -> None:
    """The renewal heard that it was lost while a viewer's question was on its way."""
    async with process(redis, "0", "a") as owners:
        await owners.claim("s1", publishing=True)
        lapse(owners, "s1")
        call = owners._call

        async def lost_meanwhile(function: str, show: str, *arguments: str) -> Any:
            answer = await call(function, show, *arguments)
            del owners._leases[show]
            await owners.forget(show)
            return answer

        owners._call = lost_meanwhile  # type: ignore[method-assign] # what else only chance brings about
        assert await owners.claim("s1", publishing=False) == (Ownership.OURS, "0")
        owners._call = call  # type: ignore[method-assign]
        assert await owners.left_behind() == ["s1"]


async def test_two_viewers_at_once_find_the_show_published(redis: Any) -> None:
    """Whichever answer of Redis comes first, neither is told that nobody has published."""
    await died(redis, "s1", "a")
    async with process(redis, "0", "b") as owners, media_server(LOOPBACK, owners) as server:
        relay = server.inside.relay
        await owners.claim("s1", publishing=False)  # the first viewer's answer is still on its way
        assert (await relay._own("s1", publishing=False)).life.state is BroadcastState.EXPECTED


async def test_a_show_carried_by_a_sibling_is_421(redis: Any) -> None:
    """With the owner's name, for the front to try there."""
    async with (
        process(redis, "0", "a") as sibling,
        process(redis, "1", "b") as owners,
        media_server(LOOPBACK, owners) as server,
    ):
        await sibling.claim("s1", publishing=True)
        async with httpx.AsyncClient(base_url=server.url, verify=False) as http:
            response = await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")
            assert (response.status_code, response.json()["owner"]) == (421, "0")


async def test_media_flows_while_redis_is_away(redis: Any) -> None:
    """Known shows take viewers and publishers; unknown ones are 503 with Retry-After."""
    async with (
        process(redis, "0", "a") as owners,
        media_server(LOOPBACK, owners) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http) as host,
    ):
        await host.send_audio(1)
        async with away(owners):
            assert (await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")).status_code == 201
            lapse(owners, "s1")
            assert (await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")).status_code == 201
            response = await RawPeer("recvonly", [VP8]).post(http, "/whep/s2")
            assert (response.status_code, response.json()["code"]) == (503, "owner_unknown")
            assert "retry-after" in response.headers
