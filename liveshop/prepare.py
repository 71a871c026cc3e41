"""What happens once at every start before anything serves: tables and Functions are brought up to date."""

import contextlib
import logging
from collections.abc import AsyncIterator

from commerce.migrations.migrate import DataTooNew, migrate
from liveshop.check.primaries_redis import check_redis
from liveshop.errors import LiveshopError
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.functions import all_libraries
from liveshop.redis.functions_redis import bring_functions
from liveshop.run import Run

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Prepare Redis and the database; raises `LiveshopError` with what is wrong."""
    await bring_functions(run.redis_url, all_libraries())
    await _warn(run)
    try:
        await migrate(run.database_url)
    except DataTooNew as error:
        raise LiveshopError(str(error)) from error
    if run.demo:
        await _make_demo(run)
    yield


async def _warn(run: Run) -> None:
    """Say what `check` would: a Redis that keeps less than was promised starts, and is complained of."""
    settings = run.settings
    for finding in await check_redis(run.redis_url, (), settings.durability, settings.replicas):
        if finding.mark == "fault":
            log.warning("%s", finding.sentence)


async def _make_demo(run: Run) -> None:
    """Make what is missing of the demo; imported here, because a real server has none."""
    from liveshop.demo.plan_files import write_demo
    from liveshop.demo.seed import seed_demo
    from liveshop.shop import open_shop

    async with contextlib.aclosing(open_redis(run.redis_url)) as redis, open_shop(run, redis) as services:
        write_demo(run.folder, await seed_demo(services, str(run.data)))
