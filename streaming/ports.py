"""What streaming needs from outside."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from streaming.events import AnyMediaEvent
from streaming.frames.frame import MediaFrame


class Ownership(Enum):
    """Who carries a show, as the lease says.

    NEVER: not yet published. OURS: this process owns it. MOVED: it does since this call, and another did
    before. ELSEWHERE: another living process. ENDED: the show is over. UNKNOWN: Redis is away.
    """

    NEVER = "never"
    OURS = "ours"
    MOVED = "moved"
    ELSEWHERE = "elsewhere"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Owners(Protocol):
    """The leases that steer new requests, and the stream of media events. Neither ever blocks media.

    `on_lost` is set by the media app and hears of shows that another process took over.
    """

    on_lost: Callable[[str], None]

    async def claim(self, show: str, *, publishing: bool) -> tuple[Ownership, str]:
        """Take or look up a show; only a publisher starts one. The second value names the owner.

        With MOVED, `MediaMoved` has been appended in the same step.
        """

    async def left_behind(self) -> list[str]:
        """Return the shows that an earlier start of this process carried and has not given back."""

    async def forget(self, show: str) -> None:
        """Note that this process does not carry a show any more."""

    def announce(self, event: AnyMediaEvent) -> None:
        """Append an event soon, in order, as long as this process owns the show."""

    async def end(self, show: str) -> None:
        """Mark a show as over, whoever owns it, and append `Ended`.

        Raises `streaming.errors.OwnerUnknownError` when that could not be recorded.
        """


class Siblings(Protocol):
    """The other media processes, asked over their inside HTTP."""

    async def ask(self, process: str, path: str, grant: str, body: bytes) -> bytes:
        """Post JSON to a process, named as its lease names it, under a grant; its answer's body.

        Raises `streaming.errors.OwnerUnknownError` when it does not answer, or refuses.
        """


class FrameConsumer(Protocol):
    """Who takes a show's frames as they were encoded: a recording, a segmenter.

    Both methods are called in a thread of the consumer's own, one after the other, never on the media
    loop: they may block. While they do, packets wait in a bounded queue and are dropped when it is full.
    """

    def frame(self, frame: MediaFrame) -> None:
        """Take the next frame of its kind; sound and picture are each in order, not with each other.

        Whatever is raised ends the consumer's frames; `end` is still called.
        """

    def end(self) -> None:
        """Note that no more frames come."""


class AloneOwners:
    """For a process that has no siblings and nobody to tell: benchmarks and first experiments."""

    def __init__(self) -> None:
        self._published: set[str] = set()
        self._ended: set[str] = set()
        self.events: list[AnyMediaEvent] = []
        self.on_lost: Callable[[str], None] = _ignore

    async def claim(self, show: str, *, publishing: bool) -> tuple[Ownership, str]:
        """Own everything that was published."""
        if show in self._ended:
            return Ownership.ENDED, ""
        if publishing:
            self._published.add(show)
        return (Ownership.OURS if show in self._published else Ownership.NEVER), "alone"

    async def left_behind(self) -> list[str]:
        """Return nothing: what it carried dies with it."""
        return []

    async def forget(self, show: str) -> None:
        """Keep what was published."""

    def announce(self, event: AnyMediaEvent) -> None:
        """Keep the newest events for whoever looks."""
        self.events = [*self.events[-99:], event]

    async def end(self, show: str) -> None:
        """Remember the end."""
        self._ended.add(show)


def _ignore(show: str) -> None:
    """Nobody takes a lone process's shows."""
