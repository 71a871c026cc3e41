"""`.venv/bin/python -m benchmarks.room [--json] [--viewers 10000] [--seconds 30] [--votes 1000]`.

A real server with one front, its embedded Redis and SQLite; viewers are real websockets in processes of
their own, with many source addresses, every tenth with a small receive window. First only a few comments are
written, so that ticks are nearly all the front does: its whole CPU time by what it delivered is
`us_per_delivery`. Then comments, likes and purchases (reservations) come in from among the viewers. With
`--votes` so many votes a second follow, for a question and then for a poll: `votes` is what a tick and a vote
cost the front (see `voting`). At last each viewer's facts, and all that moderators got, are compared with the
room's log in Redis.

For comparison, in the same run and with as many viewers: Starlette's `send_text`, `websockets.broadcast`, and
one bare `write` a socket, with a text like a tick's.
Where it can, it makes a network namespace whose packets are received on the last core, and keeps the front
and the servers it is compared with away from there (`own_network`).
A run in which a client process used more than 90% of its core is limited by the clients and says so.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from redis import Redis

from benchmarks import own_network, reports
from benchmarks.own_server import own_server
from benchmarks.relay.figures import cpu_s, resident_kib
from benchmarks.relay.workers import Worker
from benchmarks.room import others
from benchmarks.room.told import lost_facts, percentile
from benchmarks.room.viewers import Doings, Party, Seen, run_crowd
from benchmarks.room.voting import LESS, Spell, Ticked, costs, open_ballots
from benchmarks.room_socket import Stage
from commerce.keys_crypto import Keys
from liveshop.folders.data_folder_files import SECRET_NAME
from realtime.store.keys import ShowKeys
from tests.liveshop.running_server import RunningServer
from tests.story.market import Api, Market, open_market

VARIANTS, ENOUGH = 9, 100_000
COMMENTS_PER_S, LIKES_PER_S, PURCHASES_PER_S = 50, 500, 200
QUIET_COMMENTS_PER_S = 8
PINS_PER_S = 2
CLIENT_LIMIT_SHARE = 0.9
FIRST_VIEWERS = 50
_EXAMPLE = [f"{number}: which of the two is the milder one" for number in range(8)]
TICK_TEXT = json.dumps({"type": "tick", "talk": _EXAMPLE})


@dataclass(frozen=True)
class Place:
    """The market, what everybody may buy, and the front's process."""

    market: Market
    goods: tuple[tuple[str, int], ...]
    pid: int


