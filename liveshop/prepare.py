"""What happens once at every start before anything serves: tables and Functions are brought up to date."""

import contextlib
from collections.abc import AsyncIterator

from redis.exceptions import RedisError

from liveshop.connections_redis import open_redis
from liveshop.errors import LiveshopError
from liveshop.functions import all_libraries
from liveshop.functions_redis import load_functions
from liveshop.parts import module_or_none
from liveshop.run import Run


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Prepare Redis and the database; raises `LiveshopError` with what is wrong."""
    redis = open_redis(run.redis_url, max_connections=2)
    try:
        await load_functions(redis, all_libraries())
    except (RedisError, OSError) as error:
        raise LiveshopError(f"Redis at {shown(run.redis_url)} cannot be used: {error}.") from error
    finally:
        await redis.aclose()
    migration = module_or_none("commerce.migrations.migrate")
    if migration is not None:
        await migration.migrate(run.database_url)
    yield


def shown(url: str) -> str:
    """Return an address without its password, fit for a message."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
