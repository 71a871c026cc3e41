"""How the sale talks to Redis: one FCALL with one packed argument, one packed answer, never repeated here.

redis-py repeats a command whose answer was lost, executed or not. `write_client` makes a client that does
not, and `FunctionCaller` refuses any other. What is repeated is only a call that found no Function, since
nothing ran then: the library is loaded and the call sent once more.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE

from commerce.errors import Busy
from commerce.sale.functions import LIBRARIES, function_name
from commerce.sale.keys import keys_of
from commerce.sale.refusals import AnswerLost, refusal

_LOST: Final = (exceptions.ConnectionError, exceptions.TimeoutError, ConnectionError, TimeoutError)
_TEMPORARY: Final = (
    *("OOM", "LOADING", "BUSY", "READONLY", "MISCONF"),
    *("MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"),
)


class Answer(msgspec.Struct, frozen=True):
    """What a Function answered: `done` (packed by type later), or the code and facts of a refusal."""

    done: msgspec.Raw = msgspec.Raw()
    refused: str | None = None
    facts: dict[str, Any] = msgspec.field(default_factory=dict)


_answers = msgspec.msgpack.Decoder(Answer)
_encode = msgspec.msgpack.Encoder().encode


@functools.cache
def _decoder(answer: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(answer)


def write_client(url: str, *, timeout_s: float = 5.0, max_connections: int = 64) -> Redis:
    """Answer a client for `redis://`, `rediss://` or `unix://` that sends every command at most once.

    When all connections are taken, a command waits for one, at most `timeout_s`.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        socket_timeout=timeout_s,
        max_connections=max_connections,
    )
    client: Redis = Redis.from_pool(pool)
    return client


def _repeats(client: Any) -> bool:
    retry = client.get_retry()
    return retry is None or retry.get_retries() != 0


async def load_libraries(redis: Any) -> None:
    """Load every library of the sale, replacing one of the same name; safe while others use it."""
    for _, source in LIBRARIES:
        await redis.execute_command("FUNCTION LOAD", "REPLACE", source)


def unpack(answer: Answer, kind: Any) -> Any:
    """Answer what was done as `kind`, or raise the refusal as its `CommerceError`."""
    if answer.refused is not None:
        raise refusal(answer.refused, answer.facts)
    return _decoder(kind).decode(answer.done)


class FunctionCaller:
    """Sends one Function call of one shop and reads its answer.

    `redis` is a client from `write_client` (ValueError for one that repeats commands). `sharded_wake` makes
    the Functions wake ledger readers by SPUBLISH instead of PUBLISH.
    """

    def __init__(self, redis: Any, *, sharded_wake: bool = False) -> None:
        if _repeats(redis):
            raise ValueError(
                "The sale needs a Redis client with retries off: commerce.sale.calls_redis.write_client(url)."
            )
        self.redis = redis
        self._sharded_wake = sharded_wake

    async def call(self, shop: str, operation: str, argument: Mapping[str, object]) -> Answer:
        """Run `sale_1_<operation>`; raises AnswerLost when nobody can know whether it ran, Busy when not."""
        packed = _encode({**argument, "sharded": self._sharded_wake})
        keys = keys_of(shop)
        words = ("FCALL", function_name(operation), len(keys), *keys, packed)
        try:
            return _answers.decode(await self._send(words))
        except _LOST as error:
            raise AnswerLost(lost=True, retry_after_s=1.0) from error
        except exceptions.ResponseError as error:
            if str(error).startswith(_TEMPORARY):
                raise Busy(retry_after_s=1.0) from error
            raise

    async def done(self, shop: str, operation: str, argument: Mapping[str, object], kind: Any) -> Any:
        """Run an operation and answer what it did as `kind`; raises the refusal as a `CommerceError`."""
        return unpack(await self.call(shop, operation, argument), kind)

    async def _send(self, words: Sequence[Any]) -> bytes:
        options: dict[str, Any] = {NEVER_DECODE: []}
        try:
            answer: bytes = await self.redis.execute_command(*words, **options)
        except exceptions.ResponseError as error:
            if "Function not found" not in str(error):
                raise
            await load_libraries(self.redis)
            answer = await self.redis.execute_command(*words, **options)
        return answer
