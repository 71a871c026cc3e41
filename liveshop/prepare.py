"""What happens once at every start before anything serves: tables and Functions are brought up to date."""

import contextlib
from collections.abc import AsyncIterator

from commerce.migrations.migrate import DataTooNew, migrate
from liveshop.errors import LiveshopError
from liveshop.functions import all_libraries
from liveshop.functions_redis import bring_functions
from liveshop.run import Run


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Prepare Redis and the database; raises `LiveshopError` with what is wrong."""
    await bring_functions(run.redis_url, all_libraries())
    try:
        await migrate(run.database_url)
    except DataTooNew as error:
        raise LiveshopError(str(error)) from error
    yield
