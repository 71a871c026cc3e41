"""Writing one tick to everybody: in slices of bounded time, and never waiting for a slow reader.

A member whose socket holds back bytes gets only the state, at most once a second; when it has read them it
gets exactly the facts it missed. One whose buffer passes the bound, that does not recover in time, or that
takes nothing at all for some seconds is aborted (`transport.abort()`: a close would wait for the buffer it
does not read).
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from realtime import metrics as names
from realtime.ports import Metrics
from realtime.room.tick import TickFrames
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.frames import SharedFrame

FIRST_SLICE_TOTAL = 64
SMALLEST_SLICE_TOTAL = 8
LARGEST_SLICE_TOTAL = 512
STATE_ONLY_EVERY_MS = 1_000


class Outlet(Protocol):
    """The way out to one client. Nothing here waits."""

    @property
    def buffered_bytes(self) -> int:
        """Bytes taken and not yet given to the network."""

    def write(self, frame: SharedFrame) -> None:
        """Write one text message."""

    def write_if_idle(self, frame: SharedFrame) -> bool:
        """Write one text message unless bytes wait before it; answers whether nothing did."""

    def close(self, code: CloseCode) -> None:
        """Close with this code; the socket is gone within seconds even when the client does not read."""

    def abort(self) -> None:
        """Drop the connection at once, and what is buffered with it."""


class Member:
    """One connection in a room. `offset` is the log's place up to which it has everything.

    `staff` hear what is for staff; who `works` here is no viewer.
    """

    __slots__ = (
        "behind_ms",
        "gone",
        "held_bytes",
        "offset",
        "outlet",
        "person",
        "staff",
        "state_ms",
        "stuck_ms",
        "works",
    )

    def __init__(self, outlet: Outlet, person: str, *, staff: bool, works: bool = False) -> None:
        self.outlet = outlet
        self.person = person
        self.staff = staff
        self.works = staff or works
        self.offset = 0
        self.behind_ms: int | None = None
        self.state_ms = 0
        self.gone = False
        # Since when the socket has taken nothing of what it holds, and what that was after our last write.
        self.stuck_ms = 0
        self.held_bytes = 0


class Deliverer:
    """Decides for one member what of a tick it gets."""

    def __init__(self, settings: RoomSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics

    def deliver(self, member: Member, frames: TickFrames, upto: int, now_ms: int) -> None:
        """Give a tick that ends at offset `upto`."""
        if member.gone:
            return
        frame = frames.staff if member.staff else frames.viewers
        if frame is not None and member.behind_ms is None and member.outlet.write_if_idle(frame):
            # Nearly everybody, ten thousand times a tick: as few looks at as few objects as can be.
            member.held_bytes = 0
            member.offset = upto
            return
        buffered_bytes = member.outlet.buffered_bytes
        if not buffered_bytes:
            member.held_bytes = 0
        elif self._stuck(member, buffered_bytes, now_ms):
            self.abort(member)
            return
        self._give(member, frames, upto, buffered_bytes, now_ms)
        if buffered_bytes:
            member.held_bytes = member.outlet.buffered_bytes

    def _give(self, member: Member, frames: TickFrames, upto: int, buffered_bytes: int, now_ms: int) -> None:
        if member.behind_ms is None and buffered_bytes < self._settings.slow_at_bytes:
            frame = frames.staff if member.staff else frames.viewers
            if frame is not None:
                member.outlet.write(frame)
            member.offset = upto
            return
        if member.behind_ms is None:
            member.behind_ms = now_ms
            self._metrics.count(names.SLOW_BEGUN)
        if self.hopeless(member, now_ms):
            self.abort(member)
        elif frames.state_only is not None and now_ms - member.state_ms >= STATE_ONLY_EVERY_MS:
            member.state_ms = now_ms
            member.outlet.write(frames.state_only)

    def _stuck(self, member: Member, buffered_bytes: int, now_ms: int) -> bool:
        """Whether a socket that holds bytes back has taken none since the last tick, and for too long."""
        if member.held_bytes == 0 or buffered_bytes < member.held_bytes:
            member.stuck_ms = now_ms
        return now_ms - member.stuck_ms >= self._settings.stuck_after_ms

    def hopeless(self, member: Member, now_ms: int) -> bool:
        """Whether a slow member's time or bytes are used up."""
        late = member.behind_ms is not None and now_ms - member.behind_ms >= self._settings.abort_after_ms
        return late or member.outlet.buffered_bytes >= self._settings.abort_at_bytes

    def recovered(self, member: Member) -> bool:
        """Whether a slow member has read what it was sent."""
        return member.outlet.buffered_bytes < self._settings.slow_at_bytes // 4

    def abort(self, member: Member) -> None:
        """Drop a member that reads too slowly."""
        member.gone = True
        self._metrics.count(names.TOO_SLOW)
        member.outlet.abort()


class Slices:
    """How many members fit into one slice of the loop's time; learns from what the last slices took.

    Measured is the thread's CPU time of the slice alone: uvloop writes at once what the kernel takes. What
    the loop does between two slices is other people's work; counted in, it made the slices of a busy room so
    short that a tick took a second.
    """

    def __init__(self, slice_ms: float, cpu_s: Callable[[], float] = time.thread_time) -> None:
        self._slice_s = slice_ms / 1000
        self._cpu_s = cpu_s
        self.members_total = FIRST_SLICE_TOTAL

    async def each(self, members: Iterable[Member], give: Callable[[Member], None]) -> None:
        """Call `give` for each member, letting the loop run between slices."""
        began_s, slice_end = self._cpu_s(), self.members_total
        for number, member in enumerate(members, 1):
            give(member)
            if number >= slice_end:
                self.learn(self._cpu_s() - began_s)
                await asyncio.sleep(0)
                slice_end = number + self.members_total
                began_s = self._cpu_s()

    def learn(self, took_s: float) -> None:
        """Take what a full slice cost."""
        if took_s > self._slice_s:
            self.members_total = max(SMALLEST_SLICE_TOTAL, self.members_total // 2)
        elif took_s < self._slice_s / 2:
            self.members_total = min(LARGEST_SLICE_TOTAL, self.members_total + 16)
