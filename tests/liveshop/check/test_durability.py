"""`check` says what each Redis could lose, and compares it with what was promised; servers are real."""

import pytest
import redis

from liveshop.check.durability import durability_findings
from liveshop.check.findings import Finding
from liveshop.check.primaries_redis import check_redis
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.functions import all_libraries
from liveshop.redis.functions_redis import load_functions
from liveshop.settings.durability import Durability
from tests.fixtures_redis_many import Pair, ThreeNodes

GOOD = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always"}


async def looked_at(url: str, level: Durability, replicas: int = 1) -> list[Finding]:
    """Check a Redis as the command does."""
    return await check_redis(url, all_libraries(), level, replicas)


def sentences(found: list[Finding], mark: str) -> list[str]:
    """Keep the sentences of one mark."""
    return [one.sentence for one in found if one.mark == mark]


@pytest.mark.parametrize(
    ("settings", "level", "mark", "words"),
    [
        ({"appendfsync": "everysec"}, Durability.ALWAYS, "fault", "a power cut loses up to 2 s"),
        (
            {"appendfsync": "everysec"},
            Durability.EVERYSEC,
            "warning",
            "as LIVESHOP_DURABILITY",
        ),
        ({"appendfsync": "no"}, Durability.EVERYSEC, "fault", "a power cut loses up to some 30 s"),
        ({"appendonly": "no"}, Durability.EVERYSEC, "fault", "since the last snapshot, and so does a crash"),
        ({}, Durability.EVERYSEC, "ok", "keeps every acknowledged write"),
        ({"maxmemory-policy": "allkeys-lru"}, Durability.ALWAYS, "fault", "maxmemory-policy allkeys-lru"),
        ({"maxmemory-policy": "volatile-ttl"}, Durability.EVERYSEC, "fault", "must be noeviction"),
    ],
)
async def test_a_server_that_keeps_less_than_promised_is_a_fault(
    redis_plain_url: str, settings: dict[str, str], level: Durability, mark: str, words: str
) -> None:
    """A real server is configured so, and looked at."""
    with redis.Redis.from_url(redis_plain_url) as client:
        before = {name: client.config_get(name)[name] for name in GOOD}
        for name, value in {**GOOD, **settings}.items():
            client.config_set(name, value)
        try:
            found = await looked_at(redis_plain_url, level)
        finally:
            for name, value in before.items():
                client.config_set(name, value)
    assert any(words in text for text in sentences(found, mark)), found
    assert mark == "fault" or sentences(found, "fault") == []


async def test_replicated_wants_as_many_replicas_as_it_waits_for(redis_pair: Pair) -> None:
    """One follows: enough for one, too few for two; without any nothing can be sold."""
    enough = await looked_at(redis_pair.primary.url, Durability.REPLICATED)
    assert sentences(enough, "fault") == []
    assert any("losing the primary loses nothing" in text for text in sentences(enough, "ok"))
    assert any("if it takes the replicas too" in text for text in sentences(enough, "warning"))
    few = await looked_at(redis_pair.primary.url, Durability.REPLICATED, replicas=2)
    assert any("1 of 2 replicas: no hold and no sale" in text for text in sentences(few, "fault"))
    replica = await looked_at(redis_pair.replica.url, Durability.ALWAYS)
    assert any("is a replica and takes no writes" in text for text in sentences(replica, "fault"))


async def test_every_primary_of_a_cluster_is_named_with_its_libraries(redis_three_nodes: ThreeNodes) -> None:
    """One that lacks a library, or evicts, is told from the others."""
    client = open_redis(redis_three_nodes.url)
    await load_functions(client, all_libraries())
    await client.aclose()
    first, second, third = redis_three_nodes.servers
    first.client.config_set("maxmemory-policy", "allkeys-lfu")
    second.command("FUNCTION", "DELETE", "liveshop_sale_1")
    try:
        found = await looked_at(redis_three_nodes.url, Durability.ALWAYS)
    finally:
        first.client.config_set("maxmemory-policy", "noeviction")
    evicting = [text for text in sentences(found, "fault") if "maxmemory-policy" in text]
    assert len(evicting) == 1
    assert f":{first.port} " in evicting[0]
    loaded = [text for text in sentences(found, "ok") if "libraries of this release: " in text]
    assert {port for port in (first.port, second.port, third.port) if f":{port} " in "".join(loaded)} == {
        first.port,
        third.port,
    }
    assert all(name in loaded[0] for name, _source in all_libraries())
    missing = f"not all loaded at redis://127.0.0.1:{second.port}"
    assert any(missing in text for text in sentences(found, "ok"))


def test_a_server_that_does_not_tell_is_a_warning() -> None:
    """Hosted ones refuse CONFIG: what to see to is named."""
    found = durability_findings(None, {}, Durability.ALWAYS, 1, "h")
    assert [one.mark for one in found] == ["warning", "warning"]
    assert "appendfsync always" in found[1].sentence
