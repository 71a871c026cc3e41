"""What waiting for a replica costs: `.venv/bin/python -m benchmarks.copies [--json] [--seconds 3]`.

A primary with `appendfsync always` and a replica on this machine, both real. Reservations are made packed
(100 a call, four calls in flight, as the door sends them in a rush) and alone (16 in flight), each without
and with `WAIT 1`, in turns, so that all have the same machine.
"""

import asyncio
import itertools
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import reports
from commerce.sale.calls_redis import Copies, write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.types import Line, ReserveRequest
from tests.fixtures_redis_many import running_pair

SHOP, VARIANT = "sp_copies", "va_copies"
ROUNDS = 3
ON_DISK = ("--appendonly", "yes", "--appendfsync", "always")


@dataclass
class Result:
    """Reservations and calls a second, and how long a call took."""

    how: str
    reservations_per_s: float
    calls_per_s: float
    call_p50_ms: float
    call_p99_ms: float


async def measure(
    url: str, copies: Copies | None, packed: int, in_flight: int, seconds: float
) -> list[float]:
    """Reserve for some seconds; answers how long each call took."""
    engine = SaleEngine(write_client(url), copies=copies)
    took_s: list[float] = []

    async def buy() -> None:
        while time.perf_counter() < until_s:
            requests = [request(next(NUMBERS)) for _ in range(packed)]
            began_s = time.perf_counter()
            answers = await engine.reserve_many(SHOP, requests)
            took_s.append(time.perf_counter() - began_s)
            assert not any(isinstance(answer, Exception) for answer in answers), answers[0]

    until_s = time.perf_counter() + seconds
    await asyncio.gather(*(buy() for _ in range(in_flight)))
    await engine.redis.aclose()
    return took_s


NUMBERS = itertools.count(1)


def request(number: int) -> ReserveRequest:
    """Make the request of a new buyer."""
    return ReserveRequest(f"ac_{number}", f"key-{number}", f"rs_{number}", (Line(VARIANT, 1, 1),))


async def stock(url: str) -> None:
    """Put enough units on the shelf."""
    engine = SaleEngine(write_client(url))
    await engine.load()
    await engine.price_put(
        SHOP, operation="price", variant=VARIANT, product="pr_copies", price_minor=100, version=1
    )
    await engine.restock(SHOP, operation="stock", variant=VARIANT, quantity=1_000_000, opens_pool=True)
    await engine.redis.aclose()


def run(seconds: float) -> list[Result]:
    """Measure all four, in turns."""
    folder = Path(tempfile.mkdtemp(prefix="liveshop-copies-"))
    took_s: dict[tuple[int, bool], list[float]] = {}
    try:
        with running_pair(folder, *ON_DISK) as pair:
            asyncio.run(stock(pair.primary.url))
            for _, packed, waits in itertools.product(range(ROUNDS), (100, 1), (False, True)):
                copies = Copies(1) if waits else None
                in_flight = 4 if packed > 1 else 16
                took = asyncio.run(measure(pair.primary.url, copies, packed, in_flight, seconds))
                took_s.setdefault((packed, waits), []).extend(took)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [result(packed, waits, took, seconds) for (packed, waits), took in took_s.items()]


def result(packed: int, waits: bool, took_s: list[float], seconds: float) -> Result:
    """Bring one kind's figures together."""
    ordered = sorted(took_s)
    calls_per_s = len(ordered) / (ROUNDS * seconds)
    return Result(
        f"{'packed' if packed > 1 else 'alone'}, {'WAIT 1' if waits else 'no wait'}",
        round(calls_per_s * packed),
        round(calls_per_s, 1),
        round(ordered[len(ordered) // 2] * 1000, 2),
        round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
    )


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("copies", __doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    results = run(arguments.seconds)
    print(f"{'how':18} {'reservations/s':>15} {'calls/s':>9} {'p50 ms':>8} {'p99 ms':>8}")
    for one in results:
        print(
            f"{one.how:18} {one.reservations_per_s:>15,.0f} {one.calls_per_s:>9,.0f}"
            f" {one.call_p50_ms:>8} {one.call_p99_ms:>8}"
        )
    if arguments.json:
        print(json.dumps({one.how: vars(one) for one in results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
