"""A shop for the room's tests: the ports and real entries in real streams; and fronts that serve the room."""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec
import uvicorn
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from realtime.ports import BanOrder, Person, Ports, Standing, Told, Translator
from realtime.server import Realtime, open_realtime
from realtime.settings import RoomSettings
from realtime.shapes import Role
from realtime.sockets.raw_frames_ws import RoomProtocol
from streaming.events import AnyMediaEvent, stream_key, to_fields
from tests.prompt_server import bound_socket, served

Json = dict[str, Any]
SHOP, SHOW = "sp_1", "sh_1"
LEDGER = f"{{shop:{SHOP}}}:ledger"


class ShopError(Exception):
    """A refusal as commerce makes them."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(f"refused: {code}")
        self.code = code
        self.facts = facts
        self.status = 409


@dataclass
class Counts:
    """Metrics that tests read."""

    counts: Counter[str] = field(default_factory=Counter)
    gauges: dict[str, float] = field(default_factory=dict)

    def count(self, name: str, amount: int = 1) -> None:
        self.counts[name] += amount

    def gauge(self, name: str, value: float) -> None:
        self.gauges[name] = value

    def observe(self, name: str, value_s: float) -> None:
        self.gauges[name] = value_s


class Shop:
    """Every port of the room. Tokens are "person" or "person/device"; `roles` names staff."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.roles: dict[str, Role] = {"ac_host": "host", "ac_mod": "moderator"}
        self.names: dict[str, str] = {}
        self.token_ends_ms: dict[str, int] = {}
        self.reservations: dict[str, Json] = {}
        self.refusals: list[Exception] = []
        self.places: dict[str, Json] = {}
        self.bans: dict[str, BanOrder] = {}
        self.ban_orders: list[BanOrder] = []
        self.let_go: list[str] = []
        self.pinned: str | None = None
        self.policy: Json | None = None
        self.standing_of: dict[str, Standing] = {}
        self.standings_total = 0
        self.pictures: dict[str, str] = {}
        self.bound: dict[str, str] = {}
        self.bound_keys: dict[str, str] = {}
        self.scores_of: Callable[[str], dict[str, float]] | None = None
        self.arrivals: list[tuple[str, str, str]] = []
        self.translator: Translator | None = None
        self.snapshots_total = 0
        self.reserving = asyncio.Event()
        self.reserving.set()
        self.stock = {"po_va_1": {"available": 5, "held": 0, "sold": 0, "total": 5}}
        self.products: list[Json] = [
            {
                "id": "pr_1",
                "title": "Tea",
                "variants": [{"id": "va_1", "pool": "po_va_1", "price_minor": 900, "price_version": 1}],
            }
        ]
        self._numbers = itertools.count(1)

    def ports(self, metrics: Counts) -> Ports:
        ports = Ports(self, self, self, self, self, self, self, metrics)
        return replace(
            ports, standings=self, classifier=self, arrivals=self, translator=self.translator, pictures=self
        )

    @property
    def banned(self) -> set[str]:
        """Whom the shop does not serve."""
        return set(self.bans)

    def came_by(self, via: str, show: str, person: Person) -> None:
        self.arrivals.append((via, show, person.person))

    async def standing(self, person: str, show: str) -> Standing:
        self.standings_total += 1
        return self.standing_of.get(person, Standing(None, None, bought=False))

    async def scores(self, text: str) -> dict[str, float]:
        if self.scores_of is None:
            raise ConnectionError("no classifier")
        return self.scores_of(text)

    async def set_policy(self, **rules: Any) -> None:
        """Change the shop's rules for its rooms, as the shop does."""
        version = 1 + (self.policy or {}).get("version", 0)
        self.policy = {**rules, "version": version}
        await self.enter("note", note="policy", body={"version": version, "policy": self.policy})

    async def verify(self, token: str) -> Person | None:
        if token.startswith("wrong"):
            return None
        person, _, device = token.partition("/")
        ends_ms = self.token_ends_ms.get(token, int(time.time() * 1000) + 900_000)
        name = self.names.get(person, person[3:].capitalize())
        kind: Literal["guest", "account"] = "account" if person.startswith("ac_") else "guest"
        return Person(person, kind, name, device or f"de_{person[3:]}", ends_ms)

    async def role_in_show(self, person: str, show: str) -> Role:
        return self.roles.get(person, "viewer")

    async def snapshot(self, show: str) -> Json | None:
        if show != SHOW:
            return None
        self.snapshots_total += 1
        last: Any = await self.redis.xrevrange(LEDGER, count=1)
        stock = {**self.stock, **await self.counters()}
        return {
            "show": {
                "id": SHOW,
                "title": "Tea time",
                "state": "live",
                "shop": {"id": SHOP, "name": "Mei's Tea"},
            },
            "shop": SHOP,
            "currency": "EUR",
            "products": self.products,
            "pinned": self.pinned,
            "sales": [],
            "stock": {pool: dict(units) for pool, units in stock.items()},
            "run_of_show": ["pr_1"],
            "prices": {"va_1": {"price_minor": 900, "price_version": 1}},
            "policy": self.policy,
            "shop_time_ms": int(time.time() * 1000),
            "ledger_position": last[0][0].decode() if last else "0-0",
        }

    async def counters(self) -> dict[str, Json]:
        """Return the newest counters of each pool the ledger tells of, as the room shows them."""
        found: Any = await self.redis.xrange(LEDGER)
        told = [msgspec.json.decode(fields[b"data"]) for _, fields in found]
        return {each["pool"]: _shown(each["counters"]) for each in told if each.get("counters")}

    async def own(self, person: str, show: str) -> Json:
        mine = [each for each in self.reservations.values() if each["person"] == person]
        waits = [self.places[person]] if person in self.places else []
        return {"reservations": mine, "orders_pending": [], "last_order": None, "waits": waits}

    async def reserve(self, person: str, show: str, body: Json, key: str, told: Told) -> Json:
        if not self.reserving.is_set():
            told(7, 1200)
        await self.reserving.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        reservation = {
            "id": f"rs_{next(self._numbers)}",
            "person": person,
            "lines": body["lines"],
            "key": key,
        }
        return self.reservations.setdefault(key, reservation)

    async def change(self, person: str, show: str, body: Json, key: str) -> Json:
        return {"id": body["reservation"], "quantity": body["quantity"]}

    async def release(self, person: str, show: str, body: Json, key: str) -> Json:
        return {"id": body["reservation"], "state": "released"}

    async def wait(self, person: str, show: str, body: Json, key: str, language: str) -> Json:
        if self.refusals:
            raise self.refusals.pop(0)
        self.places.setdefault(person, {"pool": f"po_{body['variant']}", "position": len(self.places) + 1})
        return self.places[person] | {"language": language}

    async def leave(self, person: str, show: str, pool: str) -> Json:
        return {"left": self.places.pop(person, None) is not None}

    async def ban(self, actor: str, show: str, order: BanOrder) -> None:
        self.bans[order.person] = order
        self.ban_orders.append(order)

    async def unban(self, actor: str, person: str, show: str, places: Sequence[str]) -> tuple[BanOrder, ...]:
        lifted = [self.bans.pop(person)] if person in self.bans else []
        self.let_go += places
        for whose, order in list(self.bans.items()):
            device = order.device if order.device in places else None
            if device:
                lifted.append(replace(order, device=device, address_key=None))
                self.bans[whose] = replace(order, device=None)
        return tuple(lifted)

    async def put_back(self, show: str, order: BanOrder) -> list[str]:
        stands = self.bans.get(order.person)
        if stands is None or not order.device or stands.device not in {None, order.device}:
            return []
        self.bans[order.person] = replace(stands, device=order.device)
        return [order.device]

    async def bind(self, person: str, show: str, picture: str, comment: str, key: str) -> Json:
        taken = self.bound.get(picture)
        if self.pictures.get(picture) != person or (taken and self.bound_keys[picture] != key):
            raise ShopError("no_such_picture", picture=picture)
        self.bound[picture], self.bound_keys[picture] = comment, key
        return {"id": picture, "width": 640, "height": 480}

    async def unbind(self, picture: str, comment: str) -> None:
        if self.bound.get(picture) == comment:
            del self.bound[picture]

    async def issue(self, person: str, show: str) -> str:
        return f"watch-{person}"

    async def enter(self, kind: str, **values: Any) -> str:
        """Write one ledger entry as the sale's Functions do; returns its id."""
        body = msgspec.json.encode(values.pop("body", {})).decode()
        data = {"at_ms": int(time.time() * 1000), "body": body, **values}
        entry: Any = await self.redis.xadd(LEDGER, {"kind": kind, "data": msgspec.json.encode(data)})
        await self.redis.publish(f"{LEDGER}:wake", entry)
        return str(entry.decode())

    async def pin(self, product: str | None) -> str:
        """Pin a product as the host does."""
        self.pinned = product
        return await self.enter("note", note="pin", show=SHOW, body={"product": product})

    async def media(self, event: AnyMediaEvent) -> None:
        """Write one media event."""
        await self.redis.xadd(stream_key(SHOW), to_fields(event))  # type: ignore[arg-type]  # dict is invariant
        await self.redis.publish(f"{stream_key(SHOW)}:wake", "1")


