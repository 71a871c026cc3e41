"""A front process: pages, API and room on the shared HTTP port, and its own socket for figures."""

import contextlib
from collections.abc import AsyncIterator

from liveshop.outside.first_request_client import make_first_request
from liveshop.run import Run
from liveshop.serving.inside_client import InsideClient
from liveshop.serving.inside_http import inside_app
from liveshop.serving.serving_http import listen_unix, served
from liveshop.supervising.listening_sockets import listen_http
from liveshop.watching.presence import present, ready
from liveshop.web.app import build_front
from realtime.sockets.raw_frames_ws import RoomProtocol

ASK_LIMIT_S = 5.0


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Serve until the block is left."""
    async with (
        present(run),
        build_front(run.settings, run, run.name) as app,
        # From here on the kernel hands this process its share of new connections.
        served(app, [listen_http(run.settings.host, run.settings.http_port)], websocket=RoomProtocol),
        served(inside_app(), [listen_unix(run.socket_of("front", run.index))]),
    ):
        await _ask_oneself(run)
        async with ready(run):
            yield


async def _ask_oneself(run: Run) -> None:
    """Ask as media and payment providers will be asked: first requests load 40 ms worth of modules each."""
    here = run.socket_of("front", run.index)
    async with InsideClient(f"unix:{here}", ASK_LIMIT_S) as client:
        await client.request("GET", "/healthz")
    await make_first_request(here, ASK_LIMIT_S)
