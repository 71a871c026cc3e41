"""Servers for the pages' tests: a liveshop that all share, a fresh one, and the gallery."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn

from tests.free_ports import free_port
from tests.liveshop.running_server import RunningServer, running
from tests.prompt_server import bound_socket, served
from tests.static import gallery_server
from tests.static.gallery_shop import Gallery


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    """Offer a liveshop that is set up; a test opens a market of its own."""
    return shared_server


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[RunningServer]:
    """Run a liveshop that nobody has set up."""
    with running(tmp_path / "data", LIVESHOP_MEDIA_PORT=str(free_port())) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve a fresh gallery on a free port; gives its address."""
    monkeypatch.setattr(gallery_server, "GALLERY", Gallery())
    bound = bound_socket()
    config = uvicorn.Config(gallery_server.make_app(), log_level="error", timeout_graceful_shutdown=1)
    async with served(config, bound):
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
