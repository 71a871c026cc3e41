"""A media process: WHIP and WHEP on its own Unix socket, packets on its own UDP port. It knows only Redis."""

import contextlib
from collections.abc import AsyncIterator

from liveshop.inside_http import inside_app
from liveshop.parts import module_or_none
from liveshop.presence import present
from liveshop.run import Run
from liveshop.serving_http import listen_unix, served


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Serve until the block is left."""
    inside = listen_unix(run.media_socket(run.index))
    async with contextlib.AsyncExitStack() as stack:
        app = inside_app()
        server = module_or_none("streaming.server")
        if server is not None:
            app = await stack.enter_async_context(server.media_app(run))
        await stack.enter_async_context(served(app, [inside]))
        await stack.enter_async_context(present(run))
        yield
