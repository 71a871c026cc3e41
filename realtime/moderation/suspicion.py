"""Who looks suspicious, and whether too many come at once. Pure; bounded; forgets by itself.

Each sign adds to a person's score, which halves every `HALF_LIFE_MS`; at `SUSPICIOUS` they are shown to
moderators. One strong sign is enough (a banned person's browser), weak ones must come together.
"""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field

SUSPICIOUS = 1.0
HALF_LIFE_MS = 10 * 60_000
WEIGHTS: dict[str, float] = {
    "evasion": 1.0,
    "duplicates": 0.5,
    "join_burst": 0.5,
    "refused": 0.34,
    "new_account": 0.3,
}
"""How much each sign says."""
ONCE = frozenset({"evasion", "join_burst", "new_account"})
"""Signs that say nothing more when they are seen again."""
PEOPLE_TOTAL = 2_000
NEW_ACCOUNT_MS = 24 * 3600 * 1000
DUPLICATES_TOTAL = 3
"""So often the same words within the time of `echoes` are a flood."""


@dataclass(slots=True)
class Suspect:
    """One person's score at a time, and the signs that made it."""

    score: float = 0.0
    at_ms: int = 0
    whys: set[str] = field(default_factory=set)
    shown: bool = False


class Suspicion:
    """Scores of one room's people; of more than `PEOPLE_TOTAL` the longest quiet is forgotten."""

    def __init__(self) -> None:
        self._people: OrderedDict[str, Suspect] = OrderedDict()

    def add(self, person: str, why: str, now_ms: int) -> Suspect | None:
        """Add a sign; returns the suspect when they have just become one, else None."""
        suspect = self._people.setdefault(person, Suspect(at_ms=now_ms))
        self._people.move_to_end(person)
        if why in ONCE and why in suspect.whys:
            return None
        if len(self._people) > PEOPLE_TOTAL:
            self._people.popitem(last=False)
        suspect.score = _decayed(suspect, now_ms) + WEIGHTS[why]
        suspect.at_ms = max(suspect.at_ms, now_ms)
        suspect.whys.add(why)
        if suspect.score < SUSPICIOUS or suspect.shown:
            return None
        suspect.shown = True
        return suspect

    def is_suspect(self, person: str, now_ms: int) -> bool:
        """Whether a person's score still reaches `SUSPICIOUS`; one that fell below half of it starts anew."""
        suspect = self._people.get(person)
        if suspect is None:
            return False
        score = _decayed(suspect, now_ms)
        if score < SUSPICIOUS / 2:
            del self._people[person]
        return score >= SUSPICIOUS / 2 and suspect.shown

    def clear(self, person: str) -> None:
        """Forget a person: a moderator looked and found nothing."""
        self._people.pop(person, None)


def _decayed(suspect: Suspect, now_ms: int) -> float:
    return suspect.score * math.exp2(-max(0, now_ms - suspect.at_ms) / HALF_LIFE_MS)


class JoinBurst:
    """Notices when far more people come than usual.

    Counts joins of the last `WINDOW_MS`, of all fronts; the usual number follows slowly, a window at a time.
    """

    WINDOW_MS = 10_000
    LEAST_TOTAL = 20
    TIMES = 5.0
    FOLLOWS = 0.1

    def __init__(self) -> None:
        self._joins: deque[tuple[int, int]] = deque()
        self._total = 0
        self._usual = 0.0
        self._window_ms = 0

    def join(self, now_ms: int) -> int:
        """Take a join in; returns the joins of the window when they are a burst, else 0."""
        self.elsewhere(1, now_ms)
        return self._total if self._total >= max(self.LEAST_TOTAL, self._usual * self.TIMES) else 0

    def elsewhere(self, joins: int, now_ms: int) -> None:
        """Take in what another front saw."""
        self._follow(now_ms)
        self._joins.append((now_ms, joins))
        self._total += joins
        while now_ms - self._joins[0][0] > self.WINDOW_MS:
            self._total -= self._joins.popleft()[1]

    def _follow(self, now_ms: int) -> None:
        if now_ms - self._window_ms < self.WINDOW_MS:
            return
        quiet = min(50, (now_ms - self._window_ms) // self.WINDOW_MS) if self._window_ms else 1
        for window in range(quiet):
            came = self._total if window == 0 else 0
            self._usual += self.FOLLOWS * (came - self._usual)
        self._window_ms = now_ms
