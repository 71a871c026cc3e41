"""Whom to tell of a show and who was told, in SQL; every function works in the caller's transaction."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.accounts.tables_sql import accounts
from commerce.community.tables_sql import follows, guest_mails, reminders, show_notices
from commerce.shops.tables_sql import shops
from commerce.shows.states import ShowState
from commerce.shows.tables_sql import shows


async def reminder(sql: AsyncConnection, show: str, person: str) -> bool:
    """Tell whether a person asked to be told of a show."""
    query = sa.select(reminders.c.person).where(reminders.c.show == show, reminders.c.person == person)
    return (await sql.execute(query)).first() is not None


async def reminded_of(sql: AsyncConnection, person: str) -> list[str]:
    """Return the shows that have not begun of which a person asked to be told, soonest first."""
    query = (
        sa.select(reminders.c.show)
        .join(shows, shows.c.id == reminders.c.show)
        .where(reminders.c.person == person, shows.c.state == ShowState.SCHEDULED)
        .order_by(shows.c.starts_at_ms, shows.c.id)
    )
    return list((await sql.execute(query)).scalars())


async def add_reminder(sql: AsyncConnection, show: str, person: str, language: str, now_ms: int) -> None:
    """Insert a reminder; AlreadyThere when it is there."""
    values = {"show": show, "person": person, "language": language, "since_ms": now_ms}
    await sql.execute(sa.insert(reminders).values(**values))


async def remove_reminder(sql: AsyncConnection, show: str, person: str) -> None:
    """Delete a reminder; harmless when there is none."""
    await sql.execute(sa.delete(reminders).where(reminders.c.show == show, reminders.c.person == person))


async def silence(sql: AsyncConnection, shop: str, person: str) -> None:
    """Send a person no more mails about a shop: follows stay, reminders go."""
    mine = sa.update(follows).where(follows.c.shop == shop, follows.c.person == person)
    await sql.execute(mine.values(by_mail=False))
    of_shop = sa.select(shows.c.id).where(shows.c.shop == shop)
    await sql.execute(sa.delete(reminders).where(reminders.c.person == person, reminders.c.show.in_(of_shop)))


async def shows_due(sql: AsyncConnection, now_ms: int, remind_ms: int, live_ms: int, limit: int) -> list[Any]:
    """Return shows with `shop_name` that somebody must still be told of.

    They start within `remind_ms`, or went live at most `live_ms` ago. Shows of which all were told are left
    out: however many there are, they keep no other from its turn.
    """
    starts = (shows.c.starts_at_ms > now_ms, shows.c.starts_at_ms <= now_ms + remind_ms)
    soon_left = _untold(reminders, reminders.c.show == shows.c.id, "soon", shows.c.starts_at_ms - remind_ms)
    live_left = sa.or_(
        _untold(reminders, reminders.c.show == shows.c.id, "live", shows.c.started_at_ms),
        _untold(follows, follows.c.shop == shows.c.shop, "live", shows.c.started_at_ms),
    )
    wanted = sa.or_(
        sa.and_(shows.c.state == ShowState.SCHEDULED, *starts, soon_left),
        sa.and_(shows.c.state == ShowState.LIVE, shows.c.started_at_ms >= now_ms - live_ms, live_left),
    )
    query = sa.select(shows, shops.c.name.label("shop_name")).join(shops, shops.c.id == shows.c.shop)
    return list(await sql.execute(query.where(wanted).order_by(shows.c.starts_at_ms).limit(limit)))


async def reminded(sql: AsyncConnection, show: str, kind: str, before_ms: int, limit: int) -> list[Any]:
    """Return who asked before that time and was not told yet: person, language, by_mail."""
    query = sa.select(reminders.c.person, reminders.c.language, sa.true().label("by_mail")).where(
        reminders.c.show == show, reminders.c.since_ms <= before_ms, ~_told(show, kind, reminders.c.person)
    )
    return list(await sql.execute(query.order_by(reminders.c.person).limit(limit)))


async def following(
    sql: AsyncConnection, shop: str, show: str, kind: str, before_ms: int, limit: int
) -> list[Any]:
    """Return who followed before that time and was not told yet: person, language, by_mail."""
    query = sa.select(follows.c.person, follows.c.language, follows.c.by_mail).where(
        follows.c.shop == shop, follows.c.since_ms <= before_ms, ~_told(show, kind, follows.c.person)
    )
    return list(await sql.execute(query.order_by(follows.c.person).limit(limit)))


def _told(
    show: str | sa.ColumnElement[str], kind: str, person: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    seen = show_notices.c
    told = sa.exists().where(seen.show == show, seen.kind == kind, seen.person == person)
    return told.correlate_except(show_notices)


def _untold(
    asked: sa.Table, of_show: sa.ColumnElement[bool], kind: str, before_ms: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """Whether somebody asked before that time and was not told of a show yet."""
    return sa.exists().where(of_show, asked.c.since_ms <= before_ms, ~_told(shows.c.id, kind, asked.c.person))


async def note(sql: AsyncConnection, show: str, kind: str, person: str, now_ms: int) -> None:
    """Write down that a person is told; AlreadyThere when another did."""
    values = {"show": show, "kind": kind, "person": person, "at_ms": now_ms}
    await sql.execute(sa.insert(show_notices).values(**values))


async def addresses(sql: AsyncConnection, people: list[str]) -> dict[str, str]:
    """Return the confirmed e-mail of each account and guest that has one."""
    own = sa.select(accounts.c.id, accounts.c.email).where(
        accounts.c.id.in_(people),
        accounts.c.email_confirmed_at_ms.is_not(None),
        accounts.c.email.is_not(None),
    )
    left = sa.select(guest_mails.c.person, guest_mails.c.email).where(guest_mails.c.person.in_(people))
    return {person: email for query in (own, left) for person, email in await sql.execute(query)}
