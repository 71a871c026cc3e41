"""A worker process: the jobs that nobody waits for, each under a lease."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from commerce.jobs import JOBS
from liveshop.connections_redis import open_redis
from liveshop.inside_http import inside_app
from liveshop.jobs import JobRunner
from liveshop.leases_redis import Leases
from liveshop.presence import present
from liveshop.run import Run
from liveshop.serving_http import listen_unix, served
from liveshop.shop import open_shop


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Work until the block is left; then run once more what must be done before the end."""
    inside = listen_unix(run.socket_of("worker", run.index))
    redis = open_redis(run.redis_url)
    async with (
        present(run),
        served(inside_app(), [inside]),
        contextlib.aclosing(redis),
        open_shop(run, redis) as services,
    ):
        runner = JobRunner(JOBS, services, Leases(redis, run.boot_id))
        working = asyncio.create_task(runner.run())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.wait({working})
            await runner.run_last()
