"""How this package declares its HTTP routes; `liveshop` reads them through a Protocol."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Identity(Protocol):
    """Who calls."""

    @property
    def person(self) -> str:
        """Id of the account or guest."""

    @property
    def name(self) -> str:
        """The person's name."""

    @property
    def device(self) -> str:
        """Id of the browser they use, as its cookie says."""


class Call(Protocol):
    """One request, decoded and admitted by `liveshop`."""

    @property
    def identity(self) -> Identity | None:
        """Who calls; None only for role "anyone"."""

    @property
    def path(self) -> Mapping[str, str]:
        """Parameters of the path."""

    @property
    def body(self) -> Any:
        """The decoded request Struct."""

    @property
    def client_address(self) -> str:
        """The caller's network address as trusted proxies tell it."""

    @property
    def now_ms(self) -> int:
        """This process's clock."""

    @property
    def operation_key(self) -> str | None:
        """The Idempotency-Key header."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row of `ROUTES`; see the fields of the same names in the other packages."""

    method: str
    path: str
    handler: Callable[[Any, Any], Awaitable[object]]
    request: type | None = None
    answer: type | None = None
    errors: tuple[type[Exception], ...] = ()
    role: str = "anyone"
    status: int = 200
    summary: str = ""
    max_body_bytes: int = 65536
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/octet-stream"
