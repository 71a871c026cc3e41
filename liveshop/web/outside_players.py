"""Whether shows let players without a watch token in: looked up once a second and show, however many ask.

Strangers may ask as often as they like, and hundreds come in the same second when a show begins; a look into
the database each would take the front more time than all else about them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

# So long an answer holds: what a host has changed counts after this time at the latest.
HOLDS_S = 1.0
MAX_SHOWS = 1000


class OutsidePlayers:
    """Asks `look_up` (raises what it raises, such as "no such show") and shares its answers."""

    def __init__(
        self, look_up: Callable[[str], Awaitable[bool]], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._look_up = look_up
        self._now_s = now_s
        # By show, oldest first: when it was looked up, and the answer or the way to it.
        self._known: dict[str, tuple[float, asyncio.Task[bool]]] = {}

    async def may_watch(self, show: str) -> bool:
        """Tell whether they may; whoever asks while somebody's look is under way waits for that one."""
        self._forget_old()
        known = self._known.get(show)
        if known is None:
            look = asyncio.create_task(self._ask(show))
            look.add_done_callback(_note_failure)
            known = self._known[show] = self._now_s(), look
            if len(self._known) > MAX_SHOWS:
                del self._known[next(iter(self._known))]
        # Who leaves meanwhile does not take the answer from the others.
        return await asyncio.shield(known[1])

    async def _ask(self, show: str) -> bool:
        try:
            return await self._look_up(show)
        except BaseException:
            known = self._known.get(show)
            if known is not None and known[1] is asyncio.current_task():
                del self._known[show]
            raise

    def _forget_old(self) -> None:
        oldest_s = self._now_s() - HOLDS_S
        while self._known:
            show, (asked_s, _) = next(iter(self._known.items()))
            if asked_s > oldest_s:
                return
            del self._known[show]


def _note_failure(look: asyncio.Task[bool]) -> None:
    """Take note of an error for which nobody waits any more."""
    if not look.cancelled():
        look.exception()
