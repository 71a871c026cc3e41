"""A small front: the route tables over real HTTP on loopback. The bearer token is the person's id.

`liveshop/web` mounts the same tables with identity, roles and OpenAPI; tests of commerce must not need it.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as StarletteRoute

from commerce.errors import CommerceError
from commerce.routing import Identity, Reply, Route
from tests.prompt_server import bound_socket, served


@dataclass(frozen=True)
class FrontCall:
    """A decoded request."""

    identity: Identity | None
    path: Any
    query: Any
    headers: Any
    cookies: Any
    body: Any
    client_address: str
    now_ms: int
    operation_key: str | None
    base_url: str


def _identity(request: Request) -> Identity | None:
    person = request.headers.get("authorization", "").removeprefix("Bearer ")
    if person[:3] not in {"ac_", "gu_"}:
        return None
    return Identity(person, "account" if person.startswith("ac_") else "guest", "Mei", "de_1")


def _problem(status: int, code: str, facts: dict[str, object]) -> Response:
    body = msgspec.json.encode({**facts, "status": status, "code": code})
    return Response(body, status, media_type="application/problem+json")


def _reply(reply: Reply, status: int) -> Response:
    headers, kind = dict(reply.headers), reply.content_type
    if isinstance(reply.body, AsyncIterator):
        return StreamingResponse(reply.body, status, headers, kind)
    plain = reply.body is None or isinstance(reply.body, bytes)
    body = reply.body if plain else msgspec.json.encode(reply.body)
    return Response(body, reply.status or status, headers, kind)


def _endpoint(route: Route, services: Any) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        identity = _identity(request)
        if route.role != "anyone" and identity is None:
            return _problem(401, "not_signed_in", {})
        raw = await request.body()
        try:
            kind = route.request
            body: Any = (
                raw if kind is bytes else None if kind is None else msgspec.json.decode(raw, type=kind)
            )
            call = FrontCall(
                identity, request.path_params, request.query_params, request.headers, request.cookies, body,
                "127.0.0.1", services.now_ms(), request.headers.get("idempotency-key"),
                f"http://{request.url.netloc}",
            )  # fmt: skip
            answer = await route.handler(services, call)
        except msgspec.ValidationError as error:
            return _problem(400, "bad_request", {"detail": str(error)})
        except CommerceError as error:
            return _problem(error.status, error.code, error.facts)
        if isinstance(answer, Reply):
            return _reply(answer, route.status)
        if answer is None:
            return Response(status_code=204)
        return Response(msgspec.json.encode(answer), route.status, media_type="application/json")

    return endpoint


class Front:
    """A listening socket, and the app behind it once `serve` runs."""

    def __init__(self) -> None:
        self._socket = bound_socket()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @contextlib.asynccontextmanager
    async def serve(self, services: Any, table: tuple[Route, ...]) -> AsyncIterator[None]:
        """Serve a table of routes, under /api/v1 unless a path is whole."""
        routes = [
            StarletteRoute(
                route.path if route.path.startswith("/api/") else f"/api/v1{route.path}",
                _endpoint(route, services),
                methods=[route.method],
            )
            for route in table
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off", ws="none")
        async with served(config, self._socket):
            yield
