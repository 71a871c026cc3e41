"""Facts: what everybody in the room must hear once and in order, also after a resume.

Each has `kind`, `at_ms` (the shop's clock) and `seq` (its offset in the room's log). Every fact says an
absolute value ("the pin is now X"), so hearing one twice, or hearing one that a snapshot already holds,
changes nothing.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from realtime.shapes import HostState, Json, Milliseconds

ModerationAction = Literal[
    "delete",
    "delete_person",
    "timeout",
    "ban",
    "unban",
    "shadow_ban",
    "warn",
    "acknowledge",
    "slow_mode",
    "pin",
    "unpin",
    "show_question",
    "answer_question",
    "dismiss_question",
    "open_poll",
    "close_poll",
    "dismiss_poll",
    "modes",
    "shield",
    "hold",
    "approve",
    "deny",
    "expire",
    "report",
    "unban_request",
    "suspect",
    "strike",
    "dismiss",
    "undo",
]


class FactBase(Struct, frozen=True, tag_field="kind", kw_only=True):
    """Fields of every fact; `seq` is 0 until the log has given it its place."""

    at_ms: Milliseconds
    seq: Annotated[int, Meta(description="Offset in the room's log.")] = 0


class OrderMade(FactBase, frozen=True, tag="order"):
    """Somebody bought; shown as "Mei just bought ..."."""

    name: str
    product: str
    variant: str
    quantity: int
    order_ref: str


class Pinned(FactBase, frozen=True, tag="pin"):
    """The pinned product is now this one, or none."""

    product: str | None


class PriceSet(FactBase, frozen=True, tag="price"):
    """A variant's price is now this."""

    variant: str
    price_minor: int
    price_version: int


class SalePut(FactBase, frozen=True, tag="sale"):
    """A flash sale was launched or changed."""

    sale: Json


class SaleEnded(FactBase, frozen=True, tag="sale_ended"):
    """A flash sale ended early. One that runs out ends by its `ends_at_ms`, without a fact."""

    sale: str


class ShowChanged(FactBase, frozen=True, tag="show"):
    """The show's state is now this."""

    state: Literal["scheduled", "live", "ended"]


class RunOfShow(FactBase, frozen=True, tag="run_of_show"):
    """The products of the show in order."""

    products: list[str]


class ProductChanged(FactBase, frozen=True, tag="product"):
    """A product's text, pictures or variants are now these."""

    product: Json


class CommentDeleted(FactBase, frozen=True, tag="comment_deleted"):
    """Forget this comment."""

    comment: str


class CommentsRemoved(FactBase, frozen=True, tag="comments_removed"):
    """Forget all comments of this person that came before."""

    person: str


class PersonBanned(FactBase, frozen=True, tag="banned"):
    """This person was banned."""

    person: str


class SlowModeSet(FactBase, frozen=True, tag="slow_mode"):
    """One comment per person in this many seconds; 0 is off."""

    seconds: int


class BoardSet(FactBase, frozen=True, tag="board"):
    """What is pinned up under this name is now this; null was taken down. What each name holds is in Board.

    Names that begin with "staff:" reach only moderators and the host.
    """

    name: str
    value: Any = None


class HostChanged(FactBase, frozen=True, tag="host"):
    """Whether the host's picture flows, is away, or has not begun or has ended."""

    state: HostState


class MediaMoved(FactBase, frozen=True, tag="media_moved"):
    """The picture has another home: post to WHEP again after a random 0 to 1 s."""


class ClockStepped(FactBase, frozen=True, tag="clock_stepped"):
    """The shop's clock went back by more than 5 s: measure the offset again."""


class Restocked(FactBase, frozen=True, tag="restocked"):
    """There is stock again in this pool."""

    pool: str


class Moderation(FactBase, frozen=True, tag="moderation"):
    """Only to moderators and the host: who did what to whom; the record of moderation, an entry an action.

    `action_id` is what `undo` takes. `actor` is a person, or "system" for what the room did by itself.
    `target` is a person, a comment, a case of the staff board, or None for the whole room. `expires_at_ms` is
    None when it does not expire. `undo_of` names the action that an "undo" took back. `detail` is what only
    this action has.
    """

    action: ModerationAction
    actor: str
    target: str | None
    action_id: str = ""
    expires_at_ms: Milliseconds | None = None
    reason: str | None = None
    seconds: int | None = None
    undo_of: str | None = None
    detail: Json = {}


class PolicySet(FactBase, frozen=True, tag="policy"):
    """Only to moderators and the host: the shop's rules for its rooms are now these (`Policy`)."""

    version: int
    policy: Json


class Shadowed(FactBase, frozen=True, tag="shadowed"):
    """Only to moderators and the host: a comment that else only its author sees."""

    comment: Json


class StaffNoted(FactBase, frozen=True, tag="staff_note"):
    """Only to moderators and the host: what one of them says to the others."""

    id: str
    person: str
    name: str
    text: str
    about: str | None = None


class PaymentFailed(FactBase, frozen=True, tag="payment_failed"):
    """Only to moderators and the host: a capture failed after the purchase was announced."""

    order_ref: str
    detail: str = ""


PublicFact = (
    OrderMade
    | Pinned
    | PriceSet
    | SalePut
    | SaleEnded
    | ShowChanged
    | RunOfShow
    | ProductChanged
    | CommentDeleted
    | CommentsRemoved
    | PersonBanned
    | SlowModeSet
    | BoardSet
    | HostChanged
    | MediaMoved
    | ClockStepped
    | Restocked
)
StaffFact = Moderation | PolicySet | Shadowed | StaffNoted | PaymentFailed
Fact = PublicFact | StaffFact
FACTS: tuple[type[FactBase], ...] = (
    OrderMade,
    Pinned,
    PriceSet,
    SalePut,
    SaleEnded,
    ShowChanged,
    RunOfShow,
    ProductChanged,
    CommentDeleted,
    CommentsRemoved,
    PersonBanned,
    SlowModeSet,
    BoardSet,
    HostChanged,
    MediaMoved,
    ClockStepped,
    Restocked,
    Moderation,
    PolicySet,
    Shadowed,
    StaffNoted,
    PaymentFailed,
)
STAFF_FACTS: tuple[type[FactBase], ...] = (Moderation, PolicySet, Shadowed, StaffNoted, PaymentFailed)
