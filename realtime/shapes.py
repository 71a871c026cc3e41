"""The objects that travel inside the room's messages.

Product, Sale, Reservation, Order and Show are commerce's JSON objects as `/api/openapi.json` describes them;
the room carries them as they are and reads only their ids.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Json = dict[str, Any]
Milliseconds = Annotated[int, Meta(description="Milliseconds since 1970 by the shop's clock.")]
Key = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=64,
        pattern="^[A-Za-z0-9_-]+$",
        description="Idempotency key: chosen by the client, the same when a write is repeated.",
    ),
]
Id = Annotated[str, Meta(max_length=64, pattern="^[a-z]{2}_[A-Za-z0-9_]{1,61}$")]
Quantity = Annotated[int, Meta(ge=0, le=1_000_000)]
Role = Literal["viewer", "stats", "moderator", "producer", "host"]
Badge = Literal["host", "moderator"]
HostState = Literal["live", "away", "off"]


class Position(Struct, frozen=True, forbid_unknown_fields=True):
    """A place in the room's log: which log, how far, and the random tag of the entry there.

    `offset` 0 with an empty tag is the place before the first entry.
    """

    epoch: Annotated[str, Meta(max_length=64)]
    offset: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    tag: Annotated[str, Meta(max_length=32)]


class ShownPicture(Struct, frozen=True):
    """A picture shown with a comment; `width` and `height` are the large one's, in pixels.

    It is at `/api/v1/comment-pictures/{id}/320.webp` and `/1280.webp` as long as the comment stands.
    """

    id: str
    width: int
    height: int


class Comment(Struct, frozen=True):
    """One comment. `badge` comes from the server and cannot be chosen; `reply_to` is a comment's id.

    `question`: it was sent as one; whether it still is, the board says.
    """

    id: str
    person: str
    name: str
    badge: Badge | None
    text: str
    at_ms: Milliseconds
    reply_to: str | None = None
    question: bool = False
    picture: ShownPicture | None = None


class Answer(Struct, frozen=True):
    """What was answered to a question in writing, and by whom."""

    text: str
    name: str
    badge: Badge | None
    at_ms: Milliseconds


class Question(Comment, frozen=True, kw_only=True):
    """The board's value "question:<comment>": a comment that was asked.

    The tally "ask:<comment>" is how many people vote for it; the most first, then the oldest. `answer` is
    None for one that is open or was answered aloud. The one the host answers right now is the board's value
    "question", with its fields `comment`, `person`, `name`, `badge` and `text`, as long as it is open.
    """

    state: Literal["open", "answered"]
    answer: Answer | None = None


class UnbanRequest(Struct, frozen=True):
    """The staff board's value "staff:unban:<person>": who asks to be let in again (over HTTP).

    `bans` says what is banned: they themselves, the device they ask from, or its network address.
    """

    person: str
    name: str
    message: str
    bans: list[Literal["person", "device", "address"]]
    at_ms: Milliseconds


class Poll(Struct, frozen=True):
    """The board's value "poll": what the viewers are asked to choose from.

    It takes votes until `closed_at_ms` or `ends_at_ms`, whichever comes first; None is no end. The tally
    "poll:<id>:<choice>" counts choice 0, 1, ...; when they are `hidden` they come with its end, and until
    then "poll:<id>" is how many voted and "staff:poll:<id>:<choice>", for staff alone, how. Those taken down
    are on the board as "staff:poll:<id>", with their `results`.
    """

    id: str
    question: str
    choices: list[str]
    hidden: bool
    opened_at_ms: Milliseconds
    ends_at_ms: Milliseconds | None
    closed_at_ms: Milliseconds | None
    results: list[int] | None = None


class Stock(Struct, frozen=True):
    """Counters of one pool; total = available + held + sold (+ withdrawn)."""

    available: int
    held: int
    sold: int
    total: int


class RoomState(Struct, frozen=True, omit_defaults=True):
    """Only the newest value travels; a field, a pool or a tally that did not change is absent.

    `tallies` are sums of what all people press: "react:clap" and so on; votes as `Question` and `Poll` say.
    Those that begin with "staff:" reach only moderators and the host.
    """

    viewers: int | UnsetType = UNSET
    likes: int | UnsetType = UNSET
    stock: dict[str, Stock] | UnsetType = UNSET
    tallies: dict[str, int] | UnsetType = UNSET


class Warned(Struct, frozen=True):
    """A moderator's warning that stands until it is acknowledged."""

    action: str
    message: str


class You(Struct, frozen=True):
    """What concerns this person alone, in every hello.

    `votes` are the questions they vote for, `choices` their choice of the poll that is pinned up. A question
    among `votes` may be down (deleted, say): when a moderator takes that back, the vote stands again.
    """

    person: str
    name: str
    kind: Literal["guest", "account"]
    role: Role
    muted_until_ms: Milliseconds | None
    banned: bool
    reservations: list[Json]
    orders_pending: list[Json]
    last_order: Json | None
    waits: list[Json] = []
    warning: Warned | None = None
    votes: list[str] = []
    choices: dict[str, int] = {}


class Whep(Struct, frozen=True):
    """Where the picture is and the short-lived token for it (`Authorization: Bearer`)."""

    url: str
    token: str


class Limits(Struct, frozen=True):
    """What the server will refuse above; `translate`: it can say comments in other languages."""

    comment_chars: int
    likes_per_frame: int
    translate: bool = False


class OrderFact(Struct, frozen=True):
    """Somebody bought. `name` is the name shown in the room, or "Someone"."""

    name: str
    product: str
    variant: str
    quantity: int
    order_ref: str
    at_ms: Milliseconds


class Snapshot(Struct, frozen=True):
    """The whole room at the hello's position."""

    show: Json
    pinned: str | None
    products: list[Json]
    sales: list[Json]
    stock: dict[str, Stock]
    comments: list[Comment]
    viewers: int
    likes: int
    host: HostState
    run_of_show: list[str]
    orders: list[OrderFact]
    prices: dict[str, Json]
    board: dict[str, Json] = {}
    tallies: dict[str, int] = {}


class ReserveLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a purchase, at the price version the client showed."""

    variant: Id
    quantity: Quantity
    price_version: Annotated[int, Meta(ge=0)]
    sale: Id | None = None
