"""A worker process: the jobs that nobody waits for, each under a lease."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator

from commerce.jobs import JOBS
from commerce.services import CommerceServices
from liveshop.jobs.jobs import JobRunner
from liveshop.jobs.room_boards import RoomBoardWriter
from liveshop.jobs.room_logs import RoomLogReader
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.leases_redis import Leases
from liveshop.run import Run
from liveshop.serving.inside_http import inside_app
from liveshop.serving.serving_http import listen_unix, served
from liveshop.shop import open_shop
from liveshop.tasks import ended
from liveshop.watching.presence import present, ready

log = logging.getLogger(__name__)

LAST_JOBS = ("copy_ledgers",)
"""At the stop, once the fronts have drained, what they sold is still copied to SQL."""


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Work until the block is left; then run once more what must be done before the end."""
    redis = open_redis(run.redis_url)
    async with (
        present(run),
        contextlib.aclosing(redis),
        open_shop(run, redis) as services,
    ):
        services.moderation.record.rooms = RoomLogReader(redis)
        services.community.supporters.boards = RoomBoardWriter(redis)
        runner = JobRunner(JOBS, services, Leases(redis, run.boot_id))
        working = {asyncio.create_task(runner.run())}
        if run.demo:
            working.add(asyncio.create_task(_demo_sales(run, services)))
        for task in working:
            task.add_done_callback(_end_with)
        try:
            async with served(inside_app(), [listen_unix(run.socket_of("worker", run.index))]), ready(run):
                yield
        finally:
            await ended(working)
            await runner.run_last(LAST_JOBS)


def _end_with(task: "asyncio.Task[None]") -> None:
    """End the process when a task it lives for ends with a defect; the supervisor starts another."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("A part of the worker ended.", exc_info=task.exception())
        signal.raise_signal(signal.SIGTERM)


async def _demo_sales(run: Run, services: CommerceServices) -> None:
    """Keep flash sales coming in the demo show."""
    from liveshop.demo.plan_files import read_demo
    from liveshop.demo.seed import run_demo_sales

    await run_demo_sales(services, read_demo(run.folder))
