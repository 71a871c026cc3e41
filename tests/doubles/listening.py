"""A small real HTTP server on loopback for the doubles of payment providers."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from tests.prompt_server import bound_socket, served


@contextlib.asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI app on a free port; yields its address."""
    bound = bound_socket()
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
    async with served(config, bound):
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


async def cut(send: Any, status: int = 200) -> None:
    """Begin an answer and break it off: whoever asked learns nothing of what was done."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"999")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})
