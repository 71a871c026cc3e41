"""The gallery server, for tests of what only a browser does."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn

from tests.static import gallery_server
from tests.static.gallery_shop import Gallery


@pytest.fixture
async def gallery(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve a fresh gallery on a free port; gives its address."""
    monkeypatch.setattr(gallery_server, "GALLERY", Gallery())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # connections wait in the backlog until the server takes them
        port = listening.getsockname()[1]
        config = uvicorn.Config(gallery_server.make_app(), log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving
