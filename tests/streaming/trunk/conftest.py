"""What all tests of shows that are copied between media processes begin with."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


@pytest.fixture
async def redis(redis_plain_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_plain_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()
