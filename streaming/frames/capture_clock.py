"""When frames were captured: RTP timestamps on one clock of sound and picture.

The clock is the server's monotonic one. `streaming.rtp.reports` says where it and each kind's timestamps
meet: by the publisher's sender reports, until those have come by the least delayed arrival. Such meetings
wander (reports are rounded, crystals drift, the first reports correct the arrivals), and a recording or a
segment wants even steps. So a kind's offset moves towards the newest meeting by at most
`MAX_SLEW` seconds a second. When the first reports correct the arrivals, sound keeps its times and the
picture alone is moved: a picture 30 ms earlier is not seen, a stretched sound is heard.
"""

from dataclasses import dataclass

MAX_SLEW = 0.01
JUMP_S = 1.0
RATES_HZ = {"audio": 48_000, "video": 90_000}


@dataclass(slots=True, frozen=True)
class Meeting:
    """The show's RTP time (32 bits) of this kind at a moment of the server's clock.

    `is_reported`: known by sender reports, not by arrivals. `is_fresh`: of another source than before, so
    that old times do not count.
    """

    kind: str
    server_s: float
    timestamp: int
    is_reported: bool
    is_fresh: bool = False


class CaptureLine:
    """One kind's timestamps: made to grow for ever, and turned into seconds."""

    __slots__ = ("_newest", "_rate_hz", "_target_s", "offset_s")

    def __init__(self, rate_hz: int) -> None:
        self.offset_s: float | None = None
        self._target_s = 0.0
        self._rate_hz = rate_hz
        self._newest: int | None = None

    def unwrap(self, timestamp: int) -> int:
        """Return the timestamp without wrap-around, given one within half a round of the last."""
        if self._newest is None:
            return timestamp
        return self._newest + ((timestamp - self._newest + 0x80000000) & 0xFFFFFFFF) - 0x80000000

    def offset_of(self, meeting: Meeting) -> float:
        """Return what a meeting says is to be added to this line's seconds."""
        return meeting.server_s - self.unwrap(meeting.timestamp) / self._rate_hz

    def aim(self, offset_s: float, *, at_once: bool) -> None:
        """Move towards an offset; far ones and first ones are taken at once."""
        self._target_s = offset_s
        if at_once or self.offset_s is None or abs(offset_s - self.offset_s) > JUMP_S:
            self.offset_s = offset_s

    def take(self, timestamp: int, arrival_s: float) -> tuple[int, float]:
        """Return the next frame's (timestamp without wrap-around, capture time in seconds).

        Without any meeting yet, the arrival is taken for one.
        """
        now = self.unwrap(timestamp)
        passed_s = max(0, now - (self._newest if self._newest is not None else now)) / self._rate_hz
        self._newest = now
        if self.offset_s is None:
            self.aim(arrival_s - now / self._rate_hz, at_once=True)
        assert self.offset_s is not None
        limit_s = MAX_SLEW * passed_s
        self.offset_s += max(-limit_s, min(limit_s, self._target_s - self.offset_s))
        return now, self.offset_s + now / self._rate_hz


class CaptureClock:
    """The lines of sound and picture of one show."""

    __slots__ = ("_is_reported", "_shift_s", "lines")

    def __init__(self) -> None:
        self.lines = {kind: CaptureLine(rate_hz) for kind, rate_hz in RATES_HZ.items()}
        self._is_reported = False
        self._shift_s = 0.0

    def note(self, meeting: Meeting) -> None:
        """Note a meeting; those of sound come before those of the picture."""
        line = self.lines[meeting.kind]
        offset_s = line.offset_of(meeting)
        if not meeting.is_reported:
            self._is_reported, self._shift_s = False, 0.0
        elif not self._is_reported:
            self._is_reported = True
            if meeting.kind == "audio" and line.offset_s is not None and not meeting.is_fresh:
                self._shift_s = line.offset_s - offset_s
        line.aim(offset_s + self._shift_s, at_once=meeting.is_fresh)
