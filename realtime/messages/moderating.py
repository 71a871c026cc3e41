"""What moderators and the host do to people and comments. Each is one action: an id, a record, an undo."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, STAFF_ERRORS, FromClient, Message
from realtime.shapes import Id, Key, Milliseconds

Reason = Annotated[str, Meta(max_length=500)]
TimeoutSeconds = Annotated[int, Meta(ge=10, le=86_400)]
BanSeconds = Annotated[int, Meta(ge=60, le=315_360_000)]
WarningText = Annotated[str, Meta(min_length=1, max_length=300)]


class StaffWrite(FromClient, frozen=True, kw_only=True):
    """What every action has: its key, and a reason that only staff see."""

    key: Key
    reason: Reason | None = None


class Delete(StaffWrite, frozen=True, tag="delete"):
    """Moderators: delete a comment."""

    comment: Id


class DeletePerson(StaffWrite, frozen=True, tag="delete_person"):
    """Moderators: delete all comments of a person so far."""

    person: Id


class Timeout(StaffWrite, frozen=True, tag="timeout"):
    """Moderators: no comments from this person for 10 s to 24 h, and their comments go."""

    person: Id
    seconds: TimeoutSeconds


class Ban(StaffWrite, frozen=True, tag="ban"):
    """Moderators: ban this person from the shop, for `seconds` or for good.

    `device` and `address`: also whoever uses the browser, or the network address, they spoke from.
    """

    person: Id
    seconds: BanSeconds | None = None
    device: bool = False
    address: bool = False


class Unban(StaffWrite, frozen=True, tag="unban"):
    """Moderators: lift a ban, a timeout, a shadow ban and a warning, and close their request.

    A request that waits (`UnbanRequest`) may be about the ban of a device or an address: that one is lifted
    too, while whoever else was banned with it stays banned. An undo bans all of it again, as it was, less
    a device and an address whose bans were lifted since.
    """

    person: Id


class ShadowBan(StaffWrite, frozen=True, tag="shadow_ban"):
    """Moderators: from now on only this person and staff see what this person says."""

    person: Id


class Warn(StaffWrite, frozen=True, tag="warn"):
    """Moderators: this person must acknowledge `text` before they speak again."""

    person: Id
    text: WarningText


class Undo(StaffWrite, frozen=True, tag="undo"):
    """Moderators: take an action back. Deleted comments come back as far as the room remembers them."""

    action: Id


class ActionResult(Struct, frozen=True):
    """Beside `ok` of an action: its id, and when what it did ends by itself (None: never)."""

    action: Id
    expires_at_ms: Milliseconds | None = None


class TimeoutResult(Struct, frozen=True):
    """Beside `ok` of `timeout`."""

    action: Id
    muted_until_ms: Milliseconds


def staff_row(
    number: int,
    struct: type[FromClient],
    example: dict[str, object],
    errors: tuple[str, ...] = (),
    answer: type[Struct] | None = ActionResult,
) -> Message:
    """Return the row of what a moderator may do; `number` is the id in its example."""
    name = str(struct.__struct_config__.tag)
    full = {"id": number, "type": name, **example, "key": EXAMPLE_KEY}
    return Message(name, "client", struct, answer, (*STAFF_ERRORS, *errors), "moderator", full, "moderate")


_row = partial(staff_row, 9)

ROWS: tuple[Message, ...] = (
    _row(Delete, {"comment": "co_1"}, ("no_such_comment",)),
    _row(DeletePerson, {"person": "gu_1"}),
    _row(Timeout, {"person": "gu_1", "seconds": 300}, (), TimeoutResult),
    _row(Ban, {"person": "gu_1", "reason": "spam", "device": True}),
    _row(Unban, {"person": "gu_1"}),
    _row(ShadowBan, {"person": "gu_1"}),
    _row(Warn, {"person": "gu_1", "text": "Please keep to the tea."}),
    _row(Undo, {"action": "ma_1"}, ("no_such_action", "cannot_undo")),
)
