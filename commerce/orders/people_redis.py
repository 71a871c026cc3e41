"""Tells a person's own sockets, on whichever front they are, what became of their holds and orders.

A message on `{shop:ID}:people` is JSON: `person`, `event` ("order" or "reservation") and that thing. It
carries no contact and no address, and nothing depends on it: who misses one reads the same in the next
hello or page.
"""

import logging
from typing import Any

import msgspec
from redis import exceptions

from commerce.orders.messages import Order

log = logging.getLogger(__name__)


def people_channel(shop: str) -> str:
    """Return the pub/sub channel of a shop's buyers."""
    return f"{{shop:{shop}}}:people"


class PeopleChannel:
    """Publishes; `sharded` uses SPUBLISH, for a cluster. A Redis that is away is counted and logged."""

    def __init__(self, redis: Any, *, sharded: bool = False) -> None:
        self._redis = redis
        self._sharded = sharded
        self.lost_total = 0

    async def order(self, shop: str, order: Order) -> None:
        """Tell the buyer how their order stands."""
        bare = msgspec.structs.replace(order, contact=None, address=None, token=None)
        await self._publish(shop, {"person": order.person, "event": "order", "order": bare})

    async def reservation(self, shop: str, person: str, reservation: object) -> None:
        """Tell a person how a hold of theirs stands; `reservation` is JSON-ready."""
        await self._publish(shop, {"person": person, "event": "reservation", "reservation": reservation})

    async def _publish(self, shop: str, message: dict[str, object]) -> None:
        word = "SPUBLISH" if self._sharded else "PUBLISH"
        try:
            await self._redis.execute_command(word, people_channel(shop), msgspec.json.encode(message))
        except (exceptions.RedisError, OSError) as error:
            self.lost_total += 1
            log.warning("a message to a buyer of %s was not published: %s", shop, error)
