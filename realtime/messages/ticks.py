"""What the server tells everybody: ticks, and the whole room anew."""

from realtime.log.facts import Fact, StaffNoted
from realtime.messages.base import FromServer, Message
from realtime.shapes import Comment, Json, Milliseconds, Position, RoomState, Snapshot


class Tick(FromServer, frozen=True, tag="tick"):
    """What happened: apply facts in order, then talk, then state.

    At most five come in a second, and none when nothing happened.

    `left_out` comments were not sent because they came faster than people read (moderators get all). A tick
    without `position` (a slow reader's) leaves the client's position as it is.
    """

    position: Position | None
    server_time_ms: Milliseconds
    facts: list[Fact]
    talk: list[Comment]
    left_out: int
    state: RoomState


class SnapshotFrame(FromServer, frozen=True, tag="snapshot"):
    """Forget the room and start from this: the log began anew, or too much of it was missed.

    `staff_board`, `staff_tallies` and `staff_notes` (the newest 50 that staff said to each other, oldest
    first) reach moderators and the host only, None for viewers.
    """

    snapshot: Snapshot
    position: Position
    server_time_ms: Milliseconds
    slow_mode_s: int = 0
    staff_board: dict[str, Json] | None = None
    staff_tallies: dict[str, int] | None = None
    staff_notes: list[StaffNoted] | None = None


ROWS: tuple[Message, ...] = (
    Message("tick", "server", Tick),
    Message("snapshot", "server", SnapshotFrame),
)
