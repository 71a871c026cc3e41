"""What people say in the room."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, FromClient, Message
from realtime.shapes import Comment, Id, Key

CommentText = Annotated[str, Meta(max_length=2000)]


class SendComment(FromClient, frozen=True, tag="comment"):
    """Say something. The limit of characters is in the hello.

    `question`: it is also asked: pinned up as the board's value "question:<comment>" (`Question`) for others
    to vote for and the host to answer.
    `picture` is the id of what was uploaded to `POST /api/v1/shows/{show}/comment-pictures` within the hour;
    beside it `text` may be empty, unless it is a question.
    """

    text: CommentText
    key: Key
    reply_to: Id | None = None
    question: bool = False
    picture: Id | None = None


class Like(FromClient, frozen=True, tag="like"):
    """Hearts since the last such frame. Not a write: repeating it counts again."""

    count: Annotated[int, Meta(ge=1, le=20)]


class React(FromClient, frozen=True, tag="react"):
    """A reaction's presses since the last such frame; summed like hearts in the tally "react:<reaction>".

    Not a write: repeating it counts again.
    """

    reaction: Literal["clap", "fire", "laugh", "wow", "love", "party"]
    count: Annotated[int, Meta(ge=1, le=20)] = 1


class CommentResult(Struct, frozen=True):
    """Beside `ok` of `comment`: the comment as everybody sees it.

    `pending`: only its author and staff see it until a moderator lets it through (`you` then says so). A
    repeated key is answered as the first time, whatever was decided since.
    """

    comment: Comment
    pending: bool = False


COMMENT_ERRORS = (
    "comment_empty",
    "comment_too_long",
    "muted",
    "banned",
    "warned",
    "slow_mode",
    "followers_only",
    "account_too_new",
    "newcomers_locked",
    "buyers_only",
    "emote_only",
    "not_unique",
    "links_off",
    "link_not_approved",
    "comment_refused",
    "pictures_off",
    "no_such_picture",
    "wrong_state",
    "review_full",
    "questions_full",
    "asked_enough",
    "idempotency_conflict",
)


ROWS: tuple[Message, ...] = (
    Message(
        "comment",
        "client",
        SendComment,
        CommentResult,
        COMMENT_ERRORS,
        example={"id": 2, "type": "comment", "text": "Which sizes?", "key": EXAMPLE_KEY},
        limit="talk",
    ),
    Message("like", "client", Like, example={"id": 3, "type": "like", "count": 4}, limit="like"),
    Message(
        "react",
        "client",
        React,
        example={"id": 18, "type": "react", "reaction": "clap", "count": 2},
        limit="like",
    ),
)
