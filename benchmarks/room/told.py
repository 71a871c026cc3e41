"""What the room told its viewers, decoded once however many got it; and whether each got all of it.

All viewers of a process share one table of frames by their bytes, so that a frame is inflated and decoded for
the first of them only. What each of them has is then a sum: how many facts, and up to which place of the log.
The log itself says afterwards how many there were.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from benchmarks.room_socket import payload_of

KEPT_FRAMES = 400
"""So many of the newest frames are known by their bytes; slower readers have theirs decoded again."""


class _Position(msgspec.Struct):
    offset: int


class _Fact(msgspec.Struct):
    seq: int


class _Comment(msgspec.Struct):
    id: str
    text: str


class _Tick(msgspec.Struct):
    position: _Position | None
    facts: list[_Fact]
    talk: list[_Comment]


class _Head(msgspec.Struct):
    type: str
    re: int | None = None
    position: _Position | None = None


_tick = msgspec.json.Decoder(_Tick)
_head = msgspec.json.Decoder(_Head)


@dataclass(slots=True)
class Told:
    """One tick: `end` is the log's offset after it (0 for a slow reader's), `sent_s` its comments' times."""

    facts: tuple[int, ...]
    comments: tuple[str, ...]
    end: int
    sent_s: tuple[float, ...] = ()
    arrivals_s: list[float] = field(default_factory=list)


class Frames:
    """The frames one process has seen."""

    def __init__(self) -> None:
        self.known: dict[bytes, Told] = {}
        self.ticks: list[Told] = []
        self._order: deque[bytes] = deque()

    def read(self, frame: bytes) -> Told | _Head:
        """Return a frame's tick, or the head of any other message."""
        payload = payload_of(frame)
        if not payload.startswith(b'{"type":"tick"'):
            return _head.decode(payload)
        told = _told(_tick.decode(payload))
        self.ticks.append(told)
        self.known[frame] = told
        self._order.append(frame)
        if len(self._order) > KEPT_FRAMES:
            self.known.pop(self._order.popleft(), None)
        return told


def _told(tick: _Tick) -> Told:
    stamps = [comment.text.partition(" ")[0] for comment in tick.talk]
    return Told(
        tuple(fact.seq for fact in tick.facts),
        tuple(comment.id for comment in tick.talk),
        0 if tick.position is None else tick.position.offset,
        tuple(float(stamp) for stamp in stamps if stamp.replace(".", "", 1).isdigit()),
    )


class Place:
    """Where one viewer stands in the log."""

    __slots__ = ("disorder", "end", "facts", "frames", "start")

    def __init__(self) -> None:
        self.start = self.end = 0
        self.facts = self.frames = self.disorder = 0

    def begin(self, offset: int) -> None:
        """Start where the hello's answer ends."""
        self.start = self.end = offset

    def take(self, told: Told) -> None:
        """Go on by one tick."""
        self.frames += 1
        if not told.end:
            return
        if told.end < self.end or (told.facts and told.facts[0] <= self.end):
            self.disorder += 1
        self.facts += len(told.facts)
        self.end = told.end


def lost_facts(places: Iterable[tuple[int, int, int]], facts: Sequence[int], end: int) -> int:
    """Return how many facts are missing or came twice; places are (start, end, facts had), `facts` the log's.

    A viewer that is not at the log's `end` lacks what came after its own.
    """
    lost = 0
    for start, reached, had in places:
        assert reached <= end
        lost += abs(bisect_right(facts, end) - bisect_right(facts, start) - had)
    return lost


def latencies_ms(ticks: Iterable[Told]) -> Counter[int]:
    """Return how often a comment took how many milliseconds from its writer to a viewer."""
    found: Counter[int] = Counter()
    for told in ticks:
        for sent_s in told.sent_s:
            found.update(int((arrival_s - sent_s) * 1000) for arrival_s in told.arrivals_s)
    return found


def percentile(counts: Counter[int], share: float) -> float:
    """Return the value that this share of all is at or below; NaN for nothing."""
    left = share * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return float(value)
    return float("nan")
