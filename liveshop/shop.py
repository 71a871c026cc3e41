"""Commerce as front and worker use it: all of its parts, opened and closed together."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from commerce.feeds.pictures_client import PictureClient
from commerce.services import CommerceServices, open_commerce
from commerce.webhooks.addresses import rules_for
from liveshop.assembly import commerce_settings
from liveshop.run import Run
from liveshop.settings.addresses import own_address


@contextlib.asynccontextmanager
async def open_shop(run: Run, redis: Any) -> AsyncIterator[CommerceServices]:
    """Open commerce with orders and payments on a Redis client that returns bytes and has retries off."""
    told = commerce_settings(run)
    pictures = PictureClient(rules_for(told.public_url, told.webhook_allow).permits)
    address = own_address(run.settings)
    async with open_commerce(told, redis, own_url=address, pictures_from=pictures) as services:
        yield services
