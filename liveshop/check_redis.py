"""What `check` asks a Redis by address: version, eviction, durability, memory, Functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from liveshop.addresses import without_password
from liveshop.connections_redis import open_redis
from liveshop.embedded_redis_process import OLDEST_VERSION
from liveshop.findings import Finding, fault, fine, warning
from liveshop.functions_redis import Libraries, loaded_sources

MEMORY_SHARE_FULL = 0.8


async def check_redis(url: str, libraries: Libraries) -> list[Finding]:
    """Look at the Redis the server uses; nothing is written."""
    redis = open_redis(url, max_connections=2)
    shown = without_password(url)
    try:
        info: Mapping[str, Any] = await redis.info()
        return [
            *version_findings(info, shown),
            *await _settings(redis, shown),
            *memory_findings(info, shown),
            *await _functions(redis, libraries),
        ]
    except (RedisError, OSError) as error:
        return [fault(f"Redis at {shown} cannot be used: {str(error).rstrip('.')}.")]
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


async def _settings(redis: Redis, shown: str) -> list[Finding]:
    names = ("maxmemory-policy", "appendonly", "appendfsync")
    try:
        values = {name: str((await redis.config_get(name)).get(name)) for name in names}
    except RedisError:
        return [
            warning(
                f"Redis at {shown} does not tell its settings; see that it has maxmemory-policy noeviction,"
                " appendonly yes and appendfsync always."
            )
        ]
    return settings_findings(values, shown)


def settings_findings(values: Mapping[str, str], shown: str) -> list[Finding]:
    """Judge eviction, and say what a crash could lose."""
    found = []
    policy = values["maxmemory-policy"]
    if policy != "noeviction":
        found.append(
            fault(f"Redis at {shown} has maxmemory-policy {policy}; it must be noeviction, or stock is lost.")
        )
    if values["appendonly"] != "yes":
        found.append(
            fault(f"Redis at {shown} has appendonly no: a crash loses every hold since its last snapshot.")
        )
    elif values["appendfsync"] == "everysec":
        found.append(
            warning(f"Redis at {shown} has appendfsync everysec: a power cut loses up to 2 s of holds.")
        )
    elif values["appendfsync"] == "no":
        found.append(
            warning(f"Redis at {shown} has appendfsync no: a power cut loses up to some 30 s of holds.")
        )
    return found or [fine("Redis keeps every acknowledged write and evicts nothing.")]


def memory_findings(info: Mapping[str, Any], shown: str) -> list[Finding]:
    """Judge how much room is left."""
    limit_bytes, used_bytes = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if limit_bytes and used_bytes > MEMORY_SHARE_FULL * limit_bytes:
        share = round(100 * used_bytes / limit_bytes)
        return [warning(f"Redis at {shown} uses {share}% of its maxmemory; at 100% nothing can be sold.")]
    return []


async def _functions(redis: Redis, libraries: Libraries) -> list[Finding]:
    there = await loaded_sources(redis)
    return functions_findings(there, libraries)


def functions_findings(there: Mapping[str, str], libraries: Sequence[tuple[str, str]]) -> list[Finding]:
    """Compare the Function libraries with this release's; they are loaded at the next start."""
    differing = [name for name, source in libraries if name in there and there[name] != source]
    missing = [name for name, _source in libraries if name not in there]
    if differing:
        names = ", ".join(differing)
        return [warning(f"Redis has other sources for {names}; the next start replaces them.")]
    if missing:
        return [fine("Function libraries are not loaded yet; the next start does it.")]
    return [fine("All Function libraries are those of this release.")]
