"""Lets buyers in to the door of an overrun sale at the rate the engine takes; see `line.py` for the order.

Each process keeps its own line, without a word to the others (docs/decisions/0013): connections are spread
evenly, every process lets in as fast as Redis answers it, and Redis alone decides who gets a unit. A place
belongs to a person: whoever reconnects and repeats the request under the same key waits on at the same
place; one that nobody has asked about for `ABANDONED_S` is passed over when its turn comes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from commerce.errors import Busy, CommerceError
from commerce.sale.line import Line, Waiter
from commerce.sale.refusals import Queued
from commerce.sale.sold_out import SoldOutPools
from commerce.sale.types import Reservation, ReserveRequest

TELL_EVERY_S: Final = 2.0
COUNT_EVERY_S: Final = 0.25
LET_IN_EVERY_S: Final = 0.02
ABANDONED_S: Final = 20.0
FIRST_RATE: Final = 2_000.0
"""Requests a second, until the first answers have been measured."""

Told = Callable[[int | None, int], None]
"""Takes the place (1 is next, None before the draw) and how long it may take, in milliseconds."""
Judgement = Reservation | CommerceError
Send = Callable[[str, ReserveRequest], Awaitable[Judgement]]


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How an overrun sale is met.

    `draw_ms`: how long after a sale's start presses are gathered and drawn, 0 is off. `after_ms`: people
    stand in line when the requests before them would take Redis longer. `most`: places of one process and
    shop. `patience_ms`: after this, who cannot be told meanwhile (HTTP) is answered `queued`.
    """

    draw_ms: int = 0
    after_ms: int = 1_000
    most: int = 10_000
    patience_ms: int = 2_000


class Rate:
    """How many requests Redis judges in a second, from what was measured lately."""

    def __init__(self) -> None:
        self.per_s = FIRST_RATE

    def room(self, after_ms: int) -> int:
        """How many may wait for Redis so that it has judged them within `after_ms`; a full call always."""
        return max(100, int(self.per_s * after_ms / 1000))

    def measured(self, judged: int, took_s: float) -> None:
        """Learn from one call of `judged` requests; a small one says nothing of what is possible."""
        if judged >= 20 and took_s > 0:
            self.per_s += 0.2 * (judged / took_s - self.per_s)


class _Asked:
    """One request in line, and who waits for its answer."""

    def __init__(self, request: ReserveRequest) -> None:
        self.request = request
        self.answer: asyncio.Future[Judgement] = asyncio.get_running_loop().create_future()
        self.listeners = 0
        self.left_s = 0.0


class Admission:
    """One shop's line at this process. `send` has a request judged, `backlog` counts those that wait."""

    def __init__(
        self,
        shop: str,
        settings: QueueSettings,
        line: Line[_Asked],
        *,
        send: Send,
        backlog: Callable[[], int],
        rate: Rate,
        stock: SoldOutPools,
        now_s: Callable[[], float],
        done: Callable[[], object],
    ) -> None:
        self._shop = shop
        self._settings = settings
        self._line = line
        self._send = send
        self._backlog = backlog
        self._rate = rate
        self._stock = stock
        self._now_s = now_s
        self._done = done
        self._pump: asyncio.Task[None] | None = None
        self._judging: set[asyncio.Task[None]] = set()

    @property
    def empty(self) -> bool:
        """Whether nobody is in line: a newcomer who would be let in at once need not stand in it."""
        return not len(self._line)

    @property
    def waiting_total(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def full(self, person: str) -> bool:
        """Tell whether a newcomer must be turned away."""
        return self._line.full and self._line.of(person) is None

    async def wait(self, request: ReserveRequest, draw_at_s: float | None, told: Told | None) -> Judgement:
        """Stand in line, be judged, and answer with that; `told` None answers Queued after some patience.

        Raises Queued for another request of somebody in line. Ask `full` before.
        """
        asked = self._place(request, draw_at_s)
        asked.listeners += 1
        until_s = None if told else self._now_s() + self._settings.patience_ms / 1000
        try:
            return await self._answer(asked, told, until_s)
        finally:
            asked.listeners -= 1
            asked.left_s = self._now_s()

    async def _answer(self, asked: _Asked, told: Told | None, until_s: float | None) -> Judgement:
        last: tuple[int | None, int] | None = None
        while True:
            where = self._where(asked)
            if told is not None and where is not None and where != last:
                told(*where)
                last = where
            wait_s = TELL_EVERY_S if until_s is None else max(0.0, until_s - self._now_s())
            await asyncio.wait({asked.answer}, timeout=wait_s)
            if asked.answer.done():
                return asked.answer.result()
            if until_s is not None and self._now_s() >= until_s:
                raise self._queued(asked)

    def _place(self, request: ReserveRequest, draw_at_s: float | None) -> _Asked:
        waiter = self._line.of(request.person)
        if waiter is not None:
            if waiter.request.request.key != request.key:
                raise self._queued(waiter.request)
            return waiter.request
        asked = _Asked(request)
        (pool, units) = (None, 0)
        if len(request.lines) == 1:
            pool, units = request.lines[0].pool, request.lines[0].quantity
        self._line.join(Waiter(request.person, asked, pool, units, draw_at_s))
        if self._pump is None:
            self._pump = asyncio.create_task(self._let_in())
        return asked

    def _where(self, asked: _Asked) -> tuple[int | None, int] | None:
        """Return (place, milliseconds), None when they have been let in."""
        waiter = self._line.of(asked.request.person)
        if waiter is None or waiter.request is not asked:
            return None
        if waiter.drawn_at_s is not None:
            return None, max(0, int((waiter.drawn_at_s - self._now_s()) * 1000))
        return waiter.ahead + 1, int((waiter.ahead + self._backlog()) / self._rate.per_s * 1000)

    def _queued(self, asked: _Asked) -> Queued:
        position, estimate_ms = self._where(asked) or (1, 0)
        return Queued(position=position, estimate_ms=estimate_ms, retry_after_s=1.0)

    async def _let_in(self) -> None:
        """Run while somebody is in line."""
        counted_s = 0.0
        try:
            while len(self._line):
                now_s = self._now_s()
                self._line.draw(now_s)
                if now_s - counted_s >= COUNT_EVERY_S:
                    counted_s = now_s
                    self._turn_away()
                self._let_some_in()
                await asyncio.sleep(LET_IN_EVERY_S)
        finally:
            self._pump = None
            self._done()

    def _turn_away(self) -> None:
        """Tell those for whom nothing can be left."""
        for waiter in self._line.count(lambda pool: self._stock.can_come(self._shop, pool)):
            assert waiter.pool is not None
            self._settle(waiter.request, self._stock.refusal(self._shop, waiter.pool))

    def _let_some_in(self) -> None:
        while len(self._judging) < self._rate.room(self._settings.after_ms):
            waiter = self._line.pop()
            if waiter is None:
                return
            asked = waiter.request
            if asked.listeners == 0 and self._now_s() - asked.left_s > ABANDONED_S:
                self._settle(asked, Busy(retry_after_s=1.0))
                continue
            task = asyncio.create_task(self._judge(asked))
            self._judging.add(task)
            task.add_done_callback(self._judging.discard)

    async def _judge(self, asked: _Asked) -> None:
        try:
            answer = await self._send(self._shop, asked.request)
        except CommerceError as error:
            answer = error
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            if not asked.answer.done():
                asked.answer.set_exception(error)
            return
        self._settle(asked, answer)

    @staticmethod
    def _settle(asked: _Asked, answer: Judgement) -> None:
        if not asked.answer.done():
            asked.answer.set_result(answer)
