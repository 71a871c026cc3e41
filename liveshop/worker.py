"""A worker process: the jobs that nobody waits for, each under a lease."""

import contextlib
from collections.abc import AsyncIterator

from liveshop.inside_http import inside_app
from liveshop.presence import present
from liveshop.run import Run
from liveshop.serving_http import listen_unix, served


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Work until the block is left."""
    inside = listen_unix(run.socket_of("worker", run.index))
    async with present(run), served(inside_app(), [inside]):
        yield
