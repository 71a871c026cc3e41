"""From the parts to one Starlette application: the order of routes, the documents, the middleware."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from liveshop.web.api_http import Door, json_endpoint, problem_response
from liveshop.web.calls import RouteLike
from liveshop.web.client_address import Network
from liveshop.web.health_http import Checks, health_routes
from liveshop.web.media_answers import MEDIA_ANSWERS
from liveshop.web.media_proxy_http import MediaDoors
from liveshop.web.openapi import HookLike, document
from liveshop.web.pages_http import page_routes
from liveshop.web.problems import plain
from liveshop.web.proxies_http import TrustedProxies
from liveshop.web.share_pages_http import share_routes
from liveshop.web.show_figures import ROUTES as FIGURES_ROUTES
from liveshop.web.show_figures import ShowFiguresReader
from realtime.asyncapi import asyncapi

API = "/api/v1"
PICTURE_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
}


@dataclass(frozen=True, slots=True)
class FrontParts:
    """Everything a front is made of."""

    commerce: Any
    commerce_routes: Sequence[RouteLike]
    hooks: Sequence[HookLike]  # for the document: what commerce sends out by itself
    room: Any
    room_routes: Sequence[RouteLike]
    media_routes: Sequence[RouteLike]  # for the document; `media` serves them
    media: MediaDoors
    figures: ShowFiguresReader
    checks: Checks
    metrics: Callable[[], Awaitable[str]]
    metrics_token: str | None
    draining: Callable[[], bool]
    now_ms: Callable[[], int]
    static_folder: Path
    sandbox: bool
    trusted_proxies: Sequence[Network]


def version() -> str:
    """Return liveshop's version, as its project file says."""
    text = files("liveshop").joinpath("../pyproject.toml").read_text(encoding="utf-8")
    return str(msgspec.toml.decode(text)["project"]["version"])


def full_path(path: str) -> str:
    """Return a table's path as it is served: most packages leave out the common beginning."""
    return path if path.startswith(("/api/", "/whip", "/whep")) else API + path


def assemble(parts: FrontParts) -> ASGIApp:
    """Return the front's application."""
    door = Door(_identify(parts.commerce), parts.commerce.staff, parts.now_ms)
    # Routes are tried in turn: what thousands knock at together comes first.
    routes: list[BaseRoute] = [WebSocketRoute("/ws/shows/{show}", parts.room.endpoint)]
    mounted: tuple[tuple[Sequence[RouteLike], Any], ...] = (
        (parts.commerce_routes, parts.commerce),
        (parts.room_routes, parts.room),
        (FIGURES_ROUTES, parts.figures),
    )
    for table, services in mounted:
        routes += [door.mount(route, services, full_path(route.path)) for route in table]
    tables = (*parts.commerce_routes, *parts.room_routes, *FIGURES_ROUTES, *parts.media_routes)

    def openapi() -> dict[str, Any]:
        return document(tables, version(), full_path, MEDIA_ANSWERS, parts.hooks)

    routes += [
        Route("/api/openapi.json", json_endpoint(openapi)),
        Route("/api/asyncapi.json", json_endpoint(asyncapi)),
        Route("/api/{rest:path}", _no_such_api),
        Route("/media/pictures/{file}", _pictures(parts.commerce)),
        *parts.media.routes(),
        *health_routes(parts.checks, parts.metrics, parts.metrics_token, parts.draining),
        *share_routes(parts.commerce),
        *page_routes(parts.static_folder, sandbox=parts.sandbox),
    ]
    app: ASGIApp = Starlette(routes=routes)
    return TrustedProxies(Closing(app, parts.draining), parts.trusted_proxies)


class Closing:
    """Refuses writes once the server is about to stop: no new sale begins that would not be finished."""

    def __init__(self, app: ASGIApp, draining: Callable[[], bool]) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may still be done."""
        writes = scope["type"] == "http" and scope["method"] == "POST"
        if writes and scope["path"].startswith(API) and self._draining():
            response = problem_response(
                plain(503, "busy", "The server is about to stop; nothing was changed.")
            )
            response.headers["retry-after"] = "2"
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _identify(commerce: Any) -> Callable[[str], Awaitable[Any]]:
    async def identify(token: str) -> Any:
        return commerce.sessions.verify_access_token(token)

    return identify


async def _no_such_api(request: Request) -> Response:
    return problem_response(plain(404, "no_such_path", f"There is no {request.method} {request.url.path}."))


def _pictures(commerce: Any) -> Callable[[Request], Awaitable[Response]]:
    async def picture(request: Request) -> Response:
        content = await commerce.pictures.read(request.path_params["file"])
        if content is None:
            return Response("There is no such picture.", status_code=404, media_type="text/plain")
        return Response(content, media_type="image/webp", headers=PICTURE_HEADERS)

    return picture
