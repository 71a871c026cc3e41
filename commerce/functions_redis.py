"""Small Function libraries of commerce outside the sale: loaded at start, and again when they are missing."""

import pkgutil
from typing import Any

from redis.exceptions import RedisError, ResponseError

from commerce.errors import Busy


class Library:
    """One library, in a `.lua` file beside its owner. `redis` is a client with retries off."""

    def __init__(self, redis: Any, package: str, path: str) -> None:
        self._redis = redis
        source = pkgutil.get_data(package, path)
        assert source is not None
        self._source = source

    async def load(self) -> None:
        """Load it, replacing one of the same name."""
        await self._redis.execute_command("FUNCTION LOAD", "REPLACE", self._source)

    async def call(self, function: str, keys: tuple[str, ...], *arguments: str) -> int:
        """Call a Function that answers a number; raises Busy when Redis gives no answer."""
        words = ("FCALL", function, len(keys), *keys, *arguments)
        try:
            try:
                return int(await self._redis.execute_command(*words))
            except ResponseError as error:
                if "Function not found" not in str(error):
                    raise
            await self.load()
            return int(await self._redis.execute_command(*words))
        except (RedisError, OSError) as error:
            raise Busy(retry_after_s=1.0) from error
