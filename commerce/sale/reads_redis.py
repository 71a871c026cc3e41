"""What can be read of a shop's sale without changing it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from redis.client import NEVER_DECODE

from commerce.events import Entry, ledger_key, parse
from commerce.sale import checks
from commerce.sale.calls_redis import FunctionCaller
from commerce.sale.keys import key_of
from commerce.sale.types import Place, PoolCounters, PriceRecord, Reservation, SaleRecord

_pool_decoder = msgspec.msgpack.Decoder(PoolCounters)
_price_decoder = msgspec.msgpack.Decoder(PriceRecord)
_sale_decoder = msgspec.msgpack.Decoder(SaleRecord)
_BYTES: dict[str, Any] = {NEVER_DECODE: []}


class Held(msgspec.Struct, frozen=True):
    """What a person has in a sale: reservations, and places in waitlists."""

    reservations: tuple[Reservation, ...] = ()
    waits: tuple[Place, ...] = ()

    def in_order(self) -> "Held":
        """Return the live ones, oldest first."""
        live = (one for one in self.reservations if one.live)
        return Held(
            tuple(sorted(live, key=lambda one: (one.created_at_ms, one.id))),
            tuple(sorted(self.waits, key=lambda place: (place.at_ms, place.pool))),
        )


class _Read(Held, frozen=True, kw_only=True):
    """Reservations as they stand at `time_ms`: past its deadline one reads as expired, swept or not."""

    time_ms: int
    held: dict[str, Held] = {}


class SaleReads(FunctionCaller):
    """The reading half of the engine. Unknown ids are left out of answers, never an error."""

    async def pools(self, shop: str, ids: Sequence[str]) -> dict[str, PoolCounters]:
        """Answer the counters of these pools by id; those that do not exist are missing."""
        return await self._records(shop, "pools", ids, _pool_decoder)

    async def sales(self, shop: str, ids: Sequence[str]) -> dict[str, SaleRecord]:
        """Answer the records of these sales by id; those that do not exist are missing."""
        return await self._records(shop, "sales", ids, _sale_decoder)

    async def prices(self, shop: str, variants: Sequence[str]) -> dict[str, PriceRecord]:
        """Answer the ordinary prices of these variants; those that do not exist are missing."""
        return await self._records(shop, "prices", variants, _price_decoder)

    async def reservation(self, shop: str, reservation: str) -> Reservation | None:
        """Answer one reservation as it stands by the shop's clock; None when Redis has none of that id."""
        checks.check_id("reservation", reservation, "rs")
        read = await self._read(shop, {"reservations": [reservation]})
        return read.reservations[0] if read.reservations else None

    async def reservations_of(self, shop: str, person: str) -> tuple[Reservation, ...]:
        """Answer a person's live reservations, oldest first."""
        checks.check_person(person)
        return (await self._read(shop, {"person": person})).in_order().reservations

    async def places_of(self, shop: str, person: str) -> tuple[Place, ...]:
        """Answer a person's places in waitlists, oldest first."""
        checks.check_person(person)
        return (await self._read(shop, {"person": person})).in_order().waits

    async def held_by(self, shop: str, people: Sequence[str]) -> dict[str, Held]:
        """Answer what each of these people has, oldest first; those who have nothing are missing."""
        for person in people:
            checks.check_person(person)
        read = await self._read(shop, {"people": people})
        return {person: held.in_order() for person, held in read.held.items()}

    async def shop_time_ms(self, shop: str) -> int:
        """Answer the shop's clock: milliseconds since 1970 by which its sales and deadlines go."""
        return (await self._read(shop, {})).time_ms

    async def ledger_read(self, shop: str, after: str = "0-0", count: int = 100) -> list[Entry]:
        """Answer up to `count` ledger entries after the stream id `after`, in order.

        Entries of kinds a newer release writes are left out; `ledger_read_raw` has the ids of all.
        """
        return [entry for _, entry in await self.ledger_read_raw(shop, after, count) if entry is not None]

    async def ledger_read_raw(
        self, shop: str, after: str = "0-0", count: int = 100
    ) -> list[tuple[str, Entry | None]]:
        """Like `ledger_read`, with every id and None for an entry of an unknown kind."""
        checks.check_id("shop", shop, "sp")
        rows: Any = await self.redis.xrange(ledger_key(shop), min=f"({after}", max="+", count=count)
        return [(_text(entry_id), parse(entry_id, fields)) for entry_id, fields in rows]

    async def ledger_from(self, shop: str, first: str, count: int) -> list[tuple[str, Entry | None]]:
        """Like `ledger_read_raw`, beginning with the entry `first` itself where it is there."""
        checks.check_id("shop", shop, "sp")
        rows: Any = await self.redis.xrange(ledger_key(shop), min=first, max="+", count=count)
        return [(_text(entry_id), parse(entry_id, fields)) for entry_id, fields in rows]

    async def ledger_first(self, shop: str) -> tuple[str | None, bool]:
        """Answer the id of the oldest ledger entry, None when there is none, and whether older ones went."""
        checks.check_id("shop", shop, "sp")
        rows: Any = await self.redis.xrange(ledger_key(shop), count=1)
        if not rows:
            return None, False
        about = await self.redis.xinfo_stream(ledger_key(shop))
        return _text(rows[0][0]), about["entries-added"] > about["length"]

    async def ledger_tail(self, shop: str) -> str:
        """Answer the id of the newest ledger entry, "0-0" when there is none."""
        checks.check_id("shop", shop, "sp")
        rows: Any = await self.redis.xrevrange(ledger_key(shop), count=1)
        return _text(rows[0][0]) if rows else "0-0"

    async def ledger_trim(self, shop: str, *, below: str) -> int:
        """Remove ledger entries below an id (exact); answers how many. Only below the copier's position."""
        checks.check_id("shop", shop, "sp")
        removed: int = await self.redis.xtrim(ledger_key(shop), minid=below, approximate=False)
        return removed

    async def _read(self, shop: str, argument: dict[str, object]) -> _Read:
        checks.check_id("shop", shop, "sp")
        read: _Read = await self.done(shop, "read", argument, _Read)
        return read

    async def _records(
        self, shop: str, name: str, ids: Sequence[str], decoder: msgspec.msgpack.Decoder[Any]
    ) -> dict[str, Any]:
        checks.check_id("shop", shop, "sp")
        if not ids:
            return {}
        packed = await self.redis.execute_command("HMGET", key_of(shop, name), *ids, **_BYTES)
        return {
            one: decoder.decode(record) for one, record in zip(ids, packed, strict=True) if record is not None
        }


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
