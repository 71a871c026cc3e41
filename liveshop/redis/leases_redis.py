"""Leases with fencing numbers, in the Redis hash `{server}:leases`: who may run a job just now."""

from redis.asyncio import Redis

from liveshop.redis.functions_redis import call_server

KEY = "{server}:leases"


class Leases:
    """Takes and gives back leases for one holder (its boot id)."""

    def __init__(self, redis: Redis, holder: str) -> None:
        self._redis = redis
        self._holder = holder

    async def take(self, name: str, length_ms: int) -> int | None:
        """Take or keep a lease; returns its fencing number, or None if somebody else holds it."""
        return (
            int(
                await call_server(self._redis, "server_1_lease_take", KEY, name, self._holder, str(length_ms))
            )
            or None
        )

    async def free(self, name: str) -> bool:
        """Give a lease back; False if this holder did not have it."""
        return bool(await call_server(self._redis, "server_1_lease_free", KEY, name, self._holder))

    async def drop_all(self) -> int:
        """Take all leases from this holder, which is known to be dead; returns how many."""
        return int(await call_server(self._redis, "server_1_leases_drop", KEY, self._holder))
