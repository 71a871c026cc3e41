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
