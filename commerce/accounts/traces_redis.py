"""In which shops a person left anything that buying remembers: holds, counts, operation records."""

from typing import Any

from redis.exceptions import RedisError

from commerce.sale.keys import key_of


async def shops_with_traces(redis: Any, person: str, shops: list[str]) -> list[str]:
    """Answer those of `shops` whose Redis knows the person; all of them while Redis is away."""
    try:
        return [shop for shop in shops if await redis.hexists(key_of(shop, "people"), person)]
    except (RedisError, OSError):
        return shops
