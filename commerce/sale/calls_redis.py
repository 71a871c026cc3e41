"""How the sale talks to Redis: one FCALL with one packed argument, one packed answer, never repeated here.

redis-py repeats a command whose answer was lost, executed or not. `write_client` makes a client that does
not, and `FunctionCaller` refuses any other. What is repeated is only a call that found no Function, since
nothing ran then: the library is loaded and the call sent once more.

With `Copies`, an answer that changed something counts only once that many replicas have it: `WAIT` (or
`WAITAOF`) goes out in one piece with the call, on the same connection, since both speak of their own
connection's writes alone. A call that wrote nothing because it is a repeat must wait too, since the first
one may have been acknowledged by nobody; so it writes the clock (`copied` in `lua/desk.lua`), which makes it
stand after what it repeats.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from redis import exceptions
from redis.asyncio import Redis
from redis.client import NEVER_DECODE

from commerce.clients_redis import on_primaries, open_client, together
from commerce.errors import Busy
from commerce.sale.functions import LIBRARIES, function_name
from commerce.sale.keys import keys_of
from commerce.sale.refusals import AnswerLost, CopiesMissing, refusal

_LOST: Final = (exceptions.ConnectionError, exceptions.TimeoutError, ConnectionError, TimeoutError)
_TEMPORARY: Final = (
    *("OOM", "LOADING", "BUSY", "READONLY", "MISCONF"),
    *("MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"),
)


READ_ONLY: Final = frozenset({"read", "audit"})


class Answer(msgspec.Struct, frozen=True):
    """What a Function answered: `done` (packed by type later), or the code and facts of a refusal.

    `writes` is how many calls have written in the shop until now; it only grows, unless writes were lost.
    """

    done: msgspec.Raw = msgspec.Raw()
    refused: str | None = None
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    writes: int = 0


_answers = msgspec.msgpack.Decoder(Answer)
_encode = msgspec.msgpack.Encoder().encode


@functools.cache
def _decoder(answer: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(answer)


class Copies(msgspec.Struct, frozen=True):
    """How many replicas must have what was done before it is told, and how long that may take."""

    replicas: int
    limit_ms: int = 2_000

    def words(self, *, on_disk: bool) -> tuple[str | int, ...]:
        """Answer the command that waits; `on_disk` also for the disks of primary and replicas."""
        if on_disk:
            return ("WAITAOF", 1, self.replicas, self.limit_ms)
        return ("WAIT", self.replicas, self.limit_ms)

    def missing(self, answer: Any) -> bool:
        """Tell from the answer of `words` whether too few have it."""
        if isinstance(answer, list):
            local, replicas = answer
            return bool(local < 1 or replicas < self.replicas)
        return not isinstance(answer, int) or answer < self.replicas


def has_waitaof(info: Mapping[str, Any]) -> bool:
    """Tell from a server's INFO whether `WAITAOF` can be used: from 7.2 on, where an append-only file is."""
    version = [int(part) for part in str(info.get("redis_version", "0")).split(".")[:2] if part.isdigit()]
    return version >= [7, 2] and str(info.get("aof_enabled", "0")) == "1"


def write_client(url: str, *, timeout_s: float = 5.0, max_connections: int = 64) -> Redis:
    """Answer a client that sends every command at most once; see `commerce.clients_redis`."""
    return open_client(
        url, max_connections=max_connections, answer_timeout_s=timeout_s, connect_timeout_s=timeout_s
    )


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
    the Functions wake ledger readers by SPUBLISH instead of PUBLISH. `copies` None acknowledges what the
    primary alone has.
    """

    def __init__(self, redis: Any, *, sharded_wake: bool = False, copies: Copies | None = None) -> None:
        if _repeats(redis):
            raise ValueError(
                "The sale needs a Redis client with retries off: commerce.sale.calls_redis.write_client(url)."
            )
        self.redis = redis
        self._sharded_wake = sharded_wake
        self._copies = copies
        self._waitaof: bool | None = None
        self._seen: dict[str, int] = {}

    async def call(self, shop: str, operation: str, argument: Mapping[str, object]) -> Answer:
        """Run `sale_1_<operation>`; raises AnswerLost when nobody can know whether it ran, Busy when not.

        CopiesMissing: it ran, and too few replicas have it.
        """
        copies = None if operation in READ_ONLY else self._copies
        packed = _encode({**argument, **self._about(shop), "copied": copies is not None})
        keys = keys_of(shop)
        words = ("FCALL", function_name(operation), len(keys), *keys, packed)
        try:
            if copies is not None:
                answer = await self._copied(keys[0], words, copies)
            else:
                answer = _answers.decode(await self._send(words))
        except _LOST as error:
            raise AnswerLost(lost=True, retry_after_s=1.0) from error
        except exceptions.ResponseError as error:
            if str(error).startswith(_TEMPORARY):
                raise Busy(retry_after_s=1.0) from error
            raise
        if copies is not None or self._copies is None:
            # Where replicas count, what was only read may be on no replica yet, and is no loss if it goes.
            self._seen[shop] = max(answer.writes, self._seen.get(shop, 0))
        return answer

    def _about(self, shop: str) -> dict[str, object]:
        """Answer what goes with every call: how readers are woken, and how many writes were seen here.

        A Redis that has fewer came back without some, and sells nothing until it is rebuilt.
        """
        return {"sharded": self._sharded_wake, "seen": self._seen.get(shop, 0)}

    async def done(self, shop: str, operation: str, argument: Mapping[str, object], kind: Any) -> Any:
        """Run an operation and answer what it did as `kind`; raises the refusal as a `CommerceError`."""
        return unpack(await self.call(shop, operation, argument), kind)

    async def _copied(self, key: str, words: Sequence[Any], copies: Copies) -> Answer:
        """Run a call and wait for its copies; a refusal has written nothing and waits for nobody."""
        if self._waitaof is None:
            found = [await on_primaries(self.redis, "INFO", part) for part in ("server", "persistence")]
            self._waitaof = all(
                has_waitaof({**info, **found[1].get(name, {})}) for name, info in found[0].items()
            )
        wait = copies.words(on_disk=self._waitaof)
        answer, waited = await together(self.redis, key, (words, wait))
        if isinstance(answer, exceptions.ResponseError) and "Function not found" in str(answer):
            await load_libraries(self.redis)
            answer, waited = await together(self.redis, key, (words, wait))
        if isinstance(answer, Exception):
            raise answer
        done = _answers.decode(answer)
        if done.refused is None and copies.missing(waited):
            raise CopiesMissing(lost=True, replicas=copies.replicas, retry_after_s=1.0)
        return msgspec.structs.replace(done, writes=0) if copies.missing(waited) else done

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
