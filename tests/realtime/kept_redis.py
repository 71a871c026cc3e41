"""A Redis that keeps what it says, and can be killed, started again and set back to an older state."""

import asyncio
import contextlib
import shutil
from pathlib import Path

from redis.exceptions import RedisError

from tests.fixtures_redis import running_redis
from tests.realtime.stage import redis_of

_KEPT = ("--appendonly", "yes", "--appendfsync", "always")
_LIMIT_S = 10


class KeptRedis:
    """One durable server in a folder; `url` stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "r.sock"
        self.url = f"unix://{self.path}"
        self._stack = contextlib.ExitStack()

    async def start(self, path: Path | None = None) -> None:
        """Start it and wait until it answers; with `path` on another socket, where nobody looks for it."""
        path = path or self.path
        words = ("--port", "0", "--unixsocket", str(path), *_KEPT)
        self._process = self._stack.enter_context(running_redis(self.folder, *words))
        client = redis_of(f"unix://{path}")
        async with asyncio.timeout(_LIMIT_S):
            while True:
                with contextlib.suppress(RedisError, OSError):
                    await client.ping()
                    break
                await asyncio.sleep(0)
        await client.aclose()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()

    def save(self) -> None:
        """Put a copy of what it holds now aside."""
        shutil.copytree(self.folder / "appendonlydir", self.folder / "older")

    def set_back(self) -> None:
        """Replace what it holds, while it is down, by the copy."""
        shutil.rmtree(self.folder / "appendonlydir")
        (self.folder / "older").rename(self.folder / "appendonlydir")

    def end(self) -> None:
        """End all servers that were started."""
        self._stack.close()
