"""Commerce as front and worker use it: all of its parts, opened and closed together."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from commerce.services import CommerceServices, open_commerce
from liveshop.addresses import own_address
from liveshop.assembly import commerce_settings
from liveshop.run import Run


@contextlib.asynccontextmanager
async def open_shop(run: Run, redis: Any) -> AsyncIterator[CommerceServices]:
    """Open commerce with orders and payments on a Redis client that returns bytes and has retries off."""
    async with open_commerce(commerce_settings(run), redis, own_url=own_address(run.settings)) as services:
        yield services
