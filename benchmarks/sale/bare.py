"""The bare Function: calls of 100 packed reservations, several in flight, on a Redis that runs already."""

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import Any

from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.types import Line, ReserveRequest

SHOP, VARIANT = "sp_bare", "va_bare"
PACKED, IN_FLIGHT = 100, 4


@dataclass(frozen=True)
class Bare:
    """What the Function does alone; shares are of one core."""

    per_s: float
    client_share: float


async def measure(redis_url: str, seconds: float) -> Bare:
    """Reserve for some seconds; units never run out, each reservation is another person's."""
    engine = SaleEngine(write_client(redis_url))
    try:
        await _open(engine)
        numbers = itertools.count(1)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        made = await asyncio.gather(*(_send(engine, numbers, began_s + seconds) for _ in range(IN_FLIGHT)))
        took_s = time.perf_counter() - began_s
        return Bare(sum(made) / took_s, (time.process_time() - cpu_s) / took_s)
    finally:
        await engine.redis.aclose()


async def _open(engine: SaleEngine) -> None:
    price: dict[str, Any] = {"variant": VARIANT, "product": "pr_bare", "price_minor": 100, "version": 1}
    await engine.price_put(SHOP, operation="price", **price)
    await engine.restock(SHOP, operation="stock", variant=VARIANT, quantity=1_000_000, opens_pool=True)


async def _send(engine: SaleEngine, numbers: "itertools.count[int]", until_s: float) -> int:
    made = 0
    while time.perf_counter() < until_s:
        made += len(await engine.reserve_many(SHOP, [_request(next(numbers)) for _ in range(PACKED)]))
    return made


def _request(number: int) -> ReserveRequest:
    return ReserveRequest(f"ac_{number}", f"key-{number}", f"rs_{number}", (Line(VARIANT, 1, 1),))
