"""One supervised pub/sub connection per process that wakes readers.

Pub/sub loses what is published while nobody listens, so a wake-up only says "look at your stream now"; after
every reconnect all listeners are woken once, and readers look once a second anyway. Both plain and sharded
channels are listened to: publishers on a cluster use SPUBLISH, on a single Redis either. A cluster of several
nodes has one bus a node: `wake_cluster_redis.py`.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime import metrics as names
from realtime.ports import Metrics
from realtime.supervise import end_all

log = logging.getLogger(__name__)
Listener = Callable[[bytes], None]
T = TypeVar("T")
_KEEP = "{server}:room-wake"
"""Always listened to, so that the connection is never without a channel."""
SILENT_S = 5.0
BACKOFF_FIRST_S, BACKOFF_LAST_S = 0.05, 1.0


class _Once(Retry):
    """What fails has failed."""

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 0)

    async def call_with_retry(self, do: Callable[[], Awaitable[T]], *_: Any, **__: Any) -> T:
        """Do it."""
        return await do()


@contextlib.contextmanager
def _left_lost(connection: Any) -> Iterator[None]:
    """Let nobody make a lost connection anew while it is read and written at once.

    redis-py would do so in whichever coroutine notices first, and in the other as well: of two sockets nobody
    closes one.
    """
    before, connection.retry = connection.retry, _Once()
    try:
        yield
    finally:
        connection.retry = before


class WakeBus:
    """Channels and who listens. A listener gets the payload, or `b""` after a reconnect."""

    def __init__(self, redis: Redis, metrics: Metrics) -> None:
        self._redis = redis
        self._metrics = metrics
        self._listeners: dict[str, list[Listener]] = {}
        self._changed = asyncio.Event()
        self.connected = asyncio.Event()

    def listen(self, channel: str, listener: Listener) -> Callable[[], None]:
        """Call the listener for each message from now on; returns what ends it."""
        self._listeners.setdefault(channel, []).append(listener)
        self._changed.set()

        def end() -> None:
            left = self._listeners.get(channel, [])
            if listener in left:
                left.remove(listener)
            if not left:
                self._listeners.pop(channel, None)
            self._changed.set()

        return end

    async def run(self) -> None:
        """Listen until cancelled; reconnects with a growing, random wait."""
        wait_s = BACKOFF_FIRST_S
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await self._serve(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                was_up = self.connected.is_set()
                self.connected.clear()
                self._metrics.count(names.WAKE_RECONNECTS)
                if was_up:
                    wait_s = BACKOFF_FIRST_S
                    log.warning("wake-up connection lost: %s", error)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(BACKOFF_LAST_S, wait_s * 2)

    async def _serve(self, pubsub: Any) -> None:
        """Listen until either half fails; raises what it did."""
        await pubsub.subscribe(_KEEP)
        with _left_lost(pubsub.connection):
            halves = [asyncio.create_task(half(pubsub)) for half in (self._follow_changes, self._read)]
            self._changed.set()
            self.connected.set()
            self._wake_all()
            try:
                ended, _ = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
                for half in ended:
                    half.result()
            finally:
                await end_all(halves)

    async def _read(self, pubsub: Any) -> None:
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=SILENT_S)
            if message is None:
                await pubsub.ping()
            elif message["type"] in {"message", "smessage"}:
                self._dispatch(message)

    async def _follow_changes(self, pubsub: Any) -> None:
        """Subscribe and unsubscribe as listeners come and go, then wake who may have missed something."""
        subscribed: set[str] = set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = set(self._listeners)
            new, old = wanted - subscribed, subscribed - wanted
            if new:
                await pubsub.subscribe(*new)
                for channel in new:  # one at a time: in a cluster those of other slots are refused together
                    await pubsub.ssubscribe(channel)
            if old:
                await pubsub.unsubscribe(*old)
                for channel in old:
                    await pubsub.sunsubscribe(channel)
            subscribed = wanted
            for channel in new:
                self._call(channel, b"")

    def _dispatch(self, message: dict[str, Any]) -> None:
        channel, payload = message["channel"], message["data"]
        text = channel.decode() if isinstance(channel, bytes) else str(channel)
        self._call(text, payload if isinstance(payload, bytes) else str(payload).encode())

    def _wake_all(self) -> None:
        for channel in list(self._listeners):
            self._call(channel, b"")

    def _call(self, channel: str, payload: bytes) -> None:
        for listener in tuple(self._listeners.get(channel, ())):
            listener(payload)
