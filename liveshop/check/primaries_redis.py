"""What `check` asks of every primary: version, eviction, what a crash could lose, memory, Functions."""

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from commerce.clients_redis import on_primaries
from liveshop.check.durability import SETTINGS, durability_findings
from liveshop.check.findings import Finding, fault, fine, warning
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.embedded_redis_process import OLDEST_VERSION
from liveshop.redis.functions_redis import Libraries, loaded_sources
from liveshop.settings.addresses import without_password
from liveshop.settings.durability import Durability

MEMORY_SHARE_FULL = 0.8


async def check_redis(
    url: str, libraries: Libraries, level: Durability = Durability.ALWAYS, replicas: int = 1
) -> list[Finding]:
    """Look at the Redis the server uses, in a cluster at every primary; nothing is written."""
    redis = open_redis(url, max_connections=2)
    shown = without_password(url)
    try:
        found: list[Finding] = []
        sources = await loaded_sources(redis)
        settings = await _settings(redis)
        for primary, info in (await on_primaries(redis, "INFO")).items():
            name = f"redis://{primary}" if primary else shown
            found += [
                *version_findings(info, name),
                *durability_findings(settings.get(primary), info, level, replicas, name),
                *memory_findings(info, name),
                *functions_findings(sources[primary], libraries, name),
            ]
    except (RedisError, OSError) as error:
        return [fault(f"Redis at {shown} cannot be used: {str(error).rstrip('.')}.")]
    else:
        return found
    finally:
        await redis.aclose()


def version_findings(info: Mapping[str, Any], shown: str) -> list[Finding]:
    """Judge the version and the role a server tells of itself."""
    name, text = "Redis", str(info.get("redis_version", "0"))
    if info.get("server_name") == "valkey":
        name, text = "Valkey", str(info.get("valkey_version", text))
    version = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    found = []
    if version < OLDEST_VERSION:
        found.append(fault(f"{name} at {shown} is {text}; 7.0 or newer is needed, for Functions."))
    else:
        found.append(fine(f"{name} {text} answers at {shown}."))
    if info.get("role") == "slave":
        found.append(fault(f"{name} at {shown} is a replica and takes no writes; name its primary."))
    return found


async def _settings(redis: Redis) -> dict[str, dict[str, str]]:
    """Read what matters of each primary's settings; nothing of those that do not tell."""
    found: dict[str, dict[str, str]] = {}
    try:
        for name in SETTINGS:
            for primary, values in (await on_primaries(redis, "CONFIG GET", name)).items():
                found.setdefault(primary, {})[name] = str(values.get(name))
    except RedisError:
        return {}
    return found


def memory_findings(info: Mapping[str, Any], shown: str) -> list[Finding]:
    """Judge how much room is left."""
    limit_bytes, used_bytes = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if limit_bytes and used_bytes > MEMORY_SHARE_FULL * limit_bytes:
        share = round(100 * used_bytes / limit_bytes)
        return [warning(f"Redis at {shown} uses {share}% of its maxmemory; at 100% nothing can be sold.")]
    return []


def functions_findings(there: Mapping[str, str], libraries: Libraries, shown: str) -> list[Finding]:
    """Name the Function libraries of one primary, and compare them with this release's."""
    names = ", ".join(name for name, source in libraries if there.get(name) == source)
    differing = ", ".join(name for name, source in libraries if there.get(name, source) != source)
    if differing:
        return [warning(f"Redis at {shown} has other sources for {differing}; the next start replaces them.")]
    if any(name not in there for name, _source in libraries):
        return [fine(f"Function libraries are not all loaded at {shown} yet; the next start does it.")]
    return [fine(f"Redis at {shown} has the Function libraries of this release: {names}.")]
