"""What the room refuses, as one small tree.

    RoomError
    |- BadMessage           bad_message          400  a field is wrong or missing; says which
    |  |- UnknownType       unknown_type         400  no such message type
    |  |- BadQuantity       bad_quantity         422  a quantity is not a whole number in range
    |  |- CommentEmpty      comment_empty        422
    |  |- CommentTooLong    comment_too_long     422  facts: limit_chars
    |  |- BadName           bad_name             422
    |  `- BadPoll           bad_poll             422  a text is empty or too long, or two choices are the same
    |- TalkRefused          comment_refused      422  may not be said here; facts: term, when public
    |  |- EmoteOnly         emote_only           422  only emoji for now
    |  |- NotUnique         not_unique           422  somebody said the same a moment ago
    |  |- LinksOff          links_off            422
    |  `- LinkNotApproved   link_not_approved    422  facts: host
    |- NotYet               not_yet              403  who they are, or how long here
    |  |- WarnedFirst       warned               403  facts: action, warning; send `acknowledge`
    |  |- FollowersOnly     followers_only       403  facts: minutes, follows; retry_after_ms when they follow
    |  |- AccountTooNew     account_too_new      403  facts: minutes; retry_after_ms when they have one
    |  |- NewcomersLocked   newcomers_locked     403  facts: minutes; retry_after_ms
    |  |- BuyersOnly        buyers_only          403
    |  `- PicturesOff       pictures_off         403  facts: who may show them, when somebody may
    |- RateLimited          rate_limited         429  retry_after_ms
    |  `- SlowMode          slow_mode            429  retry_after_ms, slow_mode_s
    |- Muted                muted                403  facts: muted_until_ms
    |- Banned               banned               403
    |- NotAllowed           not_allowed          403  the role is too low, or the target's is not lower
    |- Unauthorised         unauthorised         401
    |  `- TokenExpired      token_expired        401  refresh, then repeat
    |- NoSuchShow           no_such_show         404
    |- NoSuchComment        no_such_comment      404
    |- NoSuchAction         no_such_action       404  unknown, or too long ago
    |- NoSuchCase           no_such_case         404  decided already, or expired
    |- NoSuchQuestion       no_such_question     404  not asked, taken away, or not open any more
    |- NoSuchPoll           no_such_poll         404  not the one on the screens
    |- NoSuchChoice         no_such_choice       404  the poll has no such choice
    |- OwnQuestion          own_question         409  others vote for it
    |- PollRuns             poll_runs            409  one poll takes votes at a time
    |- PollOver             poll_over            409  it takes no votes any more
    |- CannotUndo           cannot_undo          409  undone already, or nothing that can be taken back
    |- NotBanned            not_banned           409  only who is banned asks to be let in again
    |- NameTaken            name_taken           409
    |- IdempotencyConflict  idempotency_conflict 409  same key, other body
    |- TranslateOff         translate_off        409  this server has no translator
    |- ReviewFull           review_full          429  too much waits for a moderator's look
    |- QuestionsFull        questions_full       429  too many questions are open
    |- AskedEnough          asked_enough         429  facts: own_questions; so many of one's own are open
    |- TooManyOperations    too_many_operations  429  too many unanswered at once on this socket
    `- Unavailable          unavailable          503  Redis or shop do not answer; repeat with the same key

Refusals of buying come through the `Buying` port and keep commerce's own codes.
"""

# ruff: noqa: N818 - a refusal is named for what was refused; the base class says that it is an error.
from typing import Any, ClassVar


