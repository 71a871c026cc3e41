"""What the host and moderators put before everybody."""

from typing import Annotated

from msgspec import Meta

from realtime.messages.base import EXAMPLE_KEY, STAFF_ERRORS, Message
from realtime.messages.moderating import ActionResult, StaffWrite
from realtime.shapes import Id

PinnedText = Annotated[str, Meta(max_length=2000)]


class PinMessage(StaffWrite, frozen=True, tag="pin_message"):
    """Moderators: keep a comment, or a text of one's own, on every screen (board `pinned`).

    Exactly one of `comment` and `text`; a comment without words cannot be pinned. It takes the place of what
    was pinned before, and goes with its comment when that is deleted.
    """

    comment: Id | None = None
    text: PinnedText | None = None


class UnpinMessage(StaffWrite, frozen=True, tag="unpin_message"):
    """Moderators: take the pinned message down; repeating it is harmless."""


ROWS: tuple[Message, ...] = (
    Message(
        "pin_message",
        "client",
        PinMessage,
        ActionResult,
        (*STAFF_ERRORS, "no_such_comment", "comment_empty", "comment_too_long"),
        "moderator",
        {"id": 16, "type": "pin_message", "comment": "co_1", "key": EXAMPLE_KEY},
        limit="moderate",
    ),
    Message(
        "unpin_message",
        "client",
        UnpinMessage,
        ActionResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 17, "type": "unpin_message", "key": EXAMPLE_KEY},
        limit="moderate",
    ),
)
