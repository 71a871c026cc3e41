"""Freezing a shop whose stock was lost, and writing it anew; the Functions are `freeze` and `rebuild`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from commerce.sale import checks
from commerce.sale.books import Books, Live
from commerce.sale.calls_redis import FunctionCaller
from commerce.sale.rebuild import DAY_MS, Plan

AT_ONCE: Final = 200
"""Records of one call: Redis answers others between two."""


class SaleRebuild(FunctionCaller):
    """The repairing half of the engine. Every step may be repeated; the shop is frozen until `reopen`."""

    async def freeze(self, shop: str, *, reason: str) -> str:
        """Sell nothing in this shop until it is rebuilt; answers the reason that stands."""
        checks.check_id("shop", shop, "sp")
        standing: str = await self.done(shop, "freeze", {"reason": reason}, str)
        return standing

    async def frozen(self, shop: str) -> str | None:
        """Answer why a shop is frozen, None when it is not."""
        checks.check_id("shop", shop, "sp")
        reason: bytes | None = await self.redis.hget(f"{{shop:{shop}}}:meta", "frozen")
        return None if reason is None else reason.decode()

    async def write_books(self, shop: str, plan: Plan, *, after: str) -> str:
        """Write a frozen shop's stock anew; answers the ledger's last id, behind `after`."""
        checks.check_id("shop", shop, "sp")
        await self._step(shop, {"step": "clear"})
        for part in parts(plan.books):
            await self._step(shop, {"step": "put", **part})
        entries = [
            {"kind": str(kind), "data": msgspec.json.encode(fields).decode()} for kind, fields in plan.entries
        ]
        last = after
        for place in range(0, max(1, len(entries)), AT_ONCE):
            told = entries[place : place + AT_ONCE]
            last = await self._step(shop, {"step": "tell", "after": last, "entries": told})
        return last

    async def reopen(self, shop: str) -> None:
        """Sell again."""
        checks.check_id("shop", shop, "sp")
        await self._step(shop, {"step": "open"})

    async def _step(self, shop: str, argument: Mapping[str, object]) -> str:
        last: str = await self.done(shop, "rebuild", argument, str)
        return last


def parts(books: Books) -> Iterator[dict[str, Any]]:
    """Cut books into the arguments of `put` calls: at most `AT_ONCE` records each."""
    pieces: list[tuple[str, str, str, Any]] = []
    for pool, units in books.pools.items():
        sale = {} if units.sale is None else {"sale": units.sale}
        record = {"variant": units.variant, **sale, **msgspec.structs.asdict(units.counters())}
        pieces.append(("hashes", "pools", pool, record))
    for sale_id, sale_record in books.sales.items():
        pieces.append(("hashes", "sales", sale_id, sale_record))
        if sale_record.get("drained"):
            pieces.append(("scores", "due", f"s:{sale_id}", sale_record["ended_at_ms"] + DAY_MS))
        else:
            pieces.append(("scores", "sale_ends", sale_id, _closes_at_ms(sale_record)))
    for live in books.live.values():
        pieces.append(("hashes", "reservations", live.id, reservation_record(live)))
        pieces.append(("scores", "deadlines", live.id, live.deadline_ms))
    pieces += [("people", "", person, what) for person, what in people_of(books).items()]
    for place in range(0, len(pieces), AT_ONCE):
        part: dict[str, Any] = {"hashes": {}, "scores": {}, "people": {}}
        for where, name, key, value in pieces[place : place + AT_ONCE]:
            (part[where].setdefault(name, {}) if name else part[where])[key] = value
        yield part


def people_of(books: Books) -> dict[str, dict[str, Any]]:
    """Answer what each person holds, by pool, and has of each sale."""
    found: dict[str, dict[str, Any]] = {}

    def of(person: str) -> dict[str, Any]:
        return found.setdefault(person, {"holds": {}, "counts": {}})

    for live in books.live.values():
        for pool in live.holds:
            of(live.person)["holds"].setdefault(pool, []).append(live.id)
    for (person, sale), units in books.counts.items():
        if units > 0 and sale in books.sales:
            of(person)["counts"][sale] = units
    return found


def reservation_record(live: Live) -> dict[str, Any]:
    """Answer a live reservation as the Functions keep it."""
    record: dict[str, Any] = {
        "id": live.id,
        "person": live.person,
        "state": "open" if live.order is None else "paying",
        "created_at_ms": live.created_at_ms,
        "deadline_ms": live.deadline_ms,
        "holds": [
            {name: value for name in held.__slots__ if (value := getattr(held, name)) is not None}
            for held in live.holds.values()
        ],
    }
    optional = {"show": live.show, "order": live.order}
    return record | {name: value for name, value in optional.items() if value is not None}


def _closes_at_ms(sale: Mapping[str, Any]) -> int:
    ends_at_ms: int = sale["ends_at_ms"]
    return min(ends_at_ms, sale.get("ended_at_ms") or ends_at_ms)
