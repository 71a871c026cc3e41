"""What the room needs from outside; `liveshop` hands it in.

All methods may be called from many tasks at once. A port that is unreachable raises; the room then answers
`unavailable` and serves on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from commerce.events import Entry
from realtime.shapes import Role

Json = dict[str, Any]
Told = Callable[[int | None, int], None]


@dataclass(frozen=True, slots=True)
class Person:
    """Who a token names, until `expires_at_ms`."""

    person: str
    kind: Literal["guest", "account"]
    name: str
    device: str
    expires_at_ms: int
    admin: bool = False


class Identify(Protocol):
    """Reads access tokens."""

    async def verify(self, token: str) -> Person | None:
        """Return whom the token names, None when it is wrong, expired or revoked."""


class Roles(Protocol):
    """Staff of the show's shop."""

    async def role_in_show(self, person: str, show: str) -> Role:
        """Return the person's role; owners and admins are "host"."""


class ShowReader(Protocol):
    """The shop's side of a room."""

    async def snapshot(self, show: str) -> Json | None:
        """Return the show as JSON-ready objects, None when there is no such show.

        Keys: `show` (Show without its products), `shop` (id), `currency`, `products` [Product], `pinned`
        (product id or None), `sales` [Sale], `stock` {pool: {available, held, sold, total}}, `run_of_show`
        [product id], `prices` {variant: {price_minor, price_version}}, `shop_time_ms`, and
        `ledger_position`: the id of the shop's newest ledger entry read just before ("0-0" when the ledger
        is empty). `policy` (`realtime.moderation.policy.Policy` as JSON) may be absent: then the defaults.
        """


class PersonState(Protocol):
    """What a person has in the show's shop."""

    async def own(self, person: str, show: str) -> Json:
        """Return what they have in the shop.

        `{reservations: [Reservation], waits: [Place], orders_pending: [Order], last_order: Order | None}`.
        """


class Buying(Protocol):
    """The shop's till. Refusals are exceptions with `.code` (str), `.facts` (dict) and a sentence as `str()`.

    Each answers with a Reservation. `key` is the idempotency key; the same as over HTTP.
    """

    async def reserve(self, person: str, show: str, body: Json, key: str, told: Told) -> Any:
        """Reserve `body["lines"]`: [{variant, sale, quantity, price_version}]; anything msgspec can encode.

        While the person stands in line, `told` hears of their place and of the milliseconds it may take.
        It ends by itself: with an answer, or a refusal when what it stands on does not answer.
        """

    async def change(self, person: str, show: str, body: Json, key: str) -> Json:
        """Set `body["quantity"]` of `body["pool"]` in `body["reservation"]`."""

    async def release(self, person: str, show: str, body: Json, key: str) -> Json:
        """Release `body["reservation"]`."""

    async def wait(self, person: str, show: str, body: Json, key: str, language: str) -> Json:
        """Wait for `body`: {variant, sale, quantity}; answers the place."""

    async def leave(self, person: str, show: str, pool: str) -> Json:
        """Give a place up; answers `{left}`."""


@dataclass(frozen=True, slots=True)
class BanOrder:
    """A ban as a moderator orders it; None of `expires_at_ms`: for good.

    `device` and `address_key` (an HMAC of the network address, never the address) are set when the ban is
    also on them.
    """

    person: str
    reason: str | None = None
    expires_at_ms: int | None = None
    device: str | None = None
    address_key: str | None = None


class Bans(Protocol):
    """Bans belong to the shop and are recorded by it; both are absolute and may be repeated.

    The shop copies its bans into each room's hash `{show:ID}:bans`: a field each for the person, the device
    and the address key, holding `version|state` or `version|1|expires_at_ms`.
    """

    async def ban(self, actor: str, show: str, order: BanOrder) -> None:
        """Ban the person from the show's shop."""

    async def unban(self, actor: str, person: str, show: str, places: Sequence[str]) -> tuple[BanOrder, ...]:
        """Lift the ban; these devices and address keys are let go, whoever's bans were on them.

        Returns what was lifted, as `ban` and `put_back` take it: the person's own ban as it stood, and of
        everybody else's what these places were to it.
        """

    async def put_back(self, show: str, order: BanOrder) -> list[str]:
        """Let a ban that still stands be on this device and address again, unless it is on others now.

        Returns those of them that it is on.
        """


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to the shop: None when they have no account, or do not follow."""

    account_created_at_ms: int | None
    followed_at_ms: int | None
    bought: bool


class Standings(Protocol):
    """What modes for followers, buyers and grown accounts are judged by."""

    async def standing(self, person: str, show: str) -> Standing:
        """Return the person's standing with the show's shop."""


class Arrivals(Protocol):
    """Wants to know who came in by a share link."""

    def came_by(self, via: str, show: str, person: Person) -> None:
        """Hear of it; returns at once and never fails. `via` is what the client said, true or not."""


class CommentPictures(Protocol):
    """Pictures that people uploaded to show with a comment. Refusals are like those of `Buying`."""

    async def bind(self, person: str, show: str, picture: str, comment: str, key: str) -> Json:
        """Bind a person's picture to the comment they are about to say with this key.

        Returns {id, width, height}. Repeating it with the same key is harmless.
        """

    async def unbind(self, picture: str, comment: str) -> None:
        """Let a picture be shown with another comment: this one was refused. Repeating it is harmless."""


class Classifier(Protocol):
    """Something outside that reads comments."""

    async def scores(self, text: str) -> dict[str, float]:
        """Return how sure it is, 0 to 1, by category."""


class Translator(Protocol):
    """Something outside that knows languages."""

    async def translate(self, texts: Sequence[str], to: str) -> Sequence[str | None]:
        """Return the texts in the language "en" or "zh", in order; None is what cannot be said in it."""


class WhepTokens(Protocol):
    """Right to watch."""

    async def issue(self, person: str, show: str) -> str:
        """Return a short-lived token for `POST /whep/{show}`."""


class Metrics(Protocol):
    """Counters and gauges by name; the names are in `realtime/metrics.py`."""

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter."""

    def gauge(self, name: str, value: float) -> None:
        """Set a gauge."""

    def observe(self, name: str, value_s: float) -> None:
        """Add a duration in seconds to a histogram."""


class LedgerFollower(Protocol):
    """Wants to know what one reader of a shop's ledger sees, in order and nothing left out."""

    def saw(self, entry: Entry) -> None:
        """Take one entry; a batch may come again."""

    def at_end(self) -> None:
        """Hear that there was nothing more to read just now."""

    def forget(self) -> None:
        """Hear that the reader goes on from another place."""

    def close(self) -> None:
        """Hear that it reads no longer."""


class Ledgers(Protocol):
    """Who else in this process wants to follow the ledgers that the rooms read anyway."""

    def follow(self, shop: str) -> LedgerFollower:
        """Answer a follower for one reader."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the room is handed.

    `ledgers` None: nobody else follows. `standings` None: nobody has a standing. `classifier` None: nothing
    outside reads comments. `arrivals` None: nobody counts who came by share links. `translator` None:
    comments are not translated. `pictures` None: nobody shows any.
    """

    identify: Identify
    roles: Roles
    shows: ShowReader
    own: PersonState
    buying: Buying
    bans: Bans
    whep: WhepTokens
    metrics: Metrics
    ledgers: Ledgers | None = None
    standings: Standings | None = None
    classifier: Classifier | None = None
    arrivals: Arrivals | None = None
    translator: Translator | None = None
    pictures: CommentPictures | None = None