def main() -> int:
    """Measure, print a table for people, and JSON on request."""
    parser = reports.parser("room", __doc__)
    parser.add_argument("--viewers", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--votes", type=float, default=0.0, help="a second, from all viewers; 0: none")
    own_network.add_option(parser)
    arguments = parser.parse_args()
    if own_network.is_possible() and not own_network.is_inside():
        return own_network.run_again_inside("benchmarks.room", sys.argv[1:])
    report = run(arguments.viewers, arguments.seconds, arguments.processes, arguments.votes)
    reports.tell(report, as_json=arguments.json)
    return 0


def run(viewers: int, seconds: float, processes: int, votes_per_s: float = 0.0) -> dict[str, Any]:
    """Measure with a server of its own; see the module."""
    load = os.getloadavg()[0]
    with own_server() as server:
        report = measure(server, viewers, seconds, processes, votes_per_s)
    ways = {"send_text": "send_text", "broadcast": "websockets_broadcast", "bare_write": "bare_write"}
    for name, key in ways.items():
        report[f"{key}_us_per_delivery"] = others.measure(name, viewers, TICK_TEXT, min(seconds, 10.0))
    report["network"] = own_network.how_received()
    return report | {"load_before": load, "load_after": os.getloadavg()[0]}


def measure(
    server: RunningServer, viewers: int, seconds: float, processes: int, votes_per_s: float
) -> dict[str, Any]:
    """Let the viewers in and measure the parts."""
    place = asyncio.run(open_place(server))
    parts = {name: server.marks()[name].pid for name in ("front-0", "redis", "worker-0")}
    own_network.keep_from_receivers(parts["front-0"])
    each = viewers // processes
    with contextlib.ExitStack() as stack:
        crowds = [
            stack.enter_context(Worker(run_crowd, party(server, place.market, number, each)))
            for number in range(processes)
        ]
        for crowd in crowds:
            crowd.ask("join", FIRST_VIEWERS)
        kib, began_s = resident_kib(place.pid), time.monotonic()
        _together(crowds, "join", each - FIRST_VIEWERS)
        joined_s = time.monotonic() - began_s
        print(f"{processes * each} viewers in {joined_s:.0f} s", flush=True)
        time.sleep(1)
        kib_each = (resident_kib(place.pid) - kib) / (processes * (each - FIRST_VIEWERS))
        _act(crowds, Doings(2.0, QUIET_COMMENTS_PER_S), None)
        quiet, quiet_cpu = _measured(crowds, parts, Doings(seconds / 2, QUIET_COMMENTS_PER_S), None)
        doings = Doings(seconds, COMMENTS_PER_S, LIKES_PER_S, PURCHASES_PER_S, place.goods)
        busy, busy_cpu = _measured(crowds, parts, doings, place)
        votes = _votes(server, crowds, place, parts, Doings(seconds / 2, votes_per_s=votes_per_s))
        lost = _lost(crowds, server.redis_url(), place.market.show)
    return votes | {
        "viewers": processes * each,
        "us_per_delivery": quiet_cpu["front-0"] / quiet.frames * 1e6,
        "kib_per_viewer": kib_each,
        "comment_p50_ms": percentile(busy.comments_ms, 0.5),
        "comment_p99_ms": percentile(busy.comments_ms, 0.99),
        "purchase_p50_ms": percentile(busy.purchases_ms, 0.5),
        "purchase_p99_ms": percentile(busy.purchases_ms, 0.99),
        "cpu_server": busy_cpu["front-0"] / seconds,
        "cpu_redis": busy_cpu["redis"] / seconds,
        "cpu_worker": busy_cpu["worker-0"] / seconds,
        "cpu_clients": busy.cpu_share,
        "lost": lost,
        "ticks_per_s": busy.frames / (processes * each) / seconds,
        "quiet_comment_p99_ms": percentile(quiet.comments_ms, 0.99),
        "quiet_cpu_server": quiet_cpu["front-0"] / (seconds / 2),
        "joined_per_s": processes * (each - FIRST_VIEWERS) / joined_s,
        "purchases": dict(busy.answers),
        "closed": dict(busy.closed),
        "limit": "clients" if max(quiet.cpu_share, busy.cpu_share) > CLIENT_LIMIT_SHARE else "server",
    }


def party(server: RunningServer, market: Market, number: int, each: int) -> Party:
    """Return the viewers of a process: its number, and how many it will have."""
    key = Keys((server.data / SECRET_NAME).read_bytes()).derive("access-token")
    door = urlsplit(server.address)
    assert door.hostname is not None
    assert door.port is not None
    moderators = (market.host.person, market.moderator.person) if number == 0 else ()
    return Party(Stage(door.hostname, door.port, market.show, key), number * (each + 10), moderators)


def _together(crowds: Sequence[Worker], *order: object) -> list[Any]:
    return [wait() for wait in [crowd.tell(*order) for crowd in crowds]]


def _measured(
    crowds: Sequence[Worker], parts: dict[str, int], doings: Doings, place: Place | None
) -> tuple[Seen, dict[str, float]]:
    """Let the crowds do it together; returns what they saw and each process's CPU seconds."""
    before = {name: cpu_s(pid) for name, pid in parts.items()}
    seen = _act(crowds, doings, place)
    return seen, {name: cpu_s(pid) - before[name] for name, pid in parts.items()}


def _act(crowds: Sequence[Worker], doings: Doings, place: Place | None) -> Seen:
    share = len(crowds)
    mine = Doings(
        doings.seconds,
        doings.comments_per_s / share,
        doings.likes_per_s / share,
        doings.purchases_per_s / share,
        doings.goods,
        doings.votes_per_s / share,
        doings.ballot,
    )
    waits = [crowd.tell("act", mine) for crowd in crowds]
    if place is not None:
        asyncio.run(_pin(place.market, doings.seconds))
    seen = Seen()
    for wait in waits:
        seen.add(wait())
    return seen


async def _pin(market: Market, seconds: float) -> None:
    """Make facts: pin and unpin the product; a busy front may take its time."""
    until_s, times = time.monotonic() + seconds, 0
    async with Api(market.address) as api:
        api.http.headers["authorization"] = f"Bearer {market.owner.token}"
        while time.monotonic() < until_s:
            times += 1
            pinned = market.product if times % 2 else None
            with contextlib.suppress(httpx.TimeoutException):
                await api.call("PUT", f"/shows/{market.show}/pin", {"product": pinned})
            await asyncio.sleep(1 / PINS_PER_S)


def _votes(
    server: RunningServer, crowds: Sequence[Worker], place: Place, parts: dict[str, int], doings: Doings
) -> dict[str, Any]:
    """Let everybody vote at two rates, for a question and for a poll; {} when nobody shall."""
    if not doings.votes_per_s:
        return {}
    stage = party(server, place.market, 0, 0).stage
    ballots = asyncio.run(open_ballots(stage, place.market.moderator.person))

    def spell(per_s: float, ballot: str) -> Spell:
        before = Ticked.read(server.inside("front-0", "/metrics"))
        quiet = 0.0 if per_s else QUIET_COMMENTS_PER_S
        some = Doings(doings.seconds, quiet, votes_per_s=per_s, ballot=ballot)
        seen, cpu = _measured(crowds, parts, some, None)
        after = Ticked.read(server.inside("front-0", "/metrics"))
        ticks, tick_ms = after.total - before.total, before.ms_each_until(after)
        return Spell(per_s, seen.votes.total(), ticks, cpu["front-0"], tick_ms, seen.votes)

    rates = doings.votes_per_s / LESS, doings.votes_per_s
    found = {name: costs(*(spell(rate, ballot) for rate in rates)) for name, ballot in ballots.items()}
    return {"votes": found | {"tick_ms_without": spell(0.0, "").tick_ms}}


def _lost(crowds: Sequence[Worker], redis_url: str, show: str) -> int:
    """Return how much of the log somebody lacks: facts for viewers, everything for moderators."""
    redis = Redis.from_url(redis_url)
    entries: Any = redis.xrange(ShowKeys.of(show).log)
    redis.close()
    log = [(int(at.split(b"-")[0]), fields[b"c"], json.loads(fields[b"d"])) for at, fields in entries]
    end = log[-1][0]
    facts = [offset for offset, kind, _ in log if kind == b"f"]
    lost = 0
    for stands, wrong, moderators in _together(crowds, "places", end):
        lost += wrong + lost_facts(stands, facts, end)
        for start, had in moderators:
            all_of_it = [at if kind != b"t" else body["id"] for at, kind, body in log if at > start]
            lost += len(set(all_of_it) ^ set(had)) + len(had) - len(set(had))
    return lost


async def open_place(server: RunningServer) -> Place:
    """Open a market with a live show and enough to buy."""
    market = await open_market(server.address)
    variants = [
        {"title": f"Bag {number}", "price_minor": 1200, "quantity": ENOUGH} for number in range(VARIANTS)
    ]
    body = {"title": "Plenty", "description": "For the benchmark.", "variants": variants}
    plenty = await market.owner.call("POST", f"/shops/{market.shop}/products", body)
    shown = {"products": [market.product, plenty["id"]]}
    await market.owner.call("PUT", f"/shows/{market.show}/run-of-show", shown)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    await market.owner.http.aclose()
    goods = tuple((variant["id"], variant["price_version"]) for variant in plenty["variants"])
    return Place(market, goods, server.marks()["front-0"].pid)


if __name__ == "__main__":
    sys.exit(main())
