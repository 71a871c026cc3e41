"""What front and worker answer on their own Unix socket: alive, and their figures."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from liveshop.process_metrics import METRICS_TYPE, own_metrics


def inside_app() -> Starlette:
    """Build the app for a process's own socket."""
    return Starlette(routes=[Route("/metrics", _metrics), Route("/healthz", _healthz)])


async def _metrics(_request: Request) -> Response:
    return Response(own_metrics(), media_type=METRICS_TYPE)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
