"""The registry of living processes, in the Redis hash `{server}:processes`.

Every process says each second that it lives; one that was silent for `TTL_S` counts as dead, and a supervisor
that sees a child die takes it out at once. Changes are announced on `{server}:processes:wake`.
"""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from liveshop.errors import LiveshopError
from liveshop.redis.functions_redis import call_server

KEY = "{server}:processes"
WAKE = KEY + ":wake"
BEAT_S = 1.0
TTL_S = 4.0


class ProcessInfo(msgspec.Struct, frozen=True):
    """One process. `address` is "unix:/path" on this machine or "http://host:port" between machines.

    `sessions` is how many a media process carries at this beat.
    """

    kind: str
    index: int
    boot_id: str
    address: str
    pid: int
    home: str
    sessions: int = 0

    @property
    def name(self) -> str:
        """Name among all processes, like "media-0"."""
        return f"{self.kind}-{self.index}"


class NameTaken(LiveshopError):  # noqa: N818 - named for what is so
    """A living process on another machine has this one's name."""


class Processes:
    """Reads and writes the registry."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def living(self, kind: str | None = None) -> list[ProcessInfo]:
        """All processes that live, of one kind or all, by index."""
        flat = await call_server(self._redis, "server_1_living", KEY, str(int(TTL_S * 1000)))
        infos = [_decode(value) for value in flat[1::2]]
        return sorted((i for i in infos if kind in {None, i.kind}), key=lambda i: (i.kind, i.index))

    async def address(self, kind: str, index: str) -> str | None:
        """Return a living process's address; None when it is dead, or Redis is away."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            found = await self.living(kind)
            return next((one.address for one in found if str(one.index) == index), None)
        return None

    async def beat(self, info: ProcessInfo) -> None:
        """Say that a process lives; raises `NameTaken` if another machine has its name."""
        description = msgspec.json.encode(info)
        ttl_ms = str(int(TTL_S * 1000))
        if not await call_server(
            self._redis, "server_1_beat", KEY, info.name, info.home, info.boot_id, description, ttl_ms
        ):
            raise NameTaken(
                f"Another machine runs a {info.name}; give this one another LIVESHOP_FIRST_INDEX than its."
            )

    async def gone(self, name: str, boot_id: str) -> bool:
        """Take a process out; False if that boot was not registered."""
        return bool(await call_server(self._redis, "server_1_gone", KEY, name, boot_id))

    async def keep_beating(self, describe: Callable[[], ProcessInfo]) -> None:
        """Beat each second until cancelled, with what is so then; while Redis is away it tries on."""
        while True:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self.beat(describe())
            await asyncio.sleep(BEAT_S)


def _decode(value: bytes) -> ProcessInfo:
    return msgspec.json.decode(value.split(b" ", 3)[3], type=ProcessInfo)
