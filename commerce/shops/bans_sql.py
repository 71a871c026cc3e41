"""Bans: a shop's decision not to serve somebody; SQL is its record, Redis has copies with a version."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce import text
from commerce.accounts import people_sql as people
from commerce.errors import Forbidden, NoSuchPerson, NoSuchShop, NoSuchShow
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.ports import Clock
from commerce.shops import staff_sql
from commerce.shops.bans_redis import RoomBans
from commerce.shops.structs import Ban
from commerce.shops.tables_sql import bans
from commerce.shows import shows_sql

REASON_CHARS = 500


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

    async def ban(self, shop: str, person: str, actor: str, reason: str | None = None) -> None:
        """Stop serving a person; raises NoSuchPerson, NoSuchShop, Forbidden (staff is not banned)."""
        await self._put(shop, person, actor, reason or "", banned=True)

    async def unban(self, shop: str, person: str, actor: str) -> None:
        """Serve the person again."""
        await self._put(shop, person, actor, "", banned=False)

    async def ban_in_show(self, show: str, person: str, actor: str, reason: str | None = None) -> None:
        """Ban from the shop of a show; raises NoSuchShow and as `ban`."""
        await self.ban(await self._shop_of(show), person, actor, reason)

    async def unban_in_show(self, show: str, person: str, actor: str) -> None:
        """Lift the ban of a show's shop."""
        await self.unban(await self._shop_of(show), person, actor)

    async def standing(self, shop: str) -> tuple[Ban, ...]:
        """Answer whom the shop does not serve, newest first."""
        query = sa.select(bans).where(bans.c.shop == shop, bans.c.banned).order_by(bans.c.at_ms.desc())
        async with self._database.read() as sql:
            return tuple(
                Ban(row.person, row.name, row.reason, row.actor, row.at_ms)
                for row in await sql.execute(query)
            )

    async def is_banned(self, shop: str, person: str) -> bool:
        """Answer SQL's record."""
        query = sa.select(bans.c.banned).where(bans.c.shop == shop, bans.c.person == person)
        async with self._database.read() as sql:
            return bool((await sql.execute(query)).scalar_one_or_none())

    async def _put(self, shop: str, person: str, actor: str, reason: str, *, banned: bool) -> None:
        why = text.line(reason, "reason", REASON_CHARS, min_chars=0)
        async with self._outbox.write() as unit:
            version = await staff_sql.next_ban_version(unit.sql, shop)
            if version is None:
                raise NoSuchShop(shop=shop)
            if banned and await staff_sql.role_of(unit.sql, shop, person) is not None:
                raise Forbidden("Somebody who works in the shop is not banned; take their role away first.")
            name = await people.name_of(unit.sql, person)
            if name is None:
                raise NoSuchPerson(person=person)
            row = {
                "banned": banned,
                "version": version,
                "actor": actor,
                "reason": why,
                "name": name,
                "at_ms": self._now_ms(),
            }
            await _upsert(unit.sql, shop, person, row)
            copy = {"person": person, "banned": banned, "version": version}
            await unit.add("ban_put", copy, shop=shop)
            if banned:
                await unit.add("note", {"kind": "banned", "body": {"person": person}}, shop=shop)

    async def _shop_of(self, show: str) -> str:
        async with self._database.read() as sql:
            shop = await shows_sql.shop_of(sql, show)
        if shop is None:
            raise NoSuchShow(show=show)
        return shop

    async def _copy(self, row: OutboxRow) -> None:
        """Carry out `ban_put`: to the shop's tag, and to each room that is not over."""
        assert row.shop is not None
        person, banned, version = row.payload["person"], row.payload["banned"], row.payload["version"]
        await self._engine.ban_put(row.shop, person=person, banned=banned, version=version)
        async with self._database.read() as sql:
            rooms = await shows_sql.not_ended(sql, row.shop)
        for show in rooms:
            await self._rooms.put(show, person, version, banned=banned)

    async def _copy_all(self, row: OutboxRow) -> None:
        """Carry out `show_bans`: a new show's room gets every ban of its shop."""
        query = sa.select(bans).where(bans.c.shop == row.shop, bans.c.banned)
        async with self._database.read() as sql:
            standing = list(await sql.execute(query))
        for ban in standing:
            await self._rooms.put(row.payload["show"], ban.person, ban.version, banned=True)


async def _upsert(sql: AsyncConnection, shop: str, person: str, row: dict[str, Any]) -> None:
    where = (bans.c.shop == shop, bans.c.person == person)
    if (await sql.execute(sa.update(bans).where(*where).values(**row))).rowcount == 0:
        await sql.execute(sa.insert(bans).values(shop=shop, person=person, **row))


async def versions_of(sql: AsyncConnection, shop: str) -> list[Any]:
    """Answer every ban a shop ever spoke, lifted ones too: person, banned and version."""
    query = sa.select(bans.c.person, bans.c.banned, bans.c.version).where(bans.c.shop == shop)
    return list(await sql.execute(query))
