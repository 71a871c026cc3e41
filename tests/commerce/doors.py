"""Calls commerce's doors as the web layer does: by method and path, with a decoded body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from commerce.errors import CommerceError
from commerce.routes import ROUTES
from commerce.routing import Identity, Reply, Route
from commerce.services import CommerceServices


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Fulfils `commerce.routing.Call`."""

    identity: Identity | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    cookies: Mapping[str, str]
    body: Any
    operation_key: str | None
    now_ms: int
    scheme: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict)
    client_address: str = "192.0.2.1"

    @property
    def base_url(self) -> str:
        """Scheme and host."""
        return f"{self.scheme}://shop.test"


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Answer the route and its path parameters; fixed words win over parameters."""
    parts = path.split("/")
    best: tuple[int, Route, dict[str, str]] | None = None
    for route in ROUTES:
        pattern = route.path.split("/")
        if route.method != method or len(pattern) != len(parts):
            continue
        pairs = list(zip(pattern, parts, strict=True))
        if all(ours.startswith("{") or ours == theirs for ours, theirs in pairs):
            taken = {ours[1:-1]: theirs for ours, theirs in pairs if ours.startswith("{")}
            if best is None or len(taken) < best[0]:
                best = (len(taken), route, taken)
    assert best is not None, f"no door {method} {path}"
    return best[1], best[2]


@dataclass(slots=True)
class Browser:
    """A visitor with a cookie and perhaps a token. Undeclared refusals fail the test."""

    commerce: CommerceServices
    scheme: str = "http"
    token: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    last_cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None, **query: str
    ) -> Any:
        """Call a door; answers the JSON-ready body, and keeps cookie and token."""
        route, taken = find(method, path)
        decoded = body
        if route.request is not None and route.request is not bytes:
            decoded = msgspec.json.decode(msgspec.json.encode(body or {}), type=route.request)
        identity = self.commerce.sessions.verify_access_token(self.token) if self.token else None
        request = Request(
            identity,
            taken,
            query,
            dict(self.cookies),
            decoded,
            key,
            self.commerce.now_ms(),
            self.scheme,
            dict(self.headers),
        )
        try:
            answer = await route.handler(self.commerce, request)
        except CommerceError as error:
            if not isinstance(error, route.errors):
                raise AssertionError(f"{method} {path} does not declare {type(error).__name__}") from error
            raise
        return self._kept(route, answer)

    def _kept(self, route: Route, answer: object) -> Any:
        status, content = route.status, answer
        if isinstance(answer, Reply):
            status, content = answer.status or route.status, answer.body
            for name, value in answer.headers:
                if name == "set-cookie":
                    self.last_cookie = value
                    self.cookies[value.partition("=")[0]] = value.partition("=")[2].partition(";")[0]
        assert status == route.status or (route.status == 200 and content is not None)
        assert (content is None) == (route.answer is None), f"{route.path} answers what it does not declare"
        if route.answer is not None:
            assert isinstance(content, route.answer)
        plain = msgspec.json.decode(msgspec.json.encode(content))
        if isinstance(plain, dict) and "access_token" in plain:
            self.token = plain["access_token"]
        return plain
