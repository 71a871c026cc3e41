"""Taps: a show's frames for consumers that record or repackage, beside the viewers.

The hot path appends each packet to a tap's queue and does no more. A thread of the tap's own puts packets
in order, makes frames and calls the consumer; it is woken by the show's tick, about every 20 ms, so that
it works in batches and does not compete with every packet for the interpreter. Consumers may therefore
block (a muxer writing to a disk does) and cannot hurt the show: a queue that is full loses the newest
packets, and a consumer that raises is let go. All of it is counted.

Between the two threads go only appends and pops of deques, which the interpreter makes atomic; the counters
are written by the loop alone.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from streaming.counters import Counters
from streaming.frames.assembly import Arrived, FrameAssembly, Item, Restarted
from streaming.frames.capture_clock import Meeting
from streaming.frames.frame import MediaFrame
from streaming.ports import FrameConsumer
from streaming.rtp.ring import StoredPacket

MAX_QUEUED_PACKETS = 8192
MAX_QUEUED_BYTES = 16 << 20
MEETING_INTERVAL_S = 0.25

log = logging.getLogger(__name__)
Meet = Callable[[str], Meeting | None]
"""Where a kind's RTP time and the server's clock meet now; None when nothing of it was published."""


class Tap:
    """One consumer of one show. All methods but `_run` and below are called by the loop."""

    def __init__(self, consumer: FrameConsumer, meet: Meet) -> None:
        self.consumer = consumer
        self.reports: deque[str] = deque()
        self.is_over = False
        self._meet = meet
        self._queue: deque[Item] = deque()
        self._put_bytes = 0
        self._taken_bytes = 0
        self._now_s = 0.0
        self._is_closing = False
        self._wake = threading.Event()
        self._assembly = FrameAssembly(self.reports.append)
        self._thread = threading.Thread(target=self._run, name="tap")
        for kind in ("audio", "video"):
            meeting = meet(kind)
            if meeting is not None:
                self._queue.append(meeting)
        self._thread.start()

    def packet(self, kind: str, packet: StoredPacket) -> None:
        """Take a packet the show has stored; drop it when the consumer is too slow."""
        if len(self._queue) >= MAX_QUEUED_PACKETS or self._put_bytes - self._taken_bytes >= MAX_QUEUED_BYTES:
            self.reports.append("tap_queue_full")
            return
        self._put_bytes += len(packet.payload)
        self._queue.append(Arrived(kind, packet))

    def restart(self, kind: str, first: int) -> None:
        """Note that another source of this kind begins with the sequence number `first`."""
        meeting = self._meet(kind)
        fresh = None if meeting is None else replace(meeting, is_fresh=True)
        self._queue.append(Restarted(kind, first, fresh))

    def tick(self, now_s: float, *, with_meetings: bool) -> None:
        """Let the thread work."""
        if with_meetings and len(self._queue) < MAX_QUEUED_PACKETS:
            self._queue.extend(m for kind in ("audio", "video") if (m := self._meet(kind)) is not None)
        self._now_s = now_s
        self._wake.set()

    def close(self) -> None:
        """Let the consumer have what has come, then end; does not wait."""
        self._is_closing = True
        self._wake.set()

    def _run(self) -> None:
        self._guard(self._serve)
        self._guard(self.consumer.end)
        self.is_over = True

    def _guard(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("a tap's consumer failed; it gets no more frames")
            self.reports.append("tap_consumer_failed")

    def _serve(self) -> None:
        while not self._is_closing:
            self._wake.wait()
            self._wake.clear()
            self._work()
        self._work()
        self._hand_over(self._assembly.finish())

    def _work(self) -> None:
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, Arrived):
                self._taken_bytes += len(item.packet.payload)
            self._hand_over(self._assembly.take(item))
        self._hand_over(self._assembly.expire(self._now_s))

    def _hand_over(self, frames: list[MediaFrame]) -> None:
        for frame in frames:
            self.consumer.frame(frame)
            time.sleep(0)  # the media loop must not wait for a backlog of ours


class Taps:
    """All taps of one show. `live` is what the streams hand packets to, in most shows nobody."""

    def __init__(self, counters: Counters, meet: Meet, want_key_frame: Callable[[], None]) -> None:
        self.live: list[Tap] = []
        self._leaving: list[Tap] = []
        self._counters = counters
        self._meet = meet
        self._want_key_frame = want_key_frame
        self._meetings_due_s = 0.0

    def attach(self, consumer: FrameConsumer) -> None:
        """Let a consumer have the frames from now on; pictures begin with the next key frame."""
        self.live.append(Tap(consumer, self._meet))
        self._counters.totals["taps"] += 1
        self._want_key_frame()

    def detach(self, consumer: FrameConsumer) -> None:
        """Let a consumer go; its `end` follows soon. Nothing happens when it is not attached."""
        for tap in [tap for tap in self.live if tap.consumer is consumer]:
            self._let_go(tap)

    def close(self) -> None:
        """Let all go: the show is over or leaves this process."""
        for tap in list(self.live):
            self._let_go(tap)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so."""
        with_meetings = now_s >= self._meetings_due_s
        if with_meetings:
            self._meetings_due_s = now_s + MEETING_INTERVAL_S
        for tap in list(self.live):
            if tap.is_over:
                self._let_go(tap)
            else:
                self._hear(tap)
                tap.tick(now_s, with_meetings=with_meetings)
        for tap in list(self._leaving):
            if tap.is_over:
                self._leaving.remove(tap)
            self._hear(tap)

    def _let_go(self, tap: Tap) -> None:
        self.live.remove(tap)
        self._leaving.append(tap)
        tap.close()

    def _hear(self, tap: Tap) -> None:
        """Count what the tap's thread reports."""
        while tap.reports:
            reason = tap.reports.popleft()
            if reason == "tap_key_frame_wanted":
                self._want_key_frame()
            else:
                self._counters.drops[reason] += 1
