"""`.venv/bin/python -m benchmarks.sale [--json] [--buyers 2000] [--own-core]`.

A real server with one front, its embedded Redis with `appendfsync always`. First the bare Function on that
Redis, 100 reservations a call and four calls in flight. Then buyers behind real websockets: all press at once
for half as many units as there are buyers, then each reserves nine other variants as fast as answers come;
last they press for what is sold out, once where Redis is asked and once where the front knows it.
Every answer is given after the write is on disk. Nothing is bound to a core, and the system moves the front
to and fro; with `--own-core` it has the first one for itself, as on a machine with cores enough, and all
else shares the others.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks import reports
from benchmarks.cores import bind
from benchmarks.own_server import own_server
from benchmarks.relay.figures import cpu_s, p99_ms
from benchmarks.room_socket import Stage
from benchmarks.sale import bare
from benchmarks.sale.buyers import CrowdProcess, Outcome
from commerce.keys_crypto import Keys
from liveshop.folders.data_folder_files import SECRET_NAME
from tests.liveshop.running_server import RunningServer
from tests.story.market import Api, Json, Market, open_market

VARIANTS, ENOUGH = 9, 100_000
PAUSE_S = 6.0  # a buyer may reserve ten times at once and twice a second after that


@dataclass(frozen=True)
class Goods:
    """The product everybody wants, those with units enough, and one sold out before the room opened.

    Each as (variant, price version).
    """

    rare: tuple[str, int]
    plenty: list[tuple[str, int]]
    gone: tuple[str, int]


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("sale", __doc__)
    parser.add_argument("--buyers", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--own-core", action="store_true", help="give the front a core of its own")
    arguments = parser.parse_args()
    with own_server() as server:
        report = measure(server, arguments.buyers, arguments.seconds, own_core=arguments.own_core)
    reports.tell(report, as_json=arguments.json)
    return 0


def give_a_core(pid: int, others: Iterable[int]) -> None:
    """Bind a process to the first core, and others with this one to the rest."""
    first, *rest = sorted(os.sched_getaffinity(0))
    for one in (pid, *others, os.getpid()):
        bind(one, {first} if one == pid else rest)


def measure(server: RunningServer, buyers: int, seconds: float, *, own_core: bool) -> dict[str, Any]:
    """Measure the Function, then the door."""
    pids = {name: server.marks()[name].pid for name in ("front-0", "redis", "worker-0")}
    market, goods = asyncio.run(_open(server.address, buyers))
    alone = asyncio.run(bare.measure(server.redis_url(), seconds))
    key = Keys((server.data / SECRET_NAME).read_bytes()).derive("access-token")
    door = urlsplit(server.address)
    assert door.hostname is not None
    assert door.port is not None
    stage = Stage(door.hostname, door.port, market.show, key)
    if own_core:
        front = pids["front-0"]
        give_a_core(front, [mark.pid for mark in server.marks().values() if mark.pid != front])
    with CrowdProcess(stage) as crowd:
        began_s = time.monotonic()
        print(f"{crowd.join(buyers)} buyers in {time.monotonic() - began_s:.1f} s", flush=True)
        rush = crowd.press([goods.rare])
        time.sleep(PAUSE_S)
        before = {name: cpu_s(pid) for name, pid in pids.items()}
        steady = crowd.press(goods.plenty)
        shares = {name: (cpu_s(pid) - before[name]) / steady.took_s for name, pid in pids.items()}
        refusals = _refusals(crowd, pids, goods.gone, asyncio.run(_sold_out_now(market)))
    counters = asyncio.run(_counters(market, goods))
    return summary(alone, rush, steady, shares, counters, buyers) | refusals


def _refusals(
    crowd: CrowdProcess, pids: dict[str, int], asked: tuple[str, int], known: tuple[str, int]
) -> dict[str, Any]:
    """Let everybody press nine times for what is sold out: Redis is asked, or the front knows it."""
    found: dict[str, Any] = {}
    for name, goods in (("redis", asked), ("memory", known)):
        time.sleep(PAUSE_S)
        before_s = {part: cpu_s(pid) for part, pid in pids.items()}
        outcome = crowd.press([goods] * VARIANTS)
        count = outcome.answers.get("sold_out", 0)
        assert set(outcome.answers) == {"sold_out"}, outcome.answers
        found[f"sold_out_{name}_per_s"] = count / outcome.took_s
        for part in ("front-0", "redis"):
            found[f"sold_out_{name}_{part}_us"] = (cpu_s(pids[part]) - before_s[part]) / count * 1e6
    return found


async def _sold_out_now(market: Market) -> tuple[str, int]:
    """Put a product without units on sale, so that the front reads of it in the ledger."""
    async with Api(market.address) as api:
        api.http.headers["authorization"] = f"Bearer {market.owner.token}"
        told = await _product(api, market.shop, "Known gone", [0])
    return _wanted(told)[0]


def summary(
    alone: bare.Bare, rush: Outcome, steady: Outcome, shares: dict[str, float], counters: Json, buyers: int
) -> dict[str, Any]:
    """Bring the figures together; `oversold` is what both rounds sold above their units."""
    reserved = steady.answers.get("ok", 0)
    rare = counters.pop("rare")
    units = buyers // 2
    assert rush.answers.get("ok", 0) == rare["held"], (rush.answers, rare)
    assert sum(pool["held"] for pool in counters.values()) == reserved, (steady.answers, counters)
    per_s = reserved / steady.took_s
    return {
        "reservations_per_s": per_s,
        "bare_per_s": alone.per_s,
        "ratio": per_s / alone.per_s,
        "p50_ms": sorted(rush.waits_s)[len(rush.waits_s) // 2] * 1000,
        "p99_ms": p99_ms(rush.waits_s),
        "front_us_each": shares["front-0"] / per_s * 1e6,
        "cpu_front": shares["front-0"],
        "cpu_redis": shares["redis"],
        "cpu_worker": shares["worker-0"],
        "cpu_clients": steady.cpu_s / steady.took_s,
        "oversold": max(0, rare["held"] - units),
        "rush_answers": rush.answers,
        "steady_answers": steady.answers,
        "bare_client_share": alone.client_share,
        "load_before": os.getloadavg()[1],
    }


async def _open(address: str, buyers: int) -> tuple[Market, Goods]:
    market = await open_market(address)
    rare = await _product(market.owner, market.shop, "Rare", [buyers // 2])
    plenty = await _product(market.owner, market.shop, "Plenty", [ENOUGH] * VARIANTS)
    gone = await _product(market.owner, market.shop, "Gone", [0])
    shown = {"products": [rare["id"], plenty["id"]]}
    await market.owner.call("PUT", f"/shows/{market.show}/run-of-show", shown)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    await market.owner.http.aclose()
    return market, Goods(_wanted(rare)[0], _wanted(plenty), _wanted(gone)[0])


async def _product(api: Api, shop: str, title: str, quantities: list[int]) -> Json:
    variants = [
        {"title": f"{title} {number}", "price_minor": 1200, "quantity": quantity}
        for number, quantity in enumerate(quantities)
    ]
    body = {"title": title, "description": "For the benchmark.", "variants": variants}
    return await api.call("POST", f"/shops/{shop}/products", body)


def _wanted(product: Json) -> list[tuple[str, int]]:
    return [(variant["id"], variant["price_version"]) for variant in product["variants"]]


async def _counters(market: Market, goods: Goods) -> Json:
    """Read the pools' counters, the rare one's as `rare`."""
    async with Api(market.address) as api:
        show = await api.call("GET", f"/shows/{market.show}")
    stocks = {v["id"]: v["stock"] for product in show["products"] for v in product["variants"]}
    return {"rare": stocks[goods.rare[0]], **{variant: stocks[variant] for variant, _ in goods.plenty}}


if __name__ == "__main__":
    sys.exit(main())