def _shown(counters: Json) -> Json:
    return {name: units for name, units in counters.items() if name in {"available", "held", "sold", "total"}}


@dataclass
class Front:
    """One running front."""

    url: str
    realtime: Realtime
    metrics: Counts


def redis_of(url: str) -> Redis:
    """A client as liveshop makes them: bytes, no retries."""
    client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    return client


@contextlib.asynccontextmanager
async def serving(
    redis: Redis, shop: Shop, name: str = "front-0", settings: RoomSettings | None = None, *, raw: bool = True
) -> AsyncIterator[Front]:
    """Serve the room on a real uvicorn on a free port; without `raw` as any other ASGI server would."""
    metrics = Counts()
    async with open_realtime(settings or RoomSettings(), redis, shop.ports(metrics), name) as realtime:
        app = Starlette(routes=[WebSocketRoute("/ws/shows/{show}", realtime.endpoint)])
        config = uvicorn.Config(
            app,
            ws=RoomProtocol if raw else "websockets-sansio",
            ws_max_size=16384,
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=1,
        )
        bound = bound_socket()
        async with served(config, bound) as server:
            try:
                yield Front(f"ws://127.0.0.1:{bound.getsockname()[1]}", realtime, metrics)
            finally:
                server.end()
                await realtime.stop()


@contextlib.asynccontextmanager
async def two_fronts(redis: Redis, shop: Shop) -> AsyncIterator[tuple[Front, Front]]:
    """Serve one room from two fronts on one Redis."""
    async with serving(redis, shop, "front-0") as one, serving(redis, shop, "front-1") as two:
        yield one, two
