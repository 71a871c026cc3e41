"""What a process answers on its own Unix socket: alive, and its figures."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from liveshop.watching.process_metrics import METRICS_TYPE, own_metrics


def inside_app(around: ASGIApp | None = None, more_figures: Callable[[], str] | None = None) -> ASGIApp:
    """Build the app for a process's own socket, around the doors it has there besides.

    `more_figures` returns further lines of the Prometheus text format.
    """

    async def metrics(_request: Request) -> Response:
        more = more_figures().encode() if more_figures is not None else b""
        return Response(own_metrics() + more, media_type=METRICS_TYPE)

    routes: list[Route | Mount] = [Route("/metrics", metrics), Route("/healthz", _healthz)]
    if around is not None:
        routes.append(Mount("/", around))
    return Starlette(routes=routes)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
