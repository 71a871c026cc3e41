"""Process registry, leases and the loader of Functions, on a plain Redis and on a cluster node."""

import pytest
from redis.asyncio import Redis

from liveshop.errors import LiveshopError
from liveshop.redis.functions import LIBRARIES, all_libraries
from liveshop.redis.functions_redis import bring_functions, load_functions, loaded_sources
from liveshop.redis.leases_redis import KEY as LEASES_KEY
from liveshop.redis.leases_redis import Leases
from liveshop.redis.processes_redis import KEY, WAKE, NameTaken, Processes, ProcessInfo


def info(index: int = 0, boot: str = "b1", home: str = "here") -> ProcessInfo:
    """Describe a media process."""
    return ProcessInfo("media", index, boot, f"unix:/run/media-{index}.sock", 7, home)


@pytest.fixture
async def redis(redis_client: Redis) -> Redis:
    """Offer a Redis with this server's Functions."""
    await load_functions(redis_client, LIBRARIES)
    return redis_client


async def test_who_beats_lives(redis: Redis) -> None:
    """A process is listed by kind and index until it says that it is gone."""
    processes = Processes(redis)
    await processes.beat(info(1))
    await processes.beat(info(0))
    assert await processes.living("media") == [info(0), info(1)]
    assert await processes.living("front") == []
    assert await processes.gone("media-0", "b1")
    assert await processes.living() == [info(1)]


async def test_who_was_silent_is_not_listed(redis: Redis) -> None:
    """A beat that is older than its time to live does not count."""
    await Processes(redis).beat(info())
    old = await redis.hget(KEY, "media-0")
    assert isinstance(old, bytes)
    beat_ms, rest = old.decode().split(" ", 1)
    await redis.hset(KEY, "media-0", f"{int(beat_ms) - 4001} {rest}")
    assert await Processes(redis).living() == []


async def test_a_new_boot_takes_the_name_and_the_old_one_cannot_take_it_out(redis: Redis) -> None:
    """What a supervisor says late of a dead process does not touch its successor."""
    processes = Processes(redis)
    await processes.beat(info(boot="old"))
    await processes.beat(info(boot="new"))
    assert not await processes.gone("media-0", "old")
    assert await processes.living() == [info(boot="new")]


async def test_a_name_belongs_to_one_machine(redis: Redis) -> None:
    """A living process of another machine keeps its name, and nothing is changed."""
    processes = Processes(redis)
    await processes.beat(info(home="here"))
    with pytest.raises(NameTaken, match="LIVESHOP_FIRST_INDEX"):
        await processes.beat(info(home="there", boot="b2"))
    assert await processes.living() == [info(home="here")]


async def test_changes_are_announced(redis: Redis) -> None:
    """A new process and a dead one wake those who wait; a mere beat does not."""
    async with redis.pubsub(ignore_subscribe_messages=True) as listener:
        await listener.subscribe(WAKE)
        processes = Processes(redis)
        await processes.beat(info())
        await processes.beat(info())
        await processes.gone("media-0", "b1")
        await processes.beat(info(1))
        heard: list[bytes] = []
        while len(heard) < 3:
            message = await listener.get_message(timeout=5)
            assert message is not None or heard == [], "nothing more was announced"
            if message is not None:
                heard.append(message["data"])
    assert heard == [b"media-0", b"media-0", b"media-1"]


async def test_one_holder_at_a_time(redis: Redis) -> None:
    """A lease is kept by its holder, refused to others, and rises when it changes hands."""
    mine, other = Leases(redis, "mine"), Leases(redis, "other")
    assert await mine.take("job", 60_000) == 1
    assert await mine.take("job", 60_000) == 1
    before = await redis.hgetall(LEASES_KEY)
    assert await other.take("job", 60_000) is None
    assert await redis.hgetall(LEASES_KEY) == before
    assert not await other.free("job")
    assert await mine.free("job")
    assert await other.take("job", 60_000) == 2


async def test_a_lease_runs_out(redis: Redis) -> None:
    """A holder that does not come back loses its lease; the fencing number tells."""
    assert await Leases(redis, "dead").take("job", 0) == 1
    assert await Leases(redis, "mine").take("job", 60_000) == 2


async def test_leases_of_the_dead_are_free_at_once(redis: Redis) -> None:
    """A supervisor frees what a dead child held, and nothing else."""
    dead, living = Leases(redis, "dead"), Leases(redis, "living")
    await dead.take("a", 60_000)
    await dead.take("b", 60_000)
    await living.take("c", 60_000)
    assert await dead.drop_all() == 2
    assert await dead.drop_all() == 0
    assert await living.take("a", 60_000) == 2
    assert await dead.take("c", 60_000) is None


async def test_lost_functions_are_loaded_again(redis: Redis) -> None:
    """A Redis that was emptied gets its Functions at the next call."""
    await redis.function_flush()
    assert await Leases(redis, "mine").take("job", 1000) == 1
    await redis.function_flush()
    assert await Processes(redis).living() == []


async def test_loading_twice_changes_nothing(redis_client: Redis) -> None:
    """Only what is missing or different is loaded; all libraries of this release load together."""
    libraries = all_libraries()
    names = [name for name, _source in libraries]
    assert len(set(names)) == len(names)
    await redis_client.function_flush()
    assert sorted(await load_functions(redis_client, libraries)) == sorted(names)
    assert await load_functions(redis_client, libraries) == []
    assert list((await loaded_sources(redis_client)).values()) == [dict(libraries)]
    other = [(names[0], libraries[0][1] + "\n-- changed"), *libraries[1:]]
    assert await load_functions(redis_client, other) == [names[0]]


async def test_a_library_redis_refuses_is_named(redis_url: str) -> None:
    """The sentence says which library and why."""
    with pytest.raises(LiveshopError, match="library broken_1 cannot be loaded"):
        await bring_functions(redis_url, [("broken_1", "#!lua name=broken_1\nnonsense(")])


async def test_a_redis_that_is_not_there_is_named_without_its_password() -> None:
    """The sentence holds the address and no secret."""
    with pytest.raises(LiveshopError) as caught:
        await bring_functions("redis://:hunter2@127.0.0.1:1/0", LIBRARIES)
    assert "redis://127.0.0.1:1/0 cannot be used" in str(caught.value)
    assert "hunter2" not in str(caught.value)
