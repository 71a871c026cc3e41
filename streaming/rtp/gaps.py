"""Which packets of the publisher are missing, and when to ask for them again.

Numbers from production relays (docs: reference of the field): wait 10 ms for reordering before the first
request (SRS), ask again after a round trip but not sooner than 40 ms (mediasoup), at most 10 times and
for 1 s, and above 500 missing packets give up and want a key frame instead.

On a bad line every millisecond counts and requests are lost like everything else. There the first one does
not wait, unless packets overtake each other, and each is said twice, the second time 10 ms later: libwebrtc
repeats a packet once a round trip however often it is asked, so an echo costs a few bytes.
"""

from dataclasses import dataclass

FIRST_REQUEST_S = 0.010
REPEAT_S = 0.040
GIVE_UP_S = 1.0
MAX_REQUESTS = 10
MAX_MISSING = 500
ECHO_S = 0.010
# A line is bad when of so many packets of late this share had to be asked for.
LOSSY_SHARE = 0.02
LATELY_PACKETS = 512
# It is orderly when fewer holes than one in so many fill by themselves at once.
OVERTAKEN_ONE_IN = 8


@dataclass(slots=True)
class _Missing:
    since_s: float
    due_s: float
    requests: int
    echoed: bool


class _Line:
    """How the line has been of late, in counts that fade."""

    __slots__ = ("arrived", "asked", "overtaken")

    def __init__(self) -> None:
        self.arrived = self.asked = self.overtaken = 0

    def count_arrival(self) -> None:
        """Count a packet; at times all counts are halved."""
        self.arrived += 1
        if self.arrived >= LATELY_PACKETS:
            self.arrived //= 2
            self.asked //= 2
            self.overtaken //= 2

    @property
    def is_bad(self) -> bool:
        """Whether it loses much."""
        return self.asked > LOSSY_SHARE * max(self.arrived, LATELY_PACKETS // 2)

    @property
    def first_wait_s(self) -> float:
        """How long a hole may be mere disorder."""
        hurries = self.is_bad and self.overtaken * OVERTAKEN_ONE_IN < self.asked
        return 0.0 if hurries else FIRST_REQUEST_S


class GapTracker:
    """Remembers the holes of one stream, by extended sequence number.

    Where the publisher cannot be asked for repeats (`asks` False: browsers' sound) nothing is awaited; holes
    are only counted once it is sure that they stay.
    """

    __slots__ = ("_asks", "_highest", "_line", "_missing", "_told", "given_up_total", "overflowed")

    def __init__(self, *, asks: bool = True) -> None:
        self._asks = asks
        self._highest: int | None = None
        self._missing: dict[int, _Missing] = {}
        self._line = _Line()
        self.given_up_total = self._told = 0
        self.overflowed = False

    @property
    def missing_total(self) -> int:
        """How many packets are awaited now."""
        return len(self._missing) if self._asks else 0

    def arrived(self, sequence: int, now_s: float) -> None:
        """Note a packet; opens holes before it or closes one."""
        self._line.count_arrival()
        if self._highest is None or sequence <= self._highest:
            found = self._missing.pop(sequence, None)
            self._line.overtaken += found is not None and now_s - found.since_s < FIRST_REQUEST_S
            self._highest = sequence if self._highest is None else self._highest
            return
        if sequence > self._highest + 1:
            self._open(range(self._highest + 1, sequence), now_s)
        self._highest = sequence

    def _open(self, hole: range, now_s: float) -> None:
        if len(hole) + len(self._missing) > MAX_MISSING:
            self.given_up_total += len(hole) + len(self._missing)
            self._missing.clear()
            self.overflowed = True
            return
        due_s = now_s + self._line.first_wait_s
        for lost in hole:
            self._missing[lost] = _Missing(now_s, due_s, 0, echoed=True)

    def due(self, now_s: float, round_trip_s: float) -> list[int]:
        """Sequence numbers to ask for now; each call counts as asking."""
        if not self._missing:
            return []
        wanted: list[int] = []
        for sequence, hole in list(self._missing.items()):
            if now_s - hole.since_s > GIVE_UP_S or hole.requests >= MAX_REQUESTS:
                del self._missing[sequence]
                self.given_up_total += 1
            elif now_s >= hole.due_s and self._asks:
                self._ask(hole, now_s, round_trip_s)
                wanted.append(sequence)
        return wanted

    def _ask(self, hole: _Missing, now_s: float, round_trip_s: float) -> None:
        """Count a request, or the echo of one, and set when the next is due."""
        pause_s = max(REPEAT_S, round_trip_s)
        if not hole.echoed:
            hole.echoed = True
            hole.due_s = now_s + pause_s - ECHO_S
            return
        self._line.asked += hole.requests == 0
        hole.requests += 1
        hole.echoed = not self._line.is_bad
        hole.due_s = now_s + (pause_s if hole.echoed else ECHO_S)

    def restart(self) -> None:
        """Begin with new numbers: what was still missing will not come."""
        self.given_up_total += len(self._missing)
        self._missing.clear()
        self._highest, self._line, self.overflowed = None, _Line(), False

    def take_given_up(self) -> int:
        """How many packets were given up since this was last asked."""
        news, self._told = self.given_up_total - self._told, self.given_up_total
        return news

    def take_overflow(self) -> bool:
        """Whether so much was lost that only a key frame helps; asking clears it."""
        overflowed, self.overflowed = self.overflowed, False
        return overflowed
