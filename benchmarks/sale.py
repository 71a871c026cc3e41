"""How many reservations a second the sale's Function makes: one a call, and 100 packed to a call.

Starts its own Redis on a Unix socket twice, without a file and with `appendfsync always`. One call is in
flight at a time, each reservation is another person's, units never run out. Prints a table, and with `--json`
one JSON object as the last line. The limit named is where the time went: Redis' own CPU against the wall.
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis import exceptions as redis_errors

from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.types import Line, ReserveRequest

SHOP, VARIANT = "sp_bench", "va_bench"
DURABILITY = {"none": ("--appendonly", "no"), "always": ("--appendonly", "yes", "--appendfsync", "always")}
_numbers = itertools.count(1)


@asynccontextmanager
async def _engine(words: tuple[str, ...]) -> AsyncIterator[SaleEngine]:
    with tempfile.TemporaryDirectory(prefix="ls-bench-") as folder:
        path = Path(folder) / "redis.sock"
        command = ("/usr/bin/redis-server", "--port", "0", "--unixsocket", str(path), "--save", "")
        words = (*command, "--dir", folder, *words)
        process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.DEVNULL)
        try:
            engine = SaleEngine(write_client(f"unix://{path}"))
            await _load(engine)
            yield engine
            await engine.redis.aclose()
        finally:
            process.terminate()
            await process.wait()


async def _load(engine: SaleEngine) -> None:
    limit = time.monotonic() + 10
    while True:
        try:
            return await engine.load()
        except (ConnectionError, redis_errors.ConnectionError):
            if time.monotonic() > limit:
                raise
            await asyncio.sleep(0.02)


async def _open(engine: SaleEngine) -> None:
    price: dict[str, Any] = {"variant": VARIANT, "product": "pr_bench", "price_minor": 100, "version": 1}
    await engine.price_put(SHOP, operation="price", **price)
    await engine.restock(SHOP, operation="stock", variant=VARIANT, quantity=1_000_000, opens_pool=True)


def _request() -> ReserveRequest:
    number = next(_numbers)
    return ReserveRequest(f"ac_{number}", f"key-{number}", f"rs_{number}", (Line(VARIANT, 1, 1),))


async def _measure(engine: SaleEngine, packed: int, seconds: float) -> dict[str, float]:
    redis_before = (await engine.redis.info("cpu"))["used_cpu_user"]
    client_before, start, made = time.process_time(), time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        made += len(await engine.reserve_many(SHOP, [_request() for _ in range(packed)]))
    wall_s, client_s = time.perf_counter() - start, time.process_time() - client_before
    redis_s = (await engine.redis.info("cpu"))["used_cpu_user"] - redis_before
    return {
        "per_s": round(made / wall_s),
        "redis_us_each": round(redis_s / made * 1e6, 1),
        "client_us_each": round(client_s / made * 1e6, 1),
        "redis_share": round(redis_s / wall_s, 2),
        "client_share": round(client_s / wall_s, 2),
    }


async def run(seconds: float) -> dict[str, dict[str, float]]:
    """Measure every combination; answers figures by "durability, packed"."""
    found: dict[str, dict[str, float]] = {}
    for durability, words in DURABILITY.items():
        for packed in (1, 10, 100):
            async with _engine(words) as engine:
                await _open(engine)
                found[f"{durability}, {packed} a call"] = await _measure(engine, packed, seconds)
    return found


def _limit(figures: dict[str, float]) -> str:
    if figures["redis_share"] + figures["client_share"] < 0.8:
        return "waiting (disk, socket)"
    return "Redis" if figures["redis_share"] > figures["client_share"] else "client"


def main() -> None:
    """Run, print the table, and the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    found = asyncio.run(run(options.seconds))
    print(f"{'':22}{'per s':>8}{'Redis µs':>10}{'client µs':>11}  limit")
    for name, figures in found.items():
        cells = f"{figures['per_s']:>8}{figures['redis_us_each']:>10}{figures['client_us_each']:>11}"
        print(f"{name:22}{cells}  {_limit(figures)}")
    if options.json:
        about = {
            "benchmark": "sale",
            "python": sys.version.split()[0],
            "load_average_1min": os.getloadavg()[0],
        }
        print(json.dumps({**about, "results": found}))


if __name__ == "__main__":
    main()
