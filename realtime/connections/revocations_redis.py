"""Follows `{server}:revocations` from this process's start: devices that signed out, here or anywhere."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.log.wake_redis import WakeBus
from realtime.store.keys import REVOCATIONS, wake_channel

log = logging.getLogger(__name__)
POLL_S = 0.5
RETRY_S = 0.3
OnRevoked = Callable[[str, str], None]


class Revocations:
    """Calls `on_revoked(device, person)`; the device is "" when all of the person's are meant."""

    def __init__(self, redis: Redis, on_revoked: OnRevoked) -> None:
        self._redis = redis
        self._on_revoked = on_revoked
        self._place = ""
        self._wake = asyncio.Event()

    async def run(self, bus: WakeBus) -> None:
        """Follow until cancelled."""
        end = bus.listen(wake_channel(REVOCATIONS), lambda _: self._wake.set())
        try:
            while True:
                try:
                    await self.step()
                except (RedisError, OSError) as error:
                    log.debug("revocations cannot be read: %s", error)
                    await asyncio.sleep(RETRY_S)
                    continue
                await self._wait()
        finally:
            end()

    async def step(self) -> None:
        """Read what is new; the first call only finds the place to start from."""
        self._wake.clear()
        if not self._place:
            last: Any = await self._redis.xrevrange(REVOCATIONS, count=1)
            self._place = last[0][0].decode() if last else "0-0"
            return
        found: Any = await self._redis.xrange(REVOCATIONS, f"({self._place}", "+", 500)
        for stream_id, fields in found:
            self._place = stream_id.decode()
            device, person = fields.get(b"device", b""), fields.get(b"person", b"")
            self._on_revoked(device.decode(), person.decode())

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()
        except TimeoutError:
            return
