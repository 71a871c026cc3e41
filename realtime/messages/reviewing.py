"""What waits for a moderator's look, and what moderators say among themselves.

What waits is a case: a value of the staff board under "staff:<kind>:<id>" (`realtime.moderation.cases`).
"""

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, FromClient, Message
from realtime.messages.moderating import StaffWrite, staff_row
from realtime.shapes import Id, Key

CaseName = Annotated[str, Meta(max_length=96, pattern="^staff:(report|suspect|unban):[A-Za-z0-9_]+$")]
NoteText = Annotated[str, Meta(min_length=1, max_length=1000)]
ReportReason = Literal["spam", "abuse", "hate", "sexual", "violence", "scam", "privacy", "other"]


class Report(FromClient, frozen=True, tag="report"):
    """Tell the moderators about a comment; each person counts once a comment."""

    comment: Id
    why: ReportReason
    key: Key
    text: Annotated[str, Meta(max_length=300)] = ""


class Acknowledge(FromClient, frozen=True, tag="acknowledge"):
    """I have read the warning `action`; I may speak again."""

    action: Id
    key: Key


class Approve(StaffWrite, frozen=True, tag="approve"):
    """Moderators: let a held comment through; it becomes an ordinary comment now."""

    comment: Id


class Deny(StaffWrite, frozen=True, tag="deny"):
    """Moderators: do not let a held comment through; its author is told."""

    comment: Id


class Dismiss(StaffWrite, frozen=True, tag="dismiss"):
    """Moderators: take a case down: a report, a suspect, an unban request (which is thereby refused)."""

    case: CaseName


class Answering(FromClient, frozen=True, tag="answering"):
    """Moderators: I am answering this comment; or no longer. Told to staff as "staff:answering:<comment>"."""

    comment: Id
    on: bool
    key: Key


class StaffNote(FromClient, frozen=True, tag="staff_note"):
    """Moderators: say something to the other moderators and the host; `about` a person or a comment."""

    text: NoteText
    key: Key
    about: Id | None = None


class NoteResult(Struct, frozen=True):
    """Beside `ok` of `staff_note`."""

    note: Id


_row = partial(staff_row, 16)

ROWS: tuple[Message, ...] = (
    Message(
        "report",
        "client",
        Report,
        None,
        ("no_such_comment", "review_full", "idempotency_conflict"),
        example={"id": 16, "type": "report", "comment": "co_1", "why": "spam", "key": EXAMPLE_KEY},
        limit="report",
    ),
    Message(
        "acknowledge",
        "client",
        Acknowledge,
        None,
        ("no_such_action", "idempotency_conflict"),
        example={"id": 17, "type": "acknowledge", "action": "ma_1", "key": EXAMPLE_KEY},
        limit="self",
    ),
    _row(Approve, {"comment": "co_1"}, ("no_such_case",)),
    _row(Deny, {"comment": "co_1"}, ("no_such_case",)),
    _row(Dismiss, {"case": "staff:report:co_1"}, ("no_such_case",)),
    _row(Answering, {"comment": "co_1", "on": True}, (), None),
    _row(StaffNote, {"text": "Who watches the shield?"}, (), NoteResult),
)
