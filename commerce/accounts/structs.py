"""What the account doors take and answer."""

import msgspec


class ShopRole(msgspec.Struct, frozen=True):
    """A shop in which the person works, and as what: owner, host or moderator."""

    id: str
    slug: str
    name: str
    role: str


class Person(msgspec.Struct, frozen=True):
    """Who is signed in. A guest has no e-mail and no shops."""

    id: str
    kind: str
    name: str
    email: str | None = None
    email_confirmed: bool = False
    admin: bool = False
    announce_purchases: bool = True
    shops: tuple[ShopRole, ...] = ()


class SessionAnswer(msgspec.Struct, frozen=True):
    """A fresh access token, and for whom."""

    access_token: str
    expires_at_ms: int
    person: Person


class SessionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing (go on by cookie), `guest_name`, or `email` with `password`."""

    guest_name: str | None = None
    email: str | None = None
    password: str | None = None


class AccountRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new account."""

    email: str
    password: str
    name: str


class ProfileRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of oneself; None leaves it."""

    name: str | None = None
    announce_purchases: bool | None = None


class PasswordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password, and the present one as proof."""

    current: str
    new: str


class ProofRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password as proof."""

    password: str


class LinkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a mailed link."""

    token: str


class ResetRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password is forgotten."""

    email: str


class ResetCompleteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a mailed link, and the new password."""

    token: str
    password: str


class SetupRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first administrator and their shop."""

    email: str
    password: str
    name: str
    shop_name: str
    currency: str = "USD"


class SetupState(msgspec.Struct, frozen=True):
    """Whether the server still waits for its first administrator."""

    needed: bool
