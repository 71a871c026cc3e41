"""/healthz, /readyz and /metrics: the first two for load balancers, the last one not for the public."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from liveshop.watching.process_metrics import METRICS_TYPE

Checks = Mapping[str, Callable[[], Awaitable[str | None]]]
"""By name: returns None when all is well, else a sentence."""


def is_private(request: Request, token: str | None) -> bool:
    """Tell whether a caller may see the inside: it has the token, or calls from this very machine.

    A request that came through a proxy is never from this machine, whatever its address says.
    """
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers or request.client is None:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def health_routes(
    checks: Checks, metrics: Callable[[], Awaitable[str]], token: str | None, draining: Callable[[], bool]
) -> list[Route]:
    """Return the three routes."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        faults = {name: fault for name, check in checks.items() if (fault := await check())}
        if draining():
            faults["draining"] = "This process is about to leave."
        status = 503 if faults else 200
        if not is_private(request, token):
            return PlainTextResponse("not ready\n" if faults else "ready\n", status_code=status)
        return JSONResponse({"ready": not faults, "faults": faults}, status_code=status)

    async def metrics_page(request: Request) -> Response:
        if not is_private(request, token):
            return PlainTextResponse("not found\n", status_code=404)
        return Response(await metrics(), media_type=METRICS_TYPE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics_page)]
