"""Questions of the viewers: voting for them, and what staff do with them.

One is asked as a comment with `question` true; the board and the tallies say which there are (`Question`).
"""

from functools import partial
from typing import Annotated

from msgspec import Meta

from realtime.messages.base import EXAMPLE_KEY, FromClient, Message
from realtime.messages.moderating import StaffWrite, staff_row
from realtime.shapes import Id, Key

AnswerText = Annotated[str, Meta(max_length=2000)]


class VoteQuestion(FromClient, frozen=True, tag="vote_question"):
    """Vote for somebody else's open question, or (`on` false) no longer; a person counts once."""

    comment: Id
    on: bool
    key: Key


class ShowQuestion(StaffWrite, frozen=True, tag="show_question"):
    """Moderators: put an open question up as the one that is answered now; null takes it down.

    It is the board's value `question`, and goes when it is answered, dismissed or deleted.
    """

    comment: Id | None


class AnswerQuestion(StaffWrite, frozen=True, tag="answer_question"):
    """Moderators: this question is answered; `text` is the written answer, None when it was aloud."""

    comment: Id
    text: AnswerText | None = None


class DismissQuestion(StaffWrite, frozen=True, tag="dismiss_question"):
    """Moderators: put a question aside. It stays a comment."""

    comment: Id


_row = partial(staff_row, 19)

ROWS: tuple[Message, ...] = (
    Message(
        "vote_question",
        "client",
        VoteQuestion,
        None,
        ("no_such_question", "own_question", "banned", "idempotency_conflict"),
        example={"id": 19, "type": "vote_question", "comment": "co_1", "on": True, "key": EXAMPLE_KEY},
        limit="vote",
    ),
    _row(ShowQuestion, {"comment": "co_1"}, ("no_such_question",)),
    _row(
        AnswerQuestion,
        {"comment": "co_1", "text": "Yes, in green too."},
        ("no_such_question", "comment_empty", "comment_too_long"),
    ),
    _row(DismissQuestion, {"comment": "co_1"}, ("no_such_question",)),
)
