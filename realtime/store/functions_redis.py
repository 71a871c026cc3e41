"""Calls the room's Functions; loads the library where it is missing.

The client's retries must be off for these calls (redis-py repeats commands after a lost answer). "Function
not found" is the exception: nothing ran, so the library is loaded and the call repeated once.
"""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from realtime.errors import Unavailable
from realtime.store.functions import LIBRARIES, READ_ONLY, function_name
from realtime.store.keys import ShowKeys


class RoomFunctions:
    """The Functions of one Redis."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    async def load(self) -> None:
        """Load the library, replacing an older text of the same version."""
        for _, source in LIBRARIES:
            await self.redis.function_load(source, replace=True)

    async def call(self, operation: str, keys: ShowKeys, args: Sequence[Any]) -> list[Any]:
        """Call `room_1_<operation>` on the show's keys. Raises `Unavailable` when Redis does not answer."""
        try:
            try:
                return await self._call(operation, keys, args)
            except ResponseError as error:
                if "unction not found" not in str(error):
                    raise
                await self.load()
                return await self._call(operation, keys, args)
        except (RedisError, OSError) as error:
            raise Unavailable(f"The room's store does not answer ({operation}).") from error

    async def _call(self, operation: str, keys: ShowKeys, args: Sequence[Any]) -> list[Any]:
        call = self.redis.fcall_ro if operation in READ_ONLY else self.redis.fcall
        reply: Any = await call(function_name(operation), len(keys.own), *keys.own, *args)
        return [word.decode() if isinstance(word, bytes) else word for word in reply]
