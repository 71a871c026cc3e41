"""What the doors of the community take and answer."""

import msgspec

from commerce.shops.structs import ShopCard


class Following(msgspec.Struct, frozen=True):
    """How the caller stands to a shop, and how many follow it.

    `reachable`: an account, or a guest whose address is confirmed; others are asked for one first.
    """

    following: bool
    by_mail: bool
    followers: int
    reachable: bool


class Follow(msgspec.Struct, frozen=True):
    """A shop that the caller follows; `by_mail` False sends nothing."""

    shop: ShopCard
    since_ms: int
    by_mail: bool


class FollowList(msgspec.Struct, frozen=True):
    """The shops that the caller follows, latest first."""

    follows: tuple[Follow, ...]


class FollowChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether mails are wanted of a shop that one follows."""

    by_mail: bool


class MailRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address a guest wants to be told at; it is asked by mail first."""

    email: str


class Confirmed(msgspec.Struct, frozen=True):
    """The shop that a mailed link was about; `show` is the one to be reminded of, None where it follows."""

    shop: ShopCard
    show: str | None = None


class Reminder(msgspec.Struct, frozen=True):
    """Whether the caller is told of a show, and could be."""

    reminded: bool
    reachable: bool


class ReminderList(msgspec.Struct, frozen=True):
    """The shows to come of which the caller is told, soonest first. `reachable`: something reaches them."""

    shows: tuple[str, ...]
    reachable: bool


class PushKey(msgspec.Struct, frozen=True):
    """What a browser subscribes with: the server's VAPID key, base64url."""

    key: str


class PushRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's push subscription, as its PushSubscription says it (keys in base64url)."""

    endpoint: str
    p256dh: str
    auth: str


class PushGone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The subscription that is over."""

    endpoint: str
