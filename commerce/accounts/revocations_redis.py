"""Devices that were signed out: known to every process within a second, forgotten when tokens have expired.

`{server}:revoked` is a hash (device -> time in ms), read once at start; `{server}:revocations` is a stream
that tells what is new. Both writes set the same value however often they are repeated.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

log = logging.getLogger(__name__)

HASH = "{server}:revoked"
STREAM = "{server}:revocations"
STREAM_LENGTH = 10_000
POLL_S = 0.25
CANCEL_AGAIN_S = 0.2
DEVICES_KEPT = 50_000
"""In memory; when there are more, the older half is dropped."""
Listener = Callable[[str, str, str], None]
"""Called with (device, person, reason) for each device signed out from now on."""


class Revocations:
    """Writes revocations, and follows those of all processes."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._devices: dict[str, int] = {}
        self._position = "0-0"
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def listen(self, listener: Listener) -> None:
        """Call `listener` for each device that is signed out from now on, in any process."""
        self._listeners.append(listener)

    def is_revoked(self, device: str) -> bool:
        """Answer from memory."""
        return device in self._devices

    async def revoke(self, devices: list[str], person: str, reason: str, now_ms: int) -> None:
        """Make these devices' tokens void everywhere. `reason`: signed_out, password_changed, deleted."""
        for device in devices:
            self._devices[device] = now_ms
            await self._redis.hset(HASH, device, str(now_ms))
            await self._redis.xadd(
                STREAM,
                {"device": device, "person": person, "reason": reason, "at_ms": str(now_ms)},
                maxlen=STREAM_LENGTH,
            )
            await self._redis.publish(f"{STREAM}:wake", "1")

    async def start(self) -> None:
        """Read what stands and follow what comes, until `stop`."""
        last = await self._redis.xrevrange(STREAM, count=1)
        if last:
            self._position = _text(last[0][0])
        await self._read_hash()
        self._task = asyncio.create_task(self._follow(), name="commerce revocations")

    async def stop(self) -> None:
        """Stop following.

        Cancelled until it ends: redis-py 8.1 swallows a cancellation that arrives while it connects.
        """
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CANCEL_AGAIN_S)

    async def forget(self, before_ms: int) -> None:
        """Drop devices revoked before `before_ms`: their last tokens have expired (a worker's job)."""
        kept = await self._redis.hgetall(HASH)
        old = [_text(device) for device, at_ms in kept.items() if int(at_ms) < before_ms]
        if old:
            await self._redis.hdel(HASH, *old)
        self._drop(before_ms)

    def _drop(self, before_ms: int) -> None:
        self._devices = {device: at for device, at in self._devices.items() if at >= before_ms}

    async def _read_hash(self) -> None:
        for device, at_ms in (await self._redis.hgetall(HASH)).items():
            self._devices[_text(device)] = int(at_ms)

    async def _follow(self) -> None:
        # The flag too: a cancellation that meets the client's own timeout can be lost on the way.
        while not self._stopping:
            try:
                await self._read_new()
            except (RedisError, OSError):
                log.warning("revocations cannot be read, trying again", exc_info=True)
            await asyncio.sleep(POLL_S)

    async def _read_new(self) -> None:
        for entry_id, fields in await self._redis.xrange(STREAM, min=f"({self._position}", count=500):
            self._position = _text(entry_id)
            entry = {_text(name): _text(value) for name, value in fields.items()}
            self._devices[entry["device"]] = int(entry["at_ms"])
            if len(self._devices) > DEVICES_KEPT:
                self._drop(sorted(self._devices.values())[len(self._devices) // 2])
            for listener in self._listeners:
                listener(entry["device"], entry["person"], entry["reason"])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
