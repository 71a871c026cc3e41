"""Serving an ASGI app with uvicorn inside a loop that is already running."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from liveshop.serving.idle_connections_http import PromptProtocol

LEAVE_LIMIT_S = 3
WS_FRAME_BYTES_MAX = 65536


class LoopServer(uvicorn.Server):
    """uvicorn without signal handlers: the child's life is led by its supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


@contextlib.asynccontextmanager
async def served(
    app: ASGIApp, sockets: list[socket.socket], websocket: type[asyncio.Protocol] | None = None
) -> AsyncIterator[None]:
    """Serve an app on listening sockets until the block is left; then finish what is under way.

    `websocket` is uvicorn's protocol class for websockets; None answers none.
    """
    config = uvicorn.Config(
        app,
        http=PromptProtocol,
        ws=websocket or "none",
        lifespan="off",
        loop="none",
        log_config=None,  # the process's own, see `liveshop.watching.log_lines`
        log_level="warning",
        access_log=False,
        # Who the client is, is decided by liveshop.web, which knows the trusted proxies.
        proxy_headers=False,
        server_header=False,
        ws_max_size=WS_FRAME_BYTES_MAX,
        # The room has a heartbeat of its own.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        timeout_graceful_shutdown=LEAVE_LIMIT_S,
        timeout_keep_alive=30,
        backlog=4096,
    )
    server = LoopServer(config)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def listen_unix(path: Path) -> socket.socket:
    """Listen on a Unix socket only the owner can reach, replacing what a dead process left."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(128)
    listening.setblocking(False)
    return listening
