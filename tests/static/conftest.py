"""The gallery server, for tests of what only a browser does."""

from collections.abc import AsyncIterator

import pytest
import uvicorn

from tests.prompt_server import bound_socket, served
from tests.static import gallery_server
from tests.static.gallery_shop import Gallery


@pytest.fixture
async def gallery(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve a fresh gallery on a free port; gives its address."""
    monkeypatch.setattr(gallery_server, "GALLERY", Gallery())
    bound = bound_socket()
    config = uvicorn.Config(gallery_server.make_app(), log_level="error", timeout_graceful_shutdown=1)
    async with served(config, bound):
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
