"""Loading Function libraries into Redis: at every start, and again when Redis says it does not know one.

A library that is there with the same source is left alone, so that a start writes nothing; one that differs
is replaced.
"""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from commerce.clients_redis import on_primaries
from liveshop.errors import LiveshopError
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.functions import LIBRARIES
from liveshop.settings.addresses import without_password

Libraries = Sequence[tuple[str, str]]


async def load_functions(redis: Redis, libraries: Libraries) -> list[str]:
    """Load what is missing or different, on every primary; returns the names of those that were.

    Raises `LiveshopError` naming a library that Redis refuses.
    """
    primaries = (await loaded_sources(redis)).values()
    changed = [
        (name, source) for name, source in libraries if any(there.get(name) != source for there in primaries)
    ]
    for name, source in changed:
        try:
            await redis.function_load(source, replace=True)
        except ResponseError as error:
            raise LiveshopError(
                f"The Function library {name} cannot be loaded into Redis: {error}."
            ) from error
    return [name for name, _source in changed]


async def bring_functions(url: str, libraries: Libraries) -> None:
    """Load the libraries into the Redis at an address; raises `LiveshopError` if that cannot be done."""
    redis = open_redis(url, max_connections=2)
    try:
        await load_functions(redis, libraries)
    except (RedisError, OSError) as error:
        raise LiveshopError(f"Redis at {without_password(url)} cannot be used: {error}.") from error
    finally:
        await redis.aclose()


async def call_server(redis: Redis, function: str, key: str, *arguments: str | bytes) -> Any:
    """Call a Function of `liveshop_server_1` on one key, loading the library if Redis lost it."""
    client: Any = redis
    command = "FCALL_RO" if function == "server_1_living" else "FCALL"
    try:
        return await client.execute_command(command, function, 1, key, *arguments)
    except RedisError as error:
        if "Function not found" not in str(error):
            raise
    await load_functions(redis, LIBRARIES)
    return await client.execute_command(command, function, 1, key, *arguments)


async def loaded_sources(redis: Redis) -> dict[str, dict[str, str]]:
    """Source of every library that each primary knows, by primary ("" for the only server) and name."""
    listed = await on_primaries(redis, "FUNCTION LIST", "WITHCODE")
    return {primary: _sources(entries) for primary, entries in listed.items()}


def _sources(entries: Sequence[Any]) -> dict[str, str]:
    fields = [_fields(entry) for entry in entries]
    return {one["library_name"]: one["library_code"] for one in fields}


def _fields(entry: object) -> dict[str, str]:
    """One library of FUNCTION LIST: a map in RESP3, a flat list in RESP2."""
    if isinstance(entry, dict):
        pairs = list(entry.items())
    elif isinstance(entry, list):
        pairs = list(zip(entry[::2], entry[1::2], strict=True))
    else:
        return {}
    return {_text(name): _text(value) for name, value in pairs if isinstance(value, (bytes, str))}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
