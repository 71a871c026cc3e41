"""Bans: a shop's decision not to serve somebody; SQL is its record, Redis has copies with a version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce import text
from commerce.accounts import people_sql as people
from commerce.errors import Forbidden, NoSuchPerson, NoSuchShop, NoSuchShow
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock
from commerce.shops import staff_sql
from commerce.shops.bans_redis import RoomBans
from commerce.shops.structs import Ban
from commerce.shops.tables_sql import bans
from commerce.shows import shows_sql

REASON_CHARS = 500
_PLACES = ("device", "address_key")
_ON = ("expires_at_ms", *_PLACES)


@dataclass(frozen=True, slots=True)
class BanTerms:
    """How a ban is meant: why, until when (None: for good), and whether by device and address too.

    `address_key` is a keyed hash of the network address, never the address.
    """

    reason: str = ""
    expires_at_ms: int | None = None
    device: str | None = None
    address_key: str | None = None


class Bans:
    """Bans and lifts bans; both are absolute and may be repeated."""

    def __init__(self, outbox: Outbox, engine: Any, rooms: RoomBans, now_ms: Clock) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._rooms = rooms
        self._now_ms = now_ms
        outbox.handle("ban_put", self._copy)
        outbox.handle("show_bans", self._copy_all)

    async def ban(self, shop: str, person: str, actor: str, terms: BanTerms | None = None) -> None:
        """Stop serving a person; raises NoSuchPerson, NoSuchShop, Forbidden (staff is not banned)."""
        wanted = terms or BanTerms()
        why = text.line(wanted.reason, "reason", REASON_CHARS, min_chars=0)
        async with self._outbox.write() as unit:
            version = await _next_version(unit, shop)
            if await staff_sql.role_of(unit.sql, shop, person) is not None:
                raise Forbidden("Somebody who works in the shop is not banned; take their role away first.")
            before = await _row(unit.sql, shop, person)
            fields = {"reason": why, **{name: getattr(wanted, name) for name in _ON}}
            await self._put(unit, shop, person, actor, version, {"banned": True, **fields})
            await self._tell_places(unit, shop, version, {*_places(before), *_places(wanted)})
            await unit.add("note", {"kind": "banned", "body": {"person": person}}, shop=shop)

    async def unban(self, shop: str, person: str, actor: str) -> None:
        """Serve the person again; raises as `ban`."""
        async with self._outbox.write() as unit:
            await self.lift(unit, shop, person, actor)

    async def lift(self, unit: Unit, shop: str, person: str, actor: str) -> BanTerms | None:
        """Serve the person again, as part of a change of the caller's; returns how the ban stood."""
        version = await _next_version(unit, shop)
        before = await _row(unit.sql, shop, person)
        nothing = {"banned": False, "reason": "", **dict.fromkeys(_ON)}
        await self._put(unit, shop, person, actor, version, nothing)
        await self._tell_places(unit, shop, version, _places(before))
        return None if before is None or not self._is_up(before) else _terms(before)

    async def ban_in_show(self, show: str, person: str, actor: str, terms: BanTerms | None = None) -> None:
        """Ban from the shop of a show; raises NoSuchShow and as `ban`."""
        await self.ban(await self._shop_of(show), person, actor, terms)

    async def unban_in_show(
        self, show: str, person: str, actor: str, places: Sequence[str] = ()
    ) -> list[tuple[str, BanTerms]]:
        """Lift the ban of a show's shop; returns whose bans were lifted, as they stood.

        `places` are devices and address keys that are let go too: the bans that were on them are on their
        people alone from now on. Of those bans the terms returned name only what was let go.
        """
        shop = await self._shop_of(show)
        async with self._outbox.write() as unit:
            own = await self.lift(unit, shop, person, actor)
            freed = await self._free(unit, shop, places) if places else []
        lifted = [] if own is None else [(person, own)]
        return lifted + [(row.person, _terms(row, places)) for row in freed if self._is_up(row)]

    async def put_back_in_show(self, show: str, person: str, terms: BanTerms) -> list[str]:
        """Let the ban of a person be on a device and an address again that were let go.

        Returns those of them that it is on now: none when it does not stand any more; where it is on another
        device or address by now, that stays.
        """
        shop = await self._shop_of(show)
        async with self._outbox.write() as unit:
            row = await _row(unit.sql, shop, person)
            if row is None or not self._is_up(row):
                return []
            named = {name: getattr(terms, name) for name in _PLACES if getattr(terms, name)}
            back = {name: value for name, value in named.items() if getattr(row, name) is None}
            if back:
                version = await _next_version(unit, shop)
                mine = sa.update(bans).where(bans.c.shop == shop, bans.c.person == person)
                await unit.sql.execute(mine.values(**back))
                await self._tell_places(unit, shop, version, back.values())
        return [value for name, value in named.items() if getattr(row, name) in {None, value}]

    async def standing(self, shop: str) -> tuple[Ban, ...]:
        """Answer whom the shop does not serve, newest first."""
        query = sa.select(bans).where(bans.c.shop == shop, self._stands()).order_by(bans.c.at_ms.desc())
        async with self._database.read() as sql:
            return tuple(_view(row) for row in await sql.execute(query))

    async def is_banned(self, shop: str, person: str) -> bool:
        """Answer SQL's record."""
        return bool(await self.banned_of(shop, [person]))

    async def banned_of(self, shop: str, persons: Sequence[str]) -> set[str]:
        """Answer which of these people the shop does not serve, by SQL's record."""
        query = sa.select(bans.c.person).where(
            bans.c.shop == shop, bans.c.person.in_(persons), self._stands()
        )
        async with self._database.read() as sql:
            return set((await sql.execute(query)).scalars())

    async def ban_of(self, sql: AsyncConnection, shop: str, person: str) -> Ban | None:
        """Answer the ban that stands against a person, None when none does."""
        query = sa.select(bans).where(bans.c.shop == shop, bans.c.person == person, self._stands())
        row = (await sql.execute(query)).one_or_none()
        return None if row is None else _view(row)

    async def version_of(self, sql: AsyncConnection, shop: str, person: str) -> int | None:
        """Answer the version of the ban that stands against a person, None when none does."""
        query = sa.select(bans.c.version).where(bans.c.shop == shop, bans.c.person == person, self._stands())
        return (await sql.execute(query)).scalar_one_or_none()

    def _stands(self) -> sa.ColumnElement[bool]:
        ends = bans.c.expires_at_ms
        return sa.and_(bans.c.banned, sa.or_(ends.is_(None), ends > self._now_ms()))

    def _is_up(self, row: Any) -> bool:
        return row.banned and (row.expires_at_ms is None or row.expires_at_ms > self._now_ms())

    async def _put(
        self, unit: Unit, shop: str, person: str, actor: str, version: int, fields: dict[str, Any]
    ) -> None:
        """Write a ban or its end, and let every copy hear of it."""
        name = await people.name_of(unit.sql, person)
        if name is None:
            raise NoSuchPerson(person=person)
        row = {**fields, "version": version, "actor": actor, "name": name, "at_ms": self._now_ms()}
        await _upsert(unit.sql, shop, person, row)
        copy = {"person": person, "banned": fields["banned"], "version": version}
        await unit.add("ban_put", copy | {"expires_at_ms": fields["expires_at_ms"]}, shop=shop)

    async def _tell_places(self, unit: Unit, shop: str, version: int, places: Iterable[str]) -> None:
        """Let the rooms hear whether devices and address keys are banned: until the last ban on each ends."""
        for place in sorted(places):
            on_it = sa.or_(*(bans.c[name] == place for name in _PLACES))
            query = sa.select(bans.c.expires_at_ms).where(bans.c.shop == shop, on_it, self._stands())
            ends = list((await unit.sql.execute(query)).scalars())
            copy = {"person": None, "place": place, "banned": bool(ends), "version": version}
            await unit.add("ban_put", copy | {"expires_at_ms": _last(ends)}, shop=shop)

    async def _free(self, unit: Unit, shop: str, places: Sequence[str]) -> list[Any]:
        """Take these devices and address keys off every ban of the shop; returns those bans as they were."""
        version = await _next_version(unit, shop)
        on_any = sa.or_(*(bans.c[name].in_(places) for name in _PLACES))
        before = list(await unit.sql.execute(sa.select(bans).where(bans.c.shop == shop, on_any)))
        for name in _PLACES:
            on_them = sa.update(bans).where(bans.c.shop == shop, bans.c[name].in_(places))
            await unit.sql.execute(on_them.values({name: None}))
        await self._tell_places(unit, shop, version, places)
        return before

    async def _shop_of(self, show: str) -> str:
        async with self._database.read() as sql:
            shop = await shows_sql.shop_of(sql, show)
        if shop is None:
            raise NoSuchShow(show=show)
        return shop

    async def _copy(self, row: OutboxRow) -> None:
        """Carry out `ban_put`: to each room that is not over, and a person's to the shop's tag."""
        assert row.shop is not None
        copy = row.payload
        banned, version, ends = copy["banned"], copy["version"], copy.get("expires_at_ms")
        if copy["person"] is not None:
            await self._engine.ban_put(
                row.shop, person=copy["person"], banned=banned, version=version, expires_at_ms=ends
            )
        field = copy["person"] or copy["place"]
        async with self._database.read() as sql:
            rooms = await shows_sql.not_ended(sql, row.shop)
        for show in rooms:
            await self._rooms.put(show, field, version, banned=banned, expires_at_ms=ends)

    async def _copy_all(self, row: OutboxRow) -> None:
        """Carry out `show_bans`: a new show's room gets every ban of its shop."""
        query = sa.select(bans).where(bans.c.shop == row.shop, self._stands())
        async with self._database.read() as sql:
            standing = list(await sql.execute(query))
        on: dict[str, list[Any]] = {}
        for ban in standing:
            for field in (ban.person, *_places(ban)):
                on.setdefault(field, []).append(ban)
        for field, rows in on.items():
            version, ends = max(ban.version for ban in rows), _last([ban.expires_at_ms for ban in rows])
            await self._rooms.put(row.payload["show"], field, version, banned=True, expires_at_ms=ends)


