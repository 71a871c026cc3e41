"""Who holds bytes back: some take them slowly and stay, others take nothing and go."""

import pytest

from realtime import metrics as names
from realtime.room.tick import TickFrames
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.fanout import Deliverer, Member
from realtime.sockets.frames import SharedFrame
from tests.realtime.stage import Counts

TICK_MS, FRAME_BYTES = 200, 100
SETTINGS = RoomSettings(stuck_after_ms=5_000)


class Line:
    """A way out whose far end takes as many bytes between two ticks as it is told."""

    def __init__(self, buffered_bytes: int = 0) -> None:
        self.buffered_bytes = buffered_bytes
        self.aborted = False

    def write(self, _frame: SharedFrame) -> None:
        """Hold one more frame."""
        self.buffered_bytes += FRAME_BYTES

    def write_if_idle(self, frame: SharedFrame) -> bool:
        """Hold one more frame unless others are held."""
        if self.buffered_bytes:
            return False
        self.write(frame)
        return True

    def close(self, _code: CloseCode) -> None:
        """Is not asked for here."""

    def abort(self) -> None:
        """Remember it."""
        self.aborted = True

    def take(self, taken_bytes: int) -> None:
        """Let the far end take some."""
        self.buffered_bytes = max(0, self.buffered_bytes - taken_bytes)


def ticks_until_gone(line: Line, taken_bytes: list[int], most: int = 200) -> int | None:
    """Return after how many ticks the member was dropped, None when it never was."""
    counts = Counts()
    deliverer, member = Deliverer(SETTINGS, counts), Member(line, "gu_mei", staff=False)
    frame = SharedFrame.of(b"{}")
    frames = TickFrames(viewers=frame, staff=frame, state_only=None, left_out_total=0)
    for number in range(most):
        line.take(taken_bytes[number % len(taken_bytes)])
        deliverer.deliver(member, frames, number, number * TICK_MS)
        if line.aborted:
            assert counts.counts[names.TOO_SLOW] == 1
            return number
    return None


def test_who_takes_nothing_goes_after_five_seconds() -> None:
    """Long before its bytes pass any bound."""
    assert ticks_until_gone(Line(buffered_bytes=1), [0]) == 5_000 // TICK_MS


@pytest.mark.parametrize("taken_bytes", [[1], [0, 0, 0, 350], [FRAME_BYTES - 1]])
def test_who_takes_a_little_stays_until_it_is_too_far_behind(taken_bytes: list[int]) -> None:
    """However little: its bytes are bounded by other rules."""
    assert ticks_until_gone(Line(buffered_bytes=1), taken_bytes, most=100) is None


def test_a_line_that_was_empty_in_between_begins_anew() -> None:
    """Twice four seconds of standing still are not eight."""
    standing = 4_000 // TICK_MS
    assert ticks_until_gone(Line(), [0] * standing + [100_000], most=400) is None
