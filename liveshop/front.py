"""A front process: pages, API and room on the shared HTTP port, and its own socket for figures."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from liveshop.inside_http import inside_app
from liveshop.listening_sockets import listen_http
from liveshop.parts import module_or_none
from liveshop.presence import present
from liveshop.run import Run
from liveshop.serving_http import listen_unix, served


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Serve until the block is left."""
    inside = listen_unix(run.socket_of("front", run.index))
    async with present(run), _build(run) as app, served(inside_app(), [inside]):
        public = listen_http(run.settings.host, run.settings.http_port)
        async with served(app, [public]):
            yield


def _build(run: Run) -> contextlib.AbstractAsyncContextManager[Any]:
    web = module_or_none("liveshop.web.app")
    if web is None:
        return contextlib.nullcontext(inside_app())
    built: contextlib.AbstractAsyncContextManager[Any] = web.build_front(run.settings, run, run.name)
    return built
