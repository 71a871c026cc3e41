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
    """The shop that is followed since a mailed link was opened."""

    shop: ShopCard
