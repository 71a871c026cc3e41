"""Fronts with a host, a moderator and two guests who keep a room busy whatever happens to Redis."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.errors import Unavailable
from realtime.settings import RoomSettings
from tests.realtime.client import RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop, serving

Json = dict[str, Any]
AGAIN_S = 0.05
WITHIN_S = 20.0


async def until_done(write: Callable[[], Awaitable[Any]], within_s: float = WITHIN_S) -> Any:
    """Try something again while Redis does not answer."""
    async with asyncio.timeout(within_s):
        while True:
            with contextlib.suppress(RedisError, OSError, Unavailable):
                return await write()
            await asyncio.sleep(AGAIN_S)


async def say(client: RoomClient, kind: str, within_s: float = WITHIN_S, **fields: Any) -> Json:
    """Send a write as a client does: with the same key until it is answered."""
    key = new_key()
    async with asyncio.timeout(within_s):
        while True:
            frame = await client.send_and_wait(kind, key=key, **fields)
            if frame["type"] == "ok":
                return frame
            assert frame["temporary"], frame
            await asyncio.sleep(AGAIN_S)


@dataclass
class Company:
    """Everybody. `shop` writes to Redis directly, the fronts through whatever the test put between."""

    shop: Shop
    fronts: list[Front]
    host: RoomClient
    mod: RoomClient
    mei: RoomClient
    lin: RoomClient
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def all(self) -> tuple[RoomClient, ...]:
        """Every client."""
        return self.host, self.mod, self.mei, self.lin

    async def happen(self) -> None:
        """Let one thing of each kind happen: talk, moderation, hearts, board, price, stock."""
        number = next(self._numbers)
        said = await say(self.host, "comment", text=f"host {number}")
        await say(self.mod, "comment", text=f"moderator {number}")
        await say(self.mei, "comment", text=f"Mei {number}")
        await say(self.mod, "delete", comment=said["comment"]["id"])
        await say(self.mod, "timeout", person="gu_gone", seconds=10 + number)
        await say(self.host, "slow_mode", seconds=0 if number % 2 else 1)
        await self.lin.send("like", count=number % 9 + 1)
        await self._decide(number)

    async def _decide(self, number: int) -> None:
        store, key = self.fronts[0].realtime.store, new_key()
        for name in ("greeting", "staff:note"):
            await until_done(
                lambda name=name: store.board(SHOW, "ac_host", f"{key}-{name[:3]}", name, {"number": number})  # type: ignore[misc]
            )
        counters = {"available": 5 - number % 5, "held": number % 5, "sold": 0, "withdrawn": 0, "total": 5}
        enter = self.shop.enter
        await until_done(lambda: enter("price", variant="va_1", price_minor=number, price_version=number + 1))
        await until_done(lambda: enter("reserve", pool="po_va_1", show=SHOW, quantity=1, counters=counters))


@contextlib.asynccontextmanager
async def company(
    through: Redis, direct: Redis, settings: RoomSettings | None = None, *, fronts_total: int = 2
) -> AsyncIterator[Company]:
    """Open fronts over `through`, and everybody in them, each in the next front."""
    shop = Shop(direct)
    async with contextlib.AsyncExitStack() as stack:
        fronts = [
            await stack.enter_async_context(serving(through, shop, f"front-{number}", settings))
            for number in range(fronts_total)
        ]
        people = [
            await stack.enter_async_context(RoomClient(fronts[place % fronts_total].url, SHOW, person))
            for place, person in enumerate(("ac_host", "ac_mod", "gu_mei", "gu_lin"))
        ]
        host, mod, mei, lin = people
        yield Company(shop, fronts, host, mod, mei, lin)
