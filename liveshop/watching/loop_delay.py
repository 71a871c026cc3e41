"""How long the loop keeps a callback waiting, and how much CPU time it spends without looking up.

Two figures, both from one probe that runs on the loop itself:

*Delay*: the probe asks to be called after a period; how much later than that it is called is what any timer
or arriving packet had to wait. It holds the machine's other work as well.

*Turn*: CPU time of the loop's own thread (`time.thread_time`, CLOCK_THREAD_CPUTIME_ID) between two calls of
the probe. uvloop runs callbacks from C and offers no hook around one, so the longest single callback is
bounded from above instead: any callback lies between two calls, so none took more than its turn. While
the loop is busy (the last turn used more than `BUSY_S`) the probe asks to be called again in the very next
turn of the loop, so that a turn is what that one iteration ran; when it is idle it comes back after
a period, which bounds what a turn may gather by accident to that time. Turns with less than `COUNTED_S` are
idle and not counted, so that percentiles speak of turns in which something ran. With a period over
`GATHERED_S` turns are samples: after each call of the timer, what the next iteration of the loop ran.

Pure: loop, clocks and what is done with the figures come in.
"""

import asyncio
from collections.abc import Callable

PERIOD_S = 0.004
BUSY_S = 0.0004
COUNTED_S = 0.0003
GATHERED_S = 0.020

Clock = Callable[[], float]
Observe = Callable[[float], None]


class LoopProbe:
    """Measures one loop. `on_delay` and `on_turn` get seconds.

    `period_s`: 4 ms cost 2% of a core of the reference machine while nothing happens.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        thread_time_s: Clock,
        on_delay: Observe,
        on_turn: Observe,
        period_s: float = PERIOD_S,
    ) -> None:
        self._period_s = period_s
        self._loop = loop
        self._thread_time_s = thread_time_s
        self._on_delay = on_delay
        self._on_turn = on_turn
        self._handle: asyncio.Handle | None = None
        self._due_s = 0.0
        self._cpu_s = 0.0

    def start(self) -> None:
        """Begin to measure; to be called on the loop's thread."""
        self._cpu_s = self._thread_time_s()
        self._later()

    def stop(self) -> None:
        """Measure no longer."""
        if self._handle is not None:
            self._handle.cancel()

    def _later(self) -> None:
        # On multiples of the period: with other timers that keep to them the process wakes up once for all.
        self._due_s = (round(self._loop.time() / self._period_s) + 1) * self._period_s
        self._handle = self._loop.call_at(self._due_s, self._timed)

    def _timed(self) -> None:
        self._on_delay(max(0.0, self._loop.time() - self._due_s))
        if self._period_s <= GATHERED_S:
            self._turned()
        else:
            # Called after this iteration's timers and before it looks at sockets.
            self._handle = self._loop.call_soon(self._begin_turn)

    def _begin_turn(self) -> None:
        self._cpu_s = self._thread_time_s()
        self._handle = self._loop.call_soon(self._turned)

    def _turned(self) -> None:
        now_s = self._thread_time_s()
        used_s = now_s - self._cpu_s
        if used_s >= COUNTED_S:
            self._on_turn(used_s)
        # Taken again, so that what the probe itself uses is nobody's turn.
        self._cpu_s = self._thread_time_s()
        if used_s >= BUSY_S:
            self._handle = self._loop.call_soon(self._turned)
        else:
            self._later()
