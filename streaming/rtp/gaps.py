"""Which packets of the publisher are missing, and when to ask for them again.

Numbers from production relays (docs: reference of the field): wait 10 ms for reordering before the first
request (SRS), ask again after a round trip but not sooner than 40 ms (mediasoup), at most 10 times and
for 1 s, and above 500 missing packets give up and want a key frame instead.

On a bad line requests are lost like everything else. There each is said twice, the second time 10 ms later:
libwebrtc repeats a packet once a round trip however often it is asked, so an echo costs a few bytes.
"""

from dataclasses import dataclass

FIRST_REQUEST_S = 0.010
REPEAT_S = 0.040
GIVE_UP_S = 1.0
MAX_REQUESTS = 10
MAX_MISSING = 500
ECHO_S = 0.010
# Of so many packets of late this share had to be asked for: requests have echoes.
LOSSY_SHARE = 0.02
LATELY_PACKETS = 512


@dataclass(slots=True)
class _Missing:
    since_s: float
    due_s: float
    requests: int
    echoed: bool


class GapTracker:
    """Remembers the holes of one stream, by extended sequence number."""

    __slots__ = ("_arrived", "_asked", "_highest", "_missing", "given_up_total", "overflowed")

    def __init__(self) -> None:
        self._highest: int | None = None
        self._missing: dict[int, _Missing] = {}
        self._arrived = self._asked = 0
        self.given_up_total = 0
        self.overflowed = False

    @property
    def missing_total(self) -> int:
        """How many packets are awaited now."""
        return len(self._missing)

    def arrived(self, sequence: int, now_s: float) -> None:
        """Note a packet; opens holes before it or closes one."""
        self._arrived += 1
        if self._arrived >= LATELY_PACKETS:
            self._arrived //= 2
            self._asked //= 2
        if self._highest is None or sequence <= self._highest:
            self._missing.pop(sequence, None)
            self._highest = sequence if self._highest is None else self._highest
            return
        hole = sequence - self._highest - 1
        if hole + len(self._missing) > MAX_MISSING:
            self.given_up_total += hole + len(self._missing)
            self._missing.clear()
            self.overflowed = True
        else:
            for lost in range(self._highest + 1, sequence):
                self._missing[lost] = _Missing(now_s, now_s + FIRST_REQUEST_S, 0, echoed=True)
        self._highest = sequence

    def due(self, now_s: float, round_trip_s: float) -> list[int]:
        """Sequence numbers to ask for now; each call counts as asking."""
        if not self._missing:
            return []
        wanted: list[int] = []
        for sequence, hole in list(self._missing.items()):
            if now_s - hole.since_s > GIVE_UP_S or hole.requests >= MAX_REQUESTS:
                del self._missing[sequence]
                self.given_up_total += 1
            elif now_s >= hole.due_s:
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
        self._asked += hole.requests == 0
        hole.requests += 1
        hole.echoed = self._asked <= LOSSY_SHARE * max(self._arrived, LATELY_PACKETS // 2)
        hole.due_s = now_s + (pause_s if hole.echoed else ECHO_S)

    def take_overflow(self) -> bool:
        """Whether so much was lost that only a key frame helps; asking clears it."""
        overflowed, self.overflowed = self.overflowed, False
        return overflowed
