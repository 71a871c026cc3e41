"""Which media process a viewer goes to: the show's owner until that carries enough, then the least loaded.

A process that does not own the show copies it from its owner (`streaming.trunk`), which costs the owner as
much as one viewer. So a show with few viewers stays in one process. What every process carries it says once
a second; in between, a front counts the viewers it has sent itself.
"""

from collections import deque
from typing import Protocol, TypeVar

COUNTED_S = 2.0


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
        self._sent: deque[tuple[float, int]] = deque(maxlen=10_000)

    def choose(self, owner: P, living: list[P], now_s: float) -> P:
        """Return the process for one more viewer, and count that viewer."""
        while self._sent and now_s - self._sent[0][0] > COUNTED_S:
            self._sent.popleft()
        chosen = owner
        if self._load(owner) >= self._owner_sessions:
            chosen = min(living, key=lambda one: (self._load(one), one.index != owner.index, one.index))
        self.sent(chosen.index, now_s)
        return chosen

    def sent(self, index: int, now_s: float) -> None:
        """Count a session that a process was just given."""
        self._sent.append((now_s, index))

    def _load(self, process: Loaded) -> int:
        return process.sessions + sum(index == process.index for _, index in self._sent)