class RoomError(Exception):
    """A refusal with a stable code, an HTTP status and facts.

    `temporary` says that the same message may succeed later unchanged; `retry_after_ms` says when, None means
    unknown. `facts` are JSON values that go beside code and message.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "room_error"
    temporary: ClassVar[bool] = False

    def __init__(self, sentence: str, *, retry_after_ms: int | None = None, **facts: Any) -> None:
        super().__init__(sentence)
        self.facts: dict[str, Any] = facts
        self.retry_after_ms = retry_after_ms

    @property
    def retry_after_s(self) -> int | None:
        """`retry_after_ms` rounded up to seconds for HTTP's Retry-After, or None."""
        return None if self.retry_after_ms is None else -(-self.retry_after_ms // 1000)


class BadMessage(RoomError):
    """A field is wrong or missing."""

    code = "bad_message"


class UnknownType(BadMessage):
    """There is no message of this type."""

    code = "unknown_type"


class BadQuantity(BadMessage):
    """A quantity is not a whole number in its range."""

    status = 422
    code = "bad_quantity"


class CommentEmpty(BadMessage):
    """Nothing visible is left of the comment's text."""

    status = 422
    code = "comment_empty"


class CommentTooLong(BadMessage):
    """The comment has more characters than the hello's limit."""

    status = 422
    code = "comment_too_long"


class BadName(BadMessage):
    """The name is empty, too long or reserved for staff."""

    status = 422
    code = "bad_name"


class BadPoll(BadMessage):
    """A poll's question or a choice is empty or too long, or two choices are the same."""

    status = 422
    code = "bad_poll"


class TalkRefused(RoomError):
    """What is said may not be said here."""

    status = 422
    code = "comment_refused"


class EmoteOnly(TalkRefused):
    """Only emoji for now."""

    code = "emote_only"


class NotUnique(TalkRefused):
    """Somebody said the same a moment ago."""

    code = "not_unique"


class LinksOff(TalkRefused):
    """No links for now."""

    code = "links_off"


class LinkNotApproved(TalkRefused):
    """Links only to hosts that the shop approved."""

    code = "link_not_approved"


class NotYet(RoomError):
    """The person may not speak yet; the facts say until when, or what they can do."""

    status = 403
    code = "not_yet"


class WarnedFirst(NotYet):
    """A moderator's warning must be acknowledged first."""

    code = "warned"


class FollowersOnly(NotYet):
    """Only who follows the shop, for some minutes at least."""

    code = "followers_only"


class AccountTooNew(NotYet):
    """Only accounts of some minutes' age at least."""

    code = "account_too_new"


class NewcomersLocked(NotYet):
    """Who has just come in may not speak yet."""

    code = "newcomers_locked"


class BuyersOnly(NotYet):
    """Only who has bought from the shop."""

    code = "buyers_only"


class PicturesOff(NotYet):
    """The shop takes no pictures here, or none of this person."""

    code = "pictures_off"


class RateLimited(RoomError):
    """More of these messages than the limit allows."""

    status = 429
    code = "rate_limited"
    temporary = True


class SlowMode(RateLimited):
    """Slow mode: one comment per person and interval."""

    code = "slow_mode"


class Muted(RoomError):
    """The person is timed out until `muted_until_ms`."""

    status = 403
    code = "muted"


class Banned(RoomError):
    """The person is banned by this shop."""

    status = 403
    code = "banned"


class NotAllowed(RoomError):
    """The person's role does not allow this."""

    status = 403
    code = "not_allowed"


class Unauthorised(RoomError):
    """The token is missing, wrong or somebody else's."""

    status = 401
    code = "unauthorised"


class TokenExpired(Unauthorised):
    """The token has expired; send `refresh`, then repeat."""

    code = "token_expired"
    temporary = True


class NoSuchShow(RoomError):
    """There is no such show."""

    status = 404
    code = "no_such_show"


class NoSuchComment(RoomError):
    """There is no such comment in the room's log (any more)."""

    status = 404
    code = "no_such_comment"


class NoSuchAction(RoomError):
    """There is no such action of moderation, or it was too long ago."""

    status = 404
    code = "no_such_action"


class NoSuchCase(RoomError):
    """Nothing of this name waits for a decision (any more)."""

    status = 404
    code = "no_such_case"


class NoSuchQuestion(RoomError):
    """This question is not open (any more)."""

    status = 404
    code = "no_such_question"


class NoSuchPoll(RoomError):
    """This poll is not the one on the screens."""

    status = 404
    code = "no_such_poll"


class NoSuchChoice(RoomError):
    """The poll has no such choice."""

    status = 404
    code = "no_such_choice"


class OwnQuestion(RoomError):
    """Others vote for one's question."""

    status = 409
    code = "own_question"


class PollRuns(RoomError):
    """Another poll still takes votes."""

    status = 409
    code = "poll_runs"


class PollOver(RoomError):
    """The poll takes no votes any more."""

    status = 409
    code = "poll_over"


class CannotUndo(RoomError):
    """The action was taken back already, or there is nothing to take back."""

    status = 409
    code = "cannot_undo"


class NotBanned(RoomError):
    """Only who is banned can ask to be let in again."""

    status = 409
    code = "not_banned"


class NameTaken(RoomError):
    """Another person of the room has this name, after Unicode folding."""

    status = 409
    code = "name_taken"


class IdempotencyConflict(RoomError):
    """The key was used before with another body."""

    status = 409
    code = "idempotency_conflict"


class TranslateOff(RoomError):
    """This server translates no comments: its operator named no translator."""

    status = 409
    code = "translate_off"


class ReviewFull(RoomError):
    """Too much waits for a moderator's look; try again later."""

    status = 429
    code = "review_full"
    temporary = True


class QuestionsFull(RoomError):
    """Too many questions are open; the host must answer some first."""

    status = 429
    code = "questions_full"
    temporary = True


class AskedEnough(RoomError):
    """As many of the person's own questions are open as one may have."""

    status = 429
    code = "asked_enough"
    temporary = True


class TooManyOperations(RoomError):
    """Too many unanswered operations on one socket."""

    status = 429
    code = "too_many_operations"
    temporary = True


class Unavailable(RoomError):
    """Something the room stands on does not answer; nothing can be said about the effect.

    Repeat with the same idempotency key: a repeated write is harmless.
    """

    status = 503
    code = "unavailable"
    temporary = True
