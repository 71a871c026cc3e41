"""A small real HTTP server on loopback for the doubles of payment providers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


@contextlib.asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI app on a free port; yields its address."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # older uvicorn has it
    running = asyncio.create_task(server.serve(sockets=[taken]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


async def cut(send: Any, status: int = 200) -> None:
    """Begin an answer and break it off: whoever asked learns nothing of what was done."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"999")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})
