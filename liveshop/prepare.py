"""What happens once at every start before anything serves: tables and Functions are brought up to date."""

import contextlib
from collections.abc import AsyncIterator

from liveshop.functions import all_libraries
from liveshop.functions_redis import bring_functions
from liveshop.parts import module_or_none
from liveshop.run import Run


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Prepare Redis and the database; raises `LiveshopError` with what is wrong."""
    await bring_functions(run.redis_url, all_libraries())
    migration = module_or_none("commerce.migrations.migrate")
    if migration is not None:
        await migration.migrate(run.database_url)
    yield
