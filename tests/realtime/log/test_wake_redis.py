"""Wake-ups over one pub/sub connection: what fails is noticed at once, and begun anew."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as NotConnected

from realtime.log.wake_redis import SILENT_S, WakeBus
from realtime.supervise import end_all
from tests.realtime.stage import Counts

CHANNEL = "{show:sh_1}:wake"


async def test_a_subscription_that_fails_is_made_again_at_once(
    plain_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading half hears nothing of it, and would for seconds."""
    failures = 1
    quiet = asyncio.Event()
    subscribe, get_message = PubSub.ssubscribe, PubSub.get_message

    async def read(self: PubSub, **options: Any) -> Any:
        message = await get_message(self, **options)
        if message is not None and message["type"] == "pong":
            quiet.set()
        return message

    async def fail_first(self: PubSub, *channels: Any, **handlers: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            quiet.clear()
            await quiet.wait()  # nothing more comes that the reading half could notice it by
            raise NotConnected("cut")
        return await subscribe(self, *channels, **handlers)

    monkeypatch.setattr(PubSub, "ssubscribe", fail_first)
    monkeypatch.setattr(PubSub, "get_message", read)
    bus = WakeBus(plain_redis, Counts())
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    running = asyncio.create_task(bus.run())
    try:
        await bus.connected.wait()
        bus.listen(CHANNEL, heard.put_nowait)
        async with asyncio.timeout(SILENT_S / 2):
            assert await heard.get() == b""
            await plain_redis.spublish(CHANNEL, b"look")
            while await heard.get() != b"look":
                pass
    finally:
        await end_all([running])