async def _next_version(unit: Unit, shop: str) -> int:
    version = await staff_sql.next_ban_version(unit.sql, shop)
    if version is None:
        raise NoSuchShop(shop=shop)
    return version


async def _row(sql: AsyncConnection, shop: str, person: str) -> Any | None:
    query = sa.select(bans).where(bans.c.shop == shop, bans.c.person == person)
    return (await sql.execute(query)).one_or_none()


def _places(ban: Any | None) -> list[str]:
    """Return the device and the address key that a ban is on."""
    named = [] if ban is None else [getattr(ban, name) for name in _PLACES]
    return [place for place in named if place is not None]


def _last(ends: Sequence[int | None]) -> int | None:
    """Return the last of these ends; None: one of them never ends, or there are none."""
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def _terms(row: Any, places: Sequence[str] | None = None) -> BanTerms:
    """Return the terms of a ban; of device and address only what is among `places`, if those are given."""
    device, address_key = (
        value if places is None or value in places else None for value in (row.device, row.address_key)
    )
    return BanTerms(row.reason, row.expires_at_ms, device, address_key)


async def _upsert(sql: AsyncConnection, shop: str, person: str, row: dict[str, Any]) -> None:
    where = (bans.c.shop == shop, bans.c.person == person)
    if (await sql.execute(sa.update(bans).where(*where).values(**row))).rowcount == 0:
        await sql.execute(sa.insert(bans).values(shop=shop, person=person, **row))


def _view(row: Any) -> Ban:
    return Ban(
        person=row.person,
        name=row.name,
        reason=row.reason,
        actor=row.actor,
        at_ms=row.at_ms,
        expires_at_ms=row.expires_at_ms,
        by_device=row.device is not None,
        by_address=row.address_key is not None,
    )


async def versions_of(sql: AsyncConnection, shop: str) -> list[Any]:
    """Answer every ban a shop ever spoke, lifted ones too: person, banned, version and expiry."""
    query = sa.select(bans.c.person, bans.c.banned, bans.c.version, bans.c.expires_at_ms)
    return list(await sql.execute(query.where(bans.c.shop == shop)))
