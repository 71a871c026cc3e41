"""What was said lately in one room, so that the same words are noticed when they come again. Bounded."""

import re
import unicodedata
from collections import Counter, deque

KEPT_TOTAL = 200
KEPT_MS = 10 * 60_000
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)


def gist(text: str) -> str:
    """Return what texts that say the same have in common: letters and digits without repeats, else all.

    "" only for a text without words.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _REPEATED.sub(r"\1", "".join(filter(str.isalnum, plain))) or "".join(plain.split())


class Echoes:
    """The newest comments' gists with who said them. Times are the shop's clock; they may stand still."""

    def __init__(self) -> None:
        self._said: deque[tuple[int, str, str]] = deque()
        self._totals: Counter[str] = Counter()

    def hear(self, text: str, person: str, now_ms: int) -> None:
        """Take a comment in."""
        what = gist(text)
        if not what:
            return  # a picture without words
        self._said.append((now_ms, what, person))
        self._totals[what] += 1
        if len(self._said) > KEPT_TOTAL:
            self._forget_oldest()

    def total(self, text: str, now_ms: int) -> int:
        """Return how often the same was said within the time kept."""
        while self._said and now_ms - self._said[0][0] > KEPT_MS:
            self._forget_oldest()
        return self._totals[gist(text)]

    def _forget_oldest(self) -> None:
        _, what, _ = self._said.popleft()
        self._totals[what] -= 1
        if not self._totals[what]:
            del self._totals[what]
