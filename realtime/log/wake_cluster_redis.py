"""Wake-ups in a cluster: a sharded message reaches only who listens at the node that has its slot.

One connection per primary, each a `WakeBus` of its own. A channel is listened to where its slot is, and moved
when the slot has moved; whoever missed a wake-up meanwhile looks once a second anyway.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError

from realtime import metrics as names
from realtime.log.wake_redis import BACKOFF_LAST_S, WakeBus
from realtime.ports import Metrics
from realtime.supervise import end_all, supervise

log = logging.getLogger(__name__)
LOOK_S = 1.0
"""How often it looks whether slots have moved."""


def wake_bus(redis: Any, metrics: Metrics) -> WakeBus:
    """Make the bus for a client of one server or of a cluster."""
    return ClusterWakeBus(redis, metrics) if isinstance(redis, RedisCluster) else WakeBus(redis, metrics)


class ClusterWakeBus(WakeBus):
    """Channels and who listens, spread over the primaries of a cluster."""

    def __init__(self, cluster: Any, metrics: Metrics) -> None:
        super().__init__(cluster, metrics)
        self._cluster = cluster

    async def run(self) -> None:
        """Listen until cancelled; begins anew when the primaries are others."""
        while True:
            try:
                await self._cluster.initialize()
                await self._listen_everywhere()
            except (RedisError, OSError, TimeoutError) as error:
                self._metrics.count(names.WAKE_RECONNECTS)
                log.warning("the cluster's nodes are not known: %s", error)
            self.connected.clear()
            await asyncio.sleep(BACKOFF_LAST_S)

    async def _listen_everywhere(self) -> None:
        """Run a bus at every primary; returns when a channel belongs to a node that has none."""
        clients = {node.name: client_of(node) for node in self._cluster.get_primaries()}
        buses = {name: WakeBus(client, self._metrics) for name, client in clients.items()}
        tasks = [
            asyncio.create_task(supervise(f"wake-ups of {name}", bus.run)) for name, bus in buses.items()
        ]
        try:
            await self._keep_spread(buses)
        finally:
            await end_all(tasks)
            for client in clients.values():
                await client.aclose()

    async def _keep_spread(self, buses: dict[str, WakeBus]) -> None:
        spread: dict[str, tuple[str, Callable[[], None]]] = {}
        self.connected.set()
        while True:
            self._changed.clear()
            for channel in set(spread) - set(self._listeners):
                spread.pop(channel)[1]()
            for channel in self._listeners:
                owner = str(self._cluster.get_node_from_key(channel).name)
                if owner not in buses:
                    return
                if channel not in spread or spread[channel][0] != owner:
                    _, end = spread.pop(channel, ("", _nothing))
                    end()
                    spread[channel] = owner, buses[owner].listen(channel, partial(self._call, channel))
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
            except TimeoutError:
                continue


def client_of(node: Any) -> Redis:
    """Make a client of one node of a cluster, with what the cluster's own connections are made with."""
    pool = ConnectionPool(connection_class=node.connection_class, **node.connection_kwargs)
    return Redis.from_pool(pool)


def _nothing() -> None:
    """Nobody listened there."""
