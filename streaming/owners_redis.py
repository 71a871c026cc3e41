"""Leases and media events in Redis. Media never waits for them: events queue, leases lapse, packets flow."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Any, NamedTuple, Self

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from streaming.errors import OwnerUnknownError
from streaming.events import AnyMediaEvent, stream_key, to_fields
from streaming.functions import LIBRARIES, carried_key, owner_key
from streaming.outages import Outages
from streaming.ports import Ownership

LEASE_MS = 3000
RENEW_S = 1.0
ANSWER_LIMIT_S = 1.5
RETRY_S = 0.25
# How many leases are renewed at a time: each takes a connection.
SIDE_BY_SIDE = 32
WRITTEN_ANEW = 2
MAX_WAITING_EVENTS = 1000
# Leases are renewed so often that a shorter outage lets none lapse.
SILENCE_S = LEASE_MS / 1000 - RENEW_S
AWAY = (RedisError, OSError, TimeoutError)
log = logging.getLogger(__name__)


class _Lease(NamedTuple):
    """What Redis granted: nobody else owns the show until `until_s` of this machine's monotonic clock.

    `has_failed` tells that the last try to renew it was not answered.
    """

    fence: str
    until_s: float
    has_failed: bool = False

    @property
    def turn(self) -> tuple[bool, float]:
        """Its place in the order of renewals."""
        return self.has_failed, self.until_s

    @classmethod
    def granted(cls, fence: str, asked_s: float) -> Self:
        """Return what is sure of a lease: Redis counts its length from later than when it was asked."""
        return cls(fence, asked_s + LEASE_MS / 1000)


class RedisOwners:
    """`streaming.ports.Owners` on Redis; enter it before the media app and leave it after.

    `redis` must have its retries off. `process` is this process's index as text and `boot_id` random per
    start. `on_lost` hears of a show that another process took over while Redis or this loop was away.

    While a lease of ours lasts nobody else can own the show, so viewers come in without a question to Redis
    (of a storm of 500 that was a twentieth of the work). That a show ended elsewhere is then heard of within
    `RENEW_S`.

    After an outage owners are given time to renew: until then a lease that lapsed is taken over for a
    publisher only, and viewers hear of the owner it names (`streaming.outages`).
    """

    def __init__(self, redis: Redis, *, process: str, boot_id: str) -> None:
        self._redis: Any = redis  # redis-py leaves execute_command untyped
        self._process = process
        self._boot_id = boot_id
        self._leases: dict[str, _Lease] = {}
        self._outages = Outages(monotonic(), lease_s=LEASE_MS / 1000, silence_s=SILENCE_S)
        self._waiting: deque[AnyMediaEvent] = deque()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.dropped_events_total = 0
        self._leaving = False
        self.on_lost: Callable[[str], None] = _ignore

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._renew()), asyncio.create_task(self._append())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._append_waiting()
        # A cancellation that meets the end of a Redis call can be swallowed on its way; the flag cannot.
        self._leaving = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for show, lease in self._leases.items():
            with contextlib.suppress(*AWAY):
                await self._call("media_1_leave", show, lease.fence, self._boot_id)
            await self.forget(show)

    async def claim(self, show: str, *, publishing: bool) -> tuple[Ownership, str]:
        """Take or look up a show; UNKNOWN when Redis does not answer in 1.5 s."""
        asked_s = monotonic()
        lease = self._leases.get(show)
        if lease is not None and asked_s < lease.until_s and not publishing:
            return Ownership.OURS, self._process
        spared_ms = 0 if publishing else round(self._outages.spared_s(asked_s) * 1000)
        arguments = ("1" if publishing else "0", str(LEASE_MS), str(spared_ms))
        try:
            state, process, fence = await self._call(
                "media_1_claim", show, self._process, self._boot_id, *arguments
            )
        except AWAY:
            return Ownership.UNKNOWN, ""
        ownership = Ownership(state.decode())
        if ownership in (Ownership.OURS, Ownership.MOVED):
            is_new = show not in self._leases  # it may have been lost while Redis was asked
            self._leases[show] = _Lease.granted(fence.decode(), asked_s)
            if is_new or publishing:  # Redis may have lost what was noted
                await self._note("SADD", show)
        return ownership, process.decode()

    async def left_behind(self) -> list[str]:
        """Read what the process noted before it died; nothing when Redis is away."""
        try:
            found = await self._ask("SMEMBERS", carried_key(self._process))
        except AWAY:
            return []
        return sorted(show.decode() for show in found)

    async def forget(self, show: str) -> None:
        """Note that the show is carried elsewhere or over."""
        await self._note("SREM", show)

    def announce(self, event: AnyMediaEvent) -> None:
        """Append soon; the oldest event goes when a thousand wait."""
        if len(self._waiting) >= MAX_WAITING_EVENTS:
            self._waiting.popleft()
            self.dropped_events_total += 1
        self._waiting.append(event)
        self._wake.set()

    async def end(self, show: str) -> None:
        """Mark a show as over; a repeat is harmless. Raises `OwnerUnknownError` when Redis is away."""
        await self._append_waiting()
        try:
            await self._call("media_1_end", show, self._process)
        except AWAY as error:
            raise OwnerUnknownError("the end of the show could not be recorded") from error
        self._leases.pop(show, None)
        await self.forget(show)

    async def _renew(self) -> None:
        """Renew the leases once a second; after an outage at once, while other processes leave them to us."""
        pause_s = RENEW_S
        while not self._leaving:
            await asyncio.sleep(pause_s)
            began_s = monotonic()
            is_there = await self._renew_all()
            pause_s = max(0.0, RENEW_S - (monotonic() - began_s)) if is_there else RETRY_S

    async def _renew_all(self) -> bool:
        """Renew every lease, many side by side; False when Redis is away.

        What cannot be renewed holds up nothing else: it comes last in the next round, and a round begins
        nothing more once an answer has taken too long.
        """
        if not self._leases:
            return await self._answers()
        waiting = deque(sorted(self._leases, key=lambda show: self._leases[show].turn))
        until_s = monotonic() + ANSWER_LIMIT_S
        answers: list[bool] = []

        async def work() -> None:
            while waiting and monotonic() < until_s and not self._leaving:
                if len(answers) >= SIDE_BY_SIDE and not any(answers):
                    return  # none of these can be reached: others will begin the next round
                answers.append(await self._renew_one(waiting.popleft()))

        await asyncio.gather(*(work() for _ in range(min(SIDE_BY_SIDE, len(waiting)))))
        return any(answers)

    async def _renew_one(self, show: str) -> bool:
        """Renew a lease; False when Redis is away."""
        lease, asked_s = self._leases.get(show), monotonic()
        if lease is None:
            return True  # it ended while others were renewed
        arguments = (lease.fence, self._boot_id, str(LEASE_MS), self._process)
        try:
            kept = int(await self._call("media_1_renew", show, *arguments))
        except AWAY as error:
            if self._leases.get(show) is lease:
                self._leases[show] = lease._replace(has_failed=True)
            return _is_answer(error)
        now = self._leases.get(show)
        if now is not None and now.fence == lease.fence:  # it did not end meanwhile, and was not taken anew
            await self._renewed(show, _Lease.granted(lease.fence, asked_s), kept)
        return True

    async def _renewed(self, show: str, lease: _Lease, kept: int) -> None:
        """Keep a lease, or let go of its show, as `media_1_renew` answered."""
        if not kept:
            del self._leases[show]
            self.on_lost(show)
            await self.forget(show)
            return
        self._leases[show] = lease
        if kept == WRITTEN_ANEW:
            await self._note("SADD", show)

    async def _answers(self) -> bool:
        """Whether Redis is there: a process that asks nothing would not see an outage."""
        try:
            await self._ask("EXISTS", carried_key(self._process))
        except AWAY as error:
            return _is_answer(error)
        return True

    async def _append(self) -> None:
        while not self._leaving:
            await self._wake.wait()
            self._wake.clear()
            while not await self._append_waiting() and not self._leaving:  # noqa: ASYNC110 Redis is away
                await asyncio.sleep(RETRY_S)

    async def _append_waiting(self) -> bool:
        """Append what waits, in order; False when Redis is away and something is left."""
        while self._waiting:
            event = self._waiting[0]
            lease = self._leases.get(event.show)
            fields = to_fields(event)
            if lease is not None:
                arguments = (fields["number"], fields["kind"], fields["at_ms"], self._process)
                try:
                    await self._call("media_1_append", event.show, lease.fence, self._boot_id, *arguments)
                except AWAY as error:
                    log.warning("media events wait for Redis: %s", error)
                    return False
            else:
                self.dropped_events_total += 1
            if self._waiting and self._waiting[0] is event:
                self._waiting.popleft()
        return True

    async def _note(self, command: str, show: str) -> None:
        """Keep the set of carried shows; without a note players notice the silence by themselves."""
        with contextlib.suppress(*AWAY):
            await self._ask(command, carried_key(self._process), show)

    async def _call(self, function: str, show: str, *arguments: str) -> Any:
        words = ("FCALL", function, 2, owner_key(show), stream_key(show), *arguments)
        try:
            return await self._ask(*words)
        except RedisError as error:
            if "Function not found" not in str(error):
                raise
        async with asyncio.timeout(ANSWER_LIMIT_S):
            for _, source in LIBRARIES:
                await self._redis.function_load(source, replace=True)
        return await self._ask(*words)

    async def _ask(self, *words: Any) -> Any:
        """Send a command; raises one of `AWAY` when it is refused or not answered in 1.5 s."""
        asked_s = monotonic()
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                answer = await self._redis.execute_command(*words)
        except AWAY as error:
            if not _is_answer(error):
                self._outages.failed(asked_s)
            raise
        self._outages.answered(monotonic())
        return answer


def _is_answer(error: Exception) -> bool:
    """Whether a command was merely refused; what has a class of its own tells of the server's state."""
    return type(error) is ResponseError


def _ignore(show: str) -> None:
    """Nobody listens yet."""
