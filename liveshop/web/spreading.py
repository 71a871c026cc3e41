"""Which media process a viewer goes to: the show's owner until that carries enough, then the least loaded.

A host of a show that nobody owns goes to the least loaded one, so that shows lie on all of them.
A process that does not own the show copies it from its owner (`streaming.trunk`), which costs the owner as
much as one viewer. So a show with few viewers stays in one process. What every process carries it says once
a second; in between, a front counts the viewers it has sent itself.
"""

from collections import deque
from typing import Protocol, TypeVar

COUNTED_S = 2.0
# How old what the registry says may be when it is read: a front reads it four times a second.
READ_AGE_S = 0.3


class Loaded(Protocol):
    """A media process and what it last said it carries."""

    @property
    def index(self) -> int:
        """Its number."""

    @property
    def sessions(self) -> int:
        """Its sessions when it last said so."""


P = TypeVar("P", bound=Loaded)


class Spreading:
    """One front's choices. `owner_sessions` is from how many sessions on an owner's viewers go elsewhere."""

    def __init__(self, owner_sessions: int) -> None:
        self._owner_sessions = owner_sessions
        self._said: dict[int, int] = {}
        self._sent: dict[int, deque[float]] = {}

    def choose(self, owner: P, living: list[P], now_s: float) -> P:
        """Return the process for one more viewer, and count that viewer."""
        loads = {one.index: self._load(one, now_s) for one in living}
        chosen = owner
        if loads.get(owner.index, 0) >= self._owner_sessions:
            chosen = min(living, key=lambda one: (loads[one.index], one.index != owner.index, one.index))
        self.sent(chosen.index, now_s)
        return chosen

    def least(self, living: list[P], now_s: float) -> P:
        """Return the process that carries least, of several the first; who goes there is not counted yet."""
        return min(living, key=lambda one: (self._load(one, now_s), one.index))

    def sent(self, index: int, now_s: float) -> None:
        """Count a session that a process was just given."""
        self._sent.setdefault(index, deque(maxlen=10_000)).append(now_s)

    def _load(self, process: Loaded, now_s: float) -> int:
        """Add to what a process last said whom it has been sent since."""
        sent = self._sent.setdefault(process.index, deque(maxlen=10_000))
        has_news = self._said.get(process.index) != process.sessions
        self._said[process.index] = process.sessions
        while sent and now_s - sent[0] > (READ_AGE_S if has_news else COUNTED_S):
            sent.popleft()
        return process.sessions + len(sent)
