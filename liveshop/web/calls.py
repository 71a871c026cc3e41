"""The route table as liveshop reads it, and the call it hands to a handler.

Each package declares its own `Route` with these fields (the one repetition that the import law
costs); here they meet as a Protocol.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class RouteLike(Protocol):
    """One row of a package's route table."""

    @property
    def method(self) -> str: ...  # noqa: D102 - the names are the documentation of a row
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def handler(self) -> Callable[[Any, Any], Awaitable[object]]: ...  # noqa: D102
    @property
    def request(self) -> Any: ...  # noqa: D102
    @property
    def answer(self) -> Any: ...  # noqa: D102
    @property
    def errors(self) -> tuple[type[Exception], ...]: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> int: ...  # noqa: D102
    @property
    def summary(self) -> str: ...  # noqa: D102
    @property
    def max_body_bytes(self) -> int: ...  # noqa: D102
    @property
    def query(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102
    @property
    def content_type(self) -> str: ...  # noqa: D102


class IdentityLike(Protocol):
    """Who calls: a guest or an account on a device."""

    @property
    def person(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def admin(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class WebCall:
    """One decoded request. `identity` is None for a caller without a valid token (role "anyone").

    `scheme` is "http" or "https" as the client used it; `base_url` is scheme and host without a path.
    """

    identity: Any
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: Any
    client_address: str
    now_ms: int
    operation_key: str | None
    scheme: str
    base_url: str


STAFF_RANK = {"stats": 1, "moderator": 2, "producer": 3, "host": 4, "owner": 5}


class AccessDenied(Exception):  # noqa: N818 - named for what happened
    """The caller may not: 401 without an identity, 403 with one."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.facts: dict[str, Any] = {}


class StaffRoles(Protocol):
    """Answers which staff role a person has, by shop or by show; None for none."""

    async def role_in(self, person: str, *, shop: str | None = None, show: str | None = None) -> str | None:
        """Return "stats", "moderator", "producer", "host", "owner" or None."""

    async def sees_money(self, person: str, *, shop: str | None = None, show: str | None = None) -> bool:
        """Return whether takings and orders are shown to the person."""


async def check_role(
    role: str, identity: IdentityLike | None, path: Mapping[str, str], staff: StaffRoles
) -> None:
    """Raise `AccessDenied` unless `identity` may call a route with this `role`."""
    if role == "anyone":
        return
    if identity is None:
        raise AccessDenied(401, "not_signed_in", "This needs a valid access token.")
    if role == "person":
        return
    if identity.kind != "account":
        raise AccessDenied(403, "account_needed", "This needs an account; you are a guest.")
    if role == "account" or identity.admin:
        return
    if role == "admin":
        raise AccessDenied(403, "not_allowed", "This needs an administrator of the server.")
    if role == "money":
        if not await staff.sees_money(identity.person, shop=path.get("shop"), show=path.get("show")):
            raise AccessDenied(403, "not_allowed", "This needs the right to see money in the shop.")
        return
    held = await staff.role_in(identity.person, shop=path.get("shop"), show=path.get("show"))
    if STAFF_RANK.get(held or "", 0) < STAFF_RANK[role]:
        raise AccessDenied(403, "not_allowed", f"This needs the role {role} in the shop.")
