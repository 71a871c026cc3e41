"""Clients of Redis that send every command at most once, for one server and for a cluster.

redis-py repeats commands after a lost answer, executed or not; here that is off, and what wants to try again
does so itself. Connections are bounded; in a rush commands wait for one, where redis-py would refuse them.

A cluster is named `redis://h1:7001,h2:7002/?cluster=1`: some of its nodes, the others are asked for. Its
client follows MOVED, ASK and TRYAGAIN, since nothing ran then, and repeats nothing else. Three of redis-py's
ways are mended here: `FCALL` took a second round trip to find its keys (they stand in the call itself), every
fifth MOVED closed the connections of all calls under way, and a full pool refused instead of waiting.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, PipelineCommand, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE

from commerce.redis_address import cluster_hosts, names_cluster, sign_in

CONNECT_TIMEOUT_S: Final = 2.0
ANSWER_TIMEOUT_S: Final = 5.0
REDIRECTIONS: Final = 8
"""MOVED and ASK that one call follows; slots that still move then are answered as an error."""
_AWAY: Final = (exceptions.ConnectionError, exceptions.TimeoutError)

Words = Sequence[Any]


def open_client(
    url: str,
    *,
    max_connections: int = 64,
    answer_timeout_s: float = ANSWER_TIMEOUT_S,
    connect_timeout_s: float = CONNECT_TIMEOUT_S,
) -> Redis:
    """Open a client that answers bytes; nothing is connected until the first command.

    `max_connections` is per node. A command that finds none free waits `answer_timeout_s` at most.
    """
    if names_cluster(url):
        cluster: Any = OnceCluster(url, max_connections, answer_timeout_s, connect_timeout_s)
        client: Redis = cluster
        return client
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=answer_timeout_s,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        max_connections=max_connections,
        socket_connect_timeout=connect_timeout_s,
        socket_timeout=answer_timeout_s,
        health_check_interval=0,
    )
    return Redis.from_pool(pool)


def is_cluster(redis: Any) -> bool:
    """Tell whether a client speaks to a cluster."""
    return isinstance(redis, RedisCluster)


class OnceCluster(RedisCluster):
    """A cluster's client that sends a command again only when no node has run it."""

    def __init__(
        self,
        url: str,
        max_connections: int,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        user, password = sign_in(url)
        super().__init__(
            startup_nodes=[ClusterNode(host, port) for host, port in cluster_hosts(url)],
            username=user,
            password=password,
            ssl=url.startswith("rediss:"),
            retry=Retry(NoBackoff(), 0),
            max_connections=max_connections + 1,  # one for looking up the nodes
            socket_connect_timeout=connect_timeout_s,
            socket_timeout=answer_timeout_s,
            reinitialize_steps=0,
        )
        self._turns = asyncio.Semaphore(max_connections)
        self._turn_limit_s = answer_timeout_s

    def get_retry(self) -> Retry:
        """Answer how often commands are repeated: never."""
        return self.retry

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Run one command on the node its key is on, or on those it is for; waits for its turn."""
        async with self._turn():
            return await super().execute_command(*args, **kwargs)

    async def together(self, key: str, commands: Sequence[Words], **options: Any) -> list[Any]:
        """Send commands in one piece on one connection of the key's node; answers them, errors as values."""
        async with self._turn():
            await self.initialize()
            node = self.get_node_from_key(key)
            asking = False
            for _ in range(REDIRECTIONS):
                answers = await self._sent(node, [("ASKING",), *commands] if asking else commands, options)
                answers = answers[1:] if asking else answers
                match answers[0]:
                    case exceptions.AskError() as error:
                        node, asking = self.get_node(host=error.host, port=error.port), True
                    case exceptions.MovedError() as error:
                        await self.nodes_manager.move_slot(error)
                        node, asking = self.get_node_from_key(key), False
                    case _:
                        return answers
        return answers

    async def _sent(self, node: Any, commands: Sequence[Words], options: dict[str, Any]) -> list[Any]:
        if node is None:
            raise exceptions.ConnectionError("The cluster has no node for this key.")
        sent = [PipelineCommand(place, *words, **options) for place, words in enumerate(commands)]
        await node.execute_pipeline(sent)
        answers = [one.result for one in sent]
        lost = next((answer for answer in answers if isinstance(answer, _AWAY)), None)
        if lost is not None:
            self._initialize = True  # the next command asks who is there
            raise lost
        return answers

    async def _determine_slot(self, command: str, *args: Any) -> int:
        if command in {"FCALL", "FCALL_RO"} and int(args[1]) > 0:
            return int(self.keyslot(args[2]))
        return int(await super()._determine_slot(command, *args))

    def _turn(self) -> "_Turn":
        return _Turn(self._turns, self._turn_limit_s)


class _Turn:
    """Waits for one of a bounded number of places."""

    def __init__(self, places: asyncio.Semaphore, limit_s: float) -> None:
        self._places = places
        self._limit_s = limit_s

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise exceptions.ConnectionError("No connection came free.") from error

    async def __aexit__(self, *_: object) -> None:
        self._places.release()


async def together(redis: Any, key: str, commands: Sequence[Words]) -> list[Any]:
    """Send commands in one piece on one connection to the primary of `key`; each answers raw bytes.

    A refused command stands in the list as its error. Raises a ConnectionError or TimeoutError when an answer
    was lost.
    """
    raw: dict[str, Any] = {NEVER_DECODE: []}
    if isinstance(redis, OnceCluster):
        return await redis.together(key, commands, **raw)
    pipe: Any = redis.pipeline(transaction=False)
    for words in commands:
        pipe.execute_command(*words, **raw)
    answers: list[Any] = await pipe.execute(raise_on_error=False)
    return answers


async def on_primaries(redis: Any, *words: Any) -> dict[str, Any]:
    """Run one command on every primary; answers by "host:port", by "" where there is only one server."""
    if not is_cluster(redis):
        return {"": await redis.execute_command(*words)}
    await redis.initialize()
    return {
        node.name: await redis.execute_command(*words, target_nodes=node) for node in redis.get_primaries()
    }
