"""The queue of all shows' pictures: what waits until the sound has been served, and what did so too long."""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.faults import Faults
from streaming.rtp.packet import RtpPacket
from streaming.settings import Limits
from streaming.source import Source
from streaming.transport.batch_native import MAX_BURST

if TYPE_CHECKING:
    from streaming.show_media import ShowMedia

GATHER_S = 0.001
SMALL_SHOW_VIEWERS = 25
# A full room's key frame takes 0.2 to 0.4 s; a picture that is later still falls behind for good.
LATE_S = 1.0

Waiting = tuple["ShowMedia", Source, int, RtpPacket, Codec, float]


class PictureBacklog:
    """Video packets of all shows that wait until the sound has been served, and for the rest of their frame.

    A frame shows nothing before it is complete, and four packets sent together cost half of four sent one by
    one: so what is not a frame's last packet waits up to `GATHER_S` for it, or for a full burst. `wake` asks
    for `forward_one` at once, `wake_soon` after so many seconds. Bounded, each show by its share of what may
    wait.

    Where pictures come faster than a full room can be sent them, they would fall behind the sound without
    end. So when a show's oldest packet is `LATE_S` old, or it has more than its share, all that waits of it
    is dropped, and its picture goes on with the next key frame.

    Shows take turns, a burst each. A burst to a full room takes up to 32 ms, and a key frame five of them: so
    between its runs the pictures of small shows go out (`forward_small`), as sound does.
    """

    def __init__(
        self,
        counters: Counters,
        wake: Callable[[], None],
        wake_soon: Callable[[float], None],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._limit = (limits or Limits()).waiting_pictures
        # In the order of their turns.
        self._waiting: dict[ShowMedia, deque[Waiting]] = {}
        self._waiting_total = self._in_turn = 0
        self._busy: ShowMedia | None = None
        self._is_between = False
        self._counters = counters
        self._faults = Faults(counters)
        self._wake = wake
        self._wake_soon = wake_soon

    def __len__(self) -> int:
        return self._waiting_total

    def put(self, waiting: Waiting) -> None:
        """Add a packet."""
        others = len(self._waiting.keys() - {waiting[0]})
        self._waiting.setdefault(waiting[0], deque()).append(waiting)
        self._waiting_total += 1
        if len(self._waiting[waiting[0]]) > self._limit // (1 + others):
            self._leave_out(waiting[0], "picture_backlog_full")
            return
        if waiting[3].marker or self._waiting_total >= MAX_BURST:
            self._wake()
        else:
            self._wake_soon(GATHER_S)

    def forget(self, show: "ShowMedia") -> None:
        """Drop what waits of a show whose publisher is another now, or none."""
        self._drop(show, "former_publisher")

    def forget_start(self, show: "ShowMedia", source: Source) -> None:
        """Drop what waits of a stream that has begun anew: the line would go on with its old numbers."""
        queue = self._waiting.get(show, deque())
        kept = deque(waiting for waiting in queue if waiting[1] is not source)
        if len(kept) < len(queue):
            self._counters.drops["former_start"] += len(queue) - len(kept)
            self._waiting_total -= len(queue) - len(kept)
            if kept:
                self._waiting[show] = kept
            else:
                del self._waiting[show]

    def _drop(self, show: "ShowMedia", reason: str) -> None:
        dropped = len(self._waiting.pop(show, ()))
        if dropped:
            self._counters.drops[reason] += dropped
            self._waiting_total -= dropped

    def _leave_out(self, show: "ShowMedia", reason: str) -> None:
        queue = self._waiting[show]
        self._drop(show, reason)
        for _, *dropped in queue:
            self._faults.shield("a picture", show.picture.leave_out, *dropped)

    def forward_one(self) -> bool:
        """Forward a packet of the show whose turn it is; False when none waits."""
        if not self._waiting:
            return False
        show = next(iter(self._waiting))
        self._busy = show
        try:
            self._push_one(show)
            self._in_turn += 1
            is_last = next(iter(self._waiting), None) is not show
            if is_last or (self._in_turn >= MAX_BURST and len(self._waiting) > 1):
                self._faults.shield("a picture", show.picture.flush)
                self._end_turn(show)
        finally:
            self._busy = None
        return bool(self._waiting)

    def forward_small(self) -> None:
        """Forward a burst of each small show while a large one's is on its way: between two runs of it."""
        if self._busy is None or self._is_between or len(self._waiting) <= (self._busy in self._waiting):
            return
        self._is_between = True
        try:
            small = [one for one in self._waiting if len(one.viewers) <= SMALL_SHOW_VIEWERS]
            for show in small[:MAX_BURST]:
                if show is not self._busy:
                    self._push_burst(show)
        finally:
            self._is_between = False

    def _push_burst(self, show: "ShowMedia") -> None:
        for _ in range(MAX_BURST):
            if show in self._waiting:
                self._push_one(show)
        self._faults.shield("a picture", show.picture.flush)

    def _push_one(self, show: "ShowMedia") -> None:
        queue = self._waiting[show]
        if self._clock() - queue[0][-1] > LATE_S:
            self._leave_out(show, "picture_too_late")
            return
        _, source, extended, packet, codec, now_s = queue.popleft()
        self._waiting_total -= 1
        if not queue:
            del self._waiting[show]
        self._faults.shield("a picture", show.picture.push, source, extended, packet, codec, now_s)

    def _end_turn(self, show: "ShowMedia") -> None:
        self._in_turn = 0
        queue = self._waiting.pop(show, None)
        if queue is not None:
            self._waiting[show] = queue
