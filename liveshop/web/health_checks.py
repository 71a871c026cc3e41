"""What a front needs to serve, each as a question that answers with a sentence when it is not so."""

from collections.abc import Awaitable, Callable
from typing import Any

from commerce.clients_redis import on_primaries

Check = Callable[[], Awaitable[str | None]]
MEMORY_SHARE_FULL = 0.8


def redis_check(redis: Any) -> Check:
    """Ask Redis, in a cluster every primary, whether it answers and has room left."""

    async def check() -> str | None:
        try:
            memory = await on_primaries(redis, "INFO", "memory")
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes into the sentence
            return f"Redis does not answer: {error}."
        for one in memory.values():
            limit_bytes, used_bytes = int(one.get("maxmemory", 0)), int(one.get("used_memory", 0))
            if limit_bytes and used_bytes > MEMORY_SHARE_FULL * limit_bytes:
                return f"Redis uses {used_bytes} of {limit_bytes} bytes; at the limit nothing can be sold."
        return None

    return check


def sql_check(database: Any) -> Check:
    """Ask the database."""

    async def check() -> str | None:
        try:
            await database.ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes into the sentence
            return f"The database does not answer: {error}."
        return None

    return check
