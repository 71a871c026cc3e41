"""One run: a market, buyers, a storm of kills and cuts, calm, and the books."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from benchmarks.chaos_sale.bad_line_process import BadLines, Passed
from benchmarks.chaos_sale.books import Books, Verdict, compare, live_holds, read_books
from benchmarks.chaos_sale.buyers import Crowd
from benchmarks.chaos_sale.diary import Diary
from benchmarks.chaos_sale.machine_process import Machine, MachineDown
from benchmarks.chaos_sale.market import Market, open_chaos_market
from benchmarks.chaos_sale.steps import STEPS

LOOK_S = 0.25
PAUSE_S = 1.0
"""Between two kills at least; and the next comes only when whoever died before is back."""
CUT_EVERY_S = 17.0
LONGER = 5.0
"""A storm may last so many times its length until every step has killed."""
STUCK_AFTER_S = 10.0
REST_LIMIT_S = 90.0
REST_LOOK_S = 5.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Weather:
    """How a run goes. `every_step`: the storm goes on, up to `LONGER`, until every step has killed."""

    seconds: float = 60.0
    buyers: int = 120
    every_step: bool = True
    kills: bool = True


@dataclass(slots=True)
class Outcome:
    """What a run found. `stuck_holds` stand 10 s after the last deadline; `down`: why it stayed away."""

    attempts: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    power_cuts: int = 0
    unsynced: int = 0
    taken_back: int = 0
    passed: Passed = field(default_factory=Passed)
    verdict: Verdict = field(default_factory=Verdict)
    stock: int = 0
    stuck_holds: int = 0
    storm_s: float = 0.0
    rest_s: float = 0.0
    recovery_s: list[float] = field(default_factory=list)
    answers: Mapping[str, int] = field(default_factory=dict)
    repeats_differ: int = 0
    unanswered: int = 0
    down: str = ""

    @property
    def missing(self) -> list[str]:
        """Steps at which nothing was killed."""
        return [step.name for step in STEPS if not self.steps[step.name]]


class Storm:
    """Runs one. `say` prints for people."""

    def __init__(self, machine: Machine, weather: Weather, say: Say) -> None:
        self._machine = machine
        self._weather = weather
        self._say = say
        self._random = Random(f"{machine.build.seed} storm")
        self._diary = Diary()
        self._outcome = Outcome()
        self._began_s = 0.0

    async def run(self) -> Outcome:
        """Do all of it; the machine is ended whatever happens."""
        machine = self._machine
        machine.make()
        with BadLines(machine.lines(), machine.build.seed) as lines:
            try:
                await machine.start()
                market = await open_chaos_market(machine.address, machine.data)
                machine.settle()
                self._say(f"{machine.address}: {self._weather.buyers} buyers, seed {machine.build.seed}")
                await self._pass(market, lines)
            finally:
                # A second request to end must not keep this from ending what was started.
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
                await machine.end()
        return self._filled(market)

    async def _pass(self, market: Market, lines: BadLines) -> None:
        """Let the storm pass, and compare; a machine that does not come back is an outcome too."""
        try:
            async with self._buying(market) as crowd:
                lines.be("bad")
                await self._blow()
                self._outcome.passed = lines.be("good")
                crowd.open = False
            await self._calm(market)
        except MachineDown as down:
            self._outcome.down = str(down)
            self._say(f"It did not come back: {down}")
            await self._read_what_is_left(market)

    @contextlib.asynccontextmanager
    async def _buying(self, market: Market) -> AsyncIterator[Crowd]:
        """Let buyers buy; at the end of the block they finish what they began."""
        crowd = Crowd(market.stage, self._diary, self._machine.build.seed)
        task = asyncio.create_task(crowd.run(self._weather.buyers))
        try:
            yield crowd
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _blow(self) -> None:
        """Kill at steps and cut the power until the time is over."""
        weather, machine = self._weather, self._machine
        self._began_s = time.monotonic()
        next_cut_s = self._cut_at_s()
        seen, pause_until_s = 0, 0.0
        while not self._over():
            await asyncio.sleep(LOOK_S)
            now_s = time.monotonic()
            counts = machine.kills.counts()
            if counts.total() > seen:
                seen, pause_until_s = counts.total(), now_s + PAUSE_S
            if now_s >= next_cut_s and now_s - self._began_s < weather.seconds:
                await self._cut()
                next_cut_s = self._cut_at_s()
            elif weather.kills and now_s >= pause_until_s and not machine.kills.permitted():
                await self._arm(counts)
        machine.kills.disarm()
        self._outcome.storm_s = time.monotonic() - self._began_s

    def _over(self) -> bool:
        blown_s = time.monotonic() - self._began_s
        if blown_s < self._weather.seconds:
            return False
        counts = self._machine.kills.counts()
        wanted = self._weather.every_step and any(not counts[step.name] for step in STEPS)
        return not wanted or blown_s >= self._weather.seconds * LONGER

    def _cut_at_s(self) -> float:
        every_s = min(CUT_EVERY_S, self._weather.seconds / 2)
        return time.monotonic() + every_s * self._random.uniform(0.7, 1.1)

    async def _arm(self, counts: Counter[str]) -> None:
        """Let one more kill happen once nobody is missed, at a step that has killed least often."""
        if await self._machine.is_whole():
            least = min(counts[step.name] for step in STEPS)
            self._machine.kills.arm(step.name for step in STEPS if counts[step.name] == least)

    async def _cut(self) -> None:
        undone = await self._machine.cut()
        began_s = time.monotonic()
        await self._machine.start()
        took_s = time.monotonic() - began_s
        self._outcome.recovery_s.append(round(took_s, 2))
        how = "all" if undone.everything else "part"
        self._say(f"power cut: {undone.lost} of {undone.unsynced} ({how}); back after {took_s:.1f} s")

    async def _calm(self, market: Market) -> None:
        """Wait 10 s after the last deadline, count what is stuck, let the orders come to rest, compare."""
        began_s = time.monotonic()
        books = await self._books(market)
        deadlines = [one.deadline_ms / 1000 for one in books.reservations.values() if one.live]
        left_s = max(0.0, max(deadlines, default=0.0) - time.time())
        self._say(f"calm: {len(deadlines)} holds, the last one ends in {left_s:.1f} s")
        await asyncio.sleep(left_s + STUCK_AFTER_S)
        books = await self._books(market)
        self._outcome.stuck_holds = len(live_holds(books))
        verdict = compare(books, self._diary, market.stock)
        until_s = time.monotonic() + REST_LIMIT_S
        while _unfinished(verdict) and time.monotonic() < until_s:
            self._say(f"not at rest: {verdict.orders_at_work} orders, {verdict.faults[:3]}")
            await asyncio.sleep(REST_LOOK_S)
            verdict = compare(await self._books(market), self._diary, market.stock)
        self._outcome.rest_s = time.monotonic() - began_s
        self._outcome.verdict = verdict

    async def _read_what_is_left(self, market: Market) -> None:
        """Compare what can still be read of a machine that did not come back."""
        try:
            self._outcome.verdict = compare(await self._books(market), self._diary, market.stock)
        except Exception as error:  # noqa: BLE001 - whatever cannot be read is lost
            promised = len(self._diary.holds) + len(self._diary.orders)
            self._outcome.verdict = Verdict(acknowledged_lost=promised, faults=[f"unreadable: {error}"])

    async def _books(self, market: Market) -> Books:
        machine = self._machine
        book_url = f"sqlite:///{machine.book}"
        return await read_books(machine.redis_url, machine.database_url, book_url, market.stage.shop)

    def _filled(self, market: Market) -> Outcome:
        outcome, totals, diary = self._outcome, self._machine.totals, self._diary
        outcome.attempts, outcome.answers = diary.attempts, dict(diary.answers.most_common())
        outcome.steps = self._machine.kills.counts()
        outcome.power_cuts, outcome.unsynced = totals.power_cuts, totals.unsynced
        outcome.taken_back, outcome.stock = totals.lost, sum(market.stock.values())
        outcome.repeats_differ, outcome.unanswered = diary.repeats_differ, diary.unanswered
        return outcome


def _unfinished(verdict: Verdict) -> bool:
    """Whether something is still under way that may put the rest right."""
    return bool(verdict.orders_at_work or verdict.money_left or verdict.books_differ)
