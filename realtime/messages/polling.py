"""Polls: what the viewers are asked to choose from; the one on the screens is the board's `poll` (`Poll`)."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, FromClient, Message
from realtime.messages.moderating import StaffWrite, staff_row
from realtime.shapes import Id, Key, Milliseconds

PollText = Annotated[str, Meta(max_length=1000)]
Choices = Annotated[list[PollText], Meta(min_length=2, max_length=6)]
PollSeconds = Annotated[int, Meta(ge=15, le=600)]


class OpenPoll(StaffWrite, frozen=True, tag="open_poll"):
    """Moderators: ask the viewers. `seconds` None: it takes votes until it is closed.

    `hidden`: nobody sees how the votes stand before its end. One that is over makes room by itself.
    """

    question: PollText
    choices: Choices
    seconds: PollSeconds | None = None
    hidden: bool = False


class ClosePoll(StaffWrite, frozen=True, tag="close_poll"):
    """Moderators: no more votes; the result stays on the screens."""

    poll: Id


class DismissPoll(StaffWrite, frozen=True, tag="dismiss_poll"):
    """Moderators: take the poll off the screens. Its result stays on the staff's board."""

    poll: Id


class VotePoll(FromClient, frozen=True, tag="vote_poll"):
    """Choose (0 is the first). A later choice takes the place of an earlier one, as long as the poll runs.

    Nothing is won by being first, and a slip of the thumb is mended by another tap.
    """

    poll: Id
    choice: Annotated[int, Meta(ge=0, le=5)]
    key: Key


class PollOpened(Struct, frozen=True):
    """Beside `ok` of `open_poll`."""

    poll: Id
    ends_at_ms: Milliseconds | None


_row = partial(staff_row, 20)

ROWS: tuple[Message, ...] = (
    Message(
        "vote_poll",
        "client",
        VotePoll,
        None,
        ("no_such_poll", "no_such_choice", "poll_over", "banned", "idempotency_conflict"),
        example={"id": 20, "type": "vote_poll", "poll": "pl_1", "choice": 1, "key": EXAMPLE_KEY},
        limit="vote",
    ),
    _row(
        OpenPoll,
        {"question": "Which colour next?", "choices": ["Green", "Blue"], "seconds": 60},
        ("poll_runs", "bad_poll"),
        PollOpened,
    ),
    _row(ClosePoll, {"poll": "pl_1"}, ("no_such_poll", "poll_over"), None),
    _row(DismissPoll, {"poll": "pl_1"}, ("no_such_poll",), None),
)
