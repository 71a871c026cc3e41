"""A shop on a real Redis, and short ways to say what a test of the sale means."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from commerce.errors import CommerceError
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.keys import key_of
from commerce.sale.types import (
    Line,
    PaymentBegun,
    Place,
    PoolCounters,
    Reservation,
    ReserveRequest,
    SaleRecord,
)

SHOP = "sp_testshop"
SHOW = "sh_testshow"
ANA, BEN, GUEST = "ac_ana", "ac_ben", "gu_guest"
MUG, CAP = "va_mug", "va_cap"
MUG_POOL, CAP_POOL = "po_va_mug", "po_va_cap"
SALE, SALE_POOL = "fs_sale", "po_fs_sale"
DAY_MS = 24 * 3600_000


class Shop:
    """One shop, `SHOP`, with a fresh id or key for everything that needs one."""

    def __init__(self, engine: SaleEngine) -> None:
        self.engine = engine
        self._numbers = itertools.count(1)

    def fresh(self, prefix: str) -> str:
        """Make an id or key never used before."""
        return f"{prefix}_{next(self._numbers)}"

    async def stock(self, variant: str, quantity: int, *, price_minor: int = 1000) -> None:
        """Put a variant with a price (version 1) and units."""
        await self.engine.price_put(
            SHOP,
            operation=self.fresh("ob"),
            variant=variant,
            product="pr_" + variant[3:],
            price_minor=price_minor,
            version=1,
        )
        await self.engine.restock(
            SHOP, operation=self.fresh("ob"), variant=variant, quantity=quantity, opens_pool=True
        )

    async def sale(
        self,
        quantity: int = 5,
        *,
        limit: int = 0,
        starts_in_ms: int = -1000,
        lasts_ms: int = 60_000,
        version: int = 1,
        ended: bool = False,
        pay_first: bool = False,
    ) -> SaleRecord:
        """Put the flash sale `SALE` of the mug at 700, version 7, open for a minute."""
        now_ms = await self.engine.shop_time_ms(SHOP)
        record = SaleRecord(
            id=SALE,
            product="pr_mug",
            variant=MUG,
            price_minor=700,
            price_version=7,
            quantity=quantity,
            limit=limit,
            starts_at_ms=now_ms + starts_in_ms,
            ends_at_ms=now_ms + starts_in_ms + lasts_ms,
            version=version,
            show=SHOW,
            ended_at_ms=now_ms if ended else None,
            pay_first=pay_first,
        )
        return await self.engine.sale_put(SHOP, record, operation=self.fresh("ob"))

    async def hold(
        self, person: str = ANA, *lines: Line, key: str | None = None, hold_ms: int = 300_000
    ) -> Reservation:
        """Reserve one mug, or the lines given."""
        return await self.engine.reserve(
            SHOP,
            person=person,
            key=key or self.fresh("key"),
            reservation=self.fresh("rs"),
            lines=lines or (mug(),),
            show=SHOW,
            hold_ms=hold_ms,
        )

    async def wait(self, person: str, line: Line | None = None, *, key: str | None = None) -> Place:
        """Join the waitlist for one mug, or the line given."""
        return await self.engine.wait_join(
            SHOP,
            person=person,
            key=key or self.fresh("key"),
            reservation=self.fresh("rs"),
            line=line or mug(),
            show=SHOW,
        )

    async def held_by(self, person: str) -> tuple[Reservation, ...]:
        """A person's live reservations."""
        return await self.engine.reservations_of(SHOP, person)

    async def pay(self, *reservations: Reservation, order: str = "or_1", marks: tuple[str, ...] = ()) -> str:
        """Begin to pay for reservations; answers the order."""
        begun = await self.engine.pay_begin(
            SHOP,
            person=reservations[0].person,
            key=self.fresh("key"),
            order=order,
            reservations=[one.id for one in reservations],
            announce=True,
            marks=marks,
        )
        return begun.order

    async def pay_lines(
        self,
        person: str,
        *lines: Line,
        order: str | None = None,
        key: str | None = None,
        marks: tuple[str, ...] = (),
    ) -> PaymentBegun:
        """Begin to pay for lines that nobody holds yet."""
        key = key or self.fresh("key")
        return await self.engine.pay_begin(
            SHOP,
            person=person,
            key=key,
            order=order or self.fresh("or"),
            announce=True,
            marks=marks,
            hold=ReserveRequest(person, key, self.fresh("rs"), lines, SHOW, hold_ms=0),
        )

    async def counters(self, pool: str = MUG_POOL) -> PoolCounters:
        """One pool's counters."""
        return (await self.engine.pools(SHOP, [pool]))[pool]

    async def units(self, pool: str = MUG_POOL) -> tuple[int, int, int, int]:
        """One pool's (available, held, sold, withdrawn)."""
        counters = await self.counters(pool)
        return counters.available, counters.held, counters.sold, counters.withdrawn

    async def everything(self) -> dict[str, object]:
        """Every key of the shop and what is in it: equal means that nothing at all has changed.

        Not DUMP: a hash that Redis is just moving to a larger table comes in another order the next time.
        """
        redis = self.engine.redis
        return {key.decode(): await self._content(key) for key in await redis.keys("*")}

    async def _content(self, key: bytes) -> object:
        redis = self.engine.redis
        kind = (await redis.type(key)).decode()
        if kind == "stream":
            return await redis.xinfo_stream(key), await redis.xrange(key)
        if kind == "zset":
            return await redis.zrange(key, 0, -1, withscores=True)
        if kind == "set":
            return await redis.smembers(key)
        return await (redis.hgetall(key) if kind == "hash" else redis.get(key))

    async def rewrite(self, name: str, record_id: str, **fields: object) -> None:
        """Change fields of a stored record: what tests have in place of waiting a day."""
        redis = self.engine.redis
        packed = await redis.hget(key_of(SHOP, name), record_id)
        record: dict[str, Any] = msgspec.msgpack.decode(packed)
        record.update(fields)
        await redis.hset(key_of(SHOP, name), record_id, msgspec.msgpack.encode(record))

    async def overdue(self, reservation: Reservation) -> None:
        """Put a reservation's deadline into the past; nobody has swept it yet."""
        await self.rewrite("reservations", reservation.id, deadline_ms=1)
        await self.engine.redis.zadd(key_of(SHOP, "deadlines"), {reservation.id: 1})

    async def run_out(self, sale: str = SALE) -> None:
        """Put a sale's end into the past; nobody has drained it yet."""
        await self.rewrite("sales", sale, ends_at_ms=2)
        await self.engine.redis.zadd(key_of(SHOP, "sale_ends"), {sale: 2})

    @contextlib.asynccontextmanager
    async def refused(self, code: str, **facts: object) -> AsyncIterator[None]:
        """Expect a refusal with these facts (at least), after which not one byte in Redis is another."""
        before = await self.everything()
        with pytest.raises(CommerceError) as caught:
            yield
        assert caught.value.code == code, caught.value.facts
        assert {name: caught.value.facts.get(name) for name in facts} == facts
        assert await self.everything() == before


def mug(quantity: int = 1, *, version: int = 1) -> Line:
    """Make a line of mugs at the ordinary price."""
    return Line(MUG, quantity, version)


def cap(quantity: int = 1, *, version: int = 1) -> Line:
    """Make a line of caps."""
    return Line(CAP, quantity, version)


def sale_mug(quantity: int = 1, *, version: int = 7) -> Line:
    """Make a line of mugs in the flash sale."""
    return Line(MUG, quantity, version, SALE)
