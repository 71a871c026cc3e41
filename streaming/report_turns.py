"""Whose sender reports are due (RFC 3550 section 6.4.1). Pure: moments come in, viewers go out.

A player needs two reports of a stream before it can put sound and picture in step, and then one now and then
for clocks that drift; RFC 3550 asks for one each 5 s, libwebrtc sends one a second with pictures. A report
costs 45 us, a tenth of what all packets of that second do, so: three in the first two seconds, then one each
five. When a show begins, comes back or changes hands, everybody gets one a second for a while.
"""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

FIRST_REPORTS, FIRST_INTERVAL_S = 3, 1.0
INTERVAL_S = 5.0
HURRY_S, HURRY_INTERVAL_S = 4.0, 1.0

Viewer = TypeVar("Viewer")


class ReportTurns(Generic[Viewer]):
    """Everybody's turn. Reports are spread over the interval, so that no moment has many of them."""

    def __init__(self) -> None:
        self._new: deque[tuple[float, Viewer, int]] = deque()
        self._turn: deque[Viewer] = deque()
        self._is_here: dict[Viewer, None] = {}
        self._reported_until_s = 0.0
        self._hurry_until_s = 0.0

    def __len__(self) -> int:
        return len(self._turn) + len(self._new)

    def add(self, viewer: Viewer, now_s: float) -> None:
        """Note that a viewer came, and has had its first report."""
        self._is_here[viewer] = None
        self._new.append((now_s + FIRST_INTERVAL_S, viewer, FIRST_REPORTS - 1))

    def remove(self, viewer: Viewer) -> None:
        """Note that a viewer left."""
        if viewer in self._is_here:
            del self._is_here[viewer]
            if viewer in self._turn:
                self._turn.remove(viewer)
            self._new = deque(entry for entry in self._new if entry[1] is not viewer)

    def hurry(self, now_s: float) -> None:
        """Note that what is reported on has changed for everybody."""
        self._hurry_until_s = now_s + HURRY_S

    def due(self, now_s: float) -> Iterator[Viewer]:
        """Go through who is due by now; to be called every 20 ms or so."""
        while self._new and self._new[0][0] <= now_s:
            _, viewer, left = self._new.popleft()
            if left > 1:
                self._new.append((now_s + FIRST_INTERVAL_S, viewer, left - 1))
            else:
                self._turn.append(viewer)
            yield viewer
        yield from self._in_turn(now_s)

    def _in_turn(self, now_s: float) -> Iterator[Viewer]:
        if not self._turn:
            self._reported_until_s = now_s
            return
        interval_s = HURRY_INTERVAL_S if now_s < self._hurry_until_s else INTERVAL_S
        step_s = interval_s / len(self._turn)
        self._reported_until_s = max(self._reported_until_s, now_s - interval_s)
        while self._turn and self._reported_until_s + step_s <= now_s:
            self._reported_until_s += step_s
            self._turn.rotate(-1)
            yield self._turn[-1]
