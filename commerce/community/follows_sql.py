"""Follows, confirmed addresses of guests, links in SQL; each function works in the caller's transaction."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.community.tables_sql import (
    community_links,
    follows,
    guest_mails,
    push_subscriptions,
    reminders,
    show_notices,
)

_PERSONAL = (follows, guest_mails, community_links, reminders, show_notices, push_subscriptions)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A mailed link that has not expired. `show` None: it follows the shop; else it reminds of the show."""

    person: str
    email: str
    shop: str
    language: str
    show: str | None = None


async def follow_of(sql: AsyncConnection, shop: str, person: str) -> Any | None:
    """Return the follow of a person, or None."""
    query = sa.select(follows).where(follows.c.shop == shop, follows.c.person == person)
    return (await sql.execute(query)).one_or_none()


async def of_person(sql: AsyncConnection, person: str) -> list[Any]:
    """Return what a person follows, latest first."""
    query = sa.select(follows).where(follows.c.person == person)
    return list(await sql.execute(query.order_by(follows.c.since_ms.desc(), follows.c.shop)))


async def followers(sql: AsyncConnection, shop: str) -> int:
    """Count who follows a shop."""
    query = sa.select(sa.func.count()).where(follows.c.shop == shop)
    return int((await sql.execute(query)).scalar_one())


async def add(sql: AsyncConnection, shop: str, person: str, language: str, now_ms: int) -> None:
    """Insert one follow; AlreadyThere when it is there."""
    values = {"shop": shop, "person": person, "language": language, "since_ms": now_ms}
    await sql.execute(sa.insert(follows).values(**values))


async def change(sql: AsyncConnection, shop: str, person: str, *, by_mail: bool) -> bool:
    """Say whether mails are wanted; returns whether there is such a follow."""
    mine = sa.update(follows).where(follows.c.shop == shop, follows.c.person == person)
    return (await sql.execute(mine.values(by_mail=by_mail))).rowcount == 1


async def remove(sql: AsyncConnection, shop: str, person: str) -> None:
    """Delete one follow; harmless when there is none."""
    await sql.execute(sa.delete(follows).where(follows.c.shop == shop, follows.c.person == person))


async def guest_mail(sql: AsyncConnection, person: str) -> str | None:
    """Return the confirmed address of a guest, or None."""
    query = sa.select(guest_mails.c.email).where(guest_mails.c.person == person)
    return (await sql.execute(query)).scalar_one_or_none()


async def put_guest_mail(sql: AsyncConnection, person: str, email: str, now_ms: int) -> None:
    """Keep a guest's confirmed address in place of an earlier one."""
    await sql.execute(sa.delete(guest_mails).where(guest_mails.c.person == person))
    await sql.execute(sa.insert(guest_mails).values(person=person, email=email, confirmed_at_ms=now_ms))


async def add_link(sql: AsyncConnection, token_hash: str, link: LinkRow, now_ms: int, valid_ms: int) -> None:
    """Insert a mailed link."""
    values = {name: getattr(link, name) for name in LinkRow.__dataclass_fields__}
    times = {"created_at_ms": now_ms, "expires_at_ms": now_ms + valid_ms}
    await sql.execute(sa.insert(community_links).values(token_hash=token_hash, **values, **times))


async def take_link(sql: AsyncConnection, token_hash: str, now_ms: int) -> LinkRow | None:
    """Use a link up; None when there is none, or it was used or has expired."""
    where = community_links.c.token_hash == token_hash
    row = (await sql.execute(sa.select(community_links).where(where).with_for_update())).one_or_none()
    if row is None:
        return None
    await sql.execute(sa.delete(community_links).where(where))
    found = LinkRow(**{name: getattr(row, name) for name in LinkRow.__dataclass_fields__})
    return found if row.expires_at_ms > now_ms else None


async def purge_links(sql: AsyncConnection, now_ms: int) -> int:
    """Forget links that have expired; returns how many."""
    old = sa.delete(community_links).where(community_links.c.expires_at_ms <= now_ms)
    return (await sql.execute(old)).rowcount


async def give_to(sql: AsyncConnection, guest: str, account: str) -> None:
    """Move what a guest follows to the account they signed in with; what the account follows already stays.

    The guest's address goes: from now on the account's counts.
    """
    for table, alike in ((follows, ("shop",)), (reminders, ("show",)), (show_notices, ("show", "kind"))):
        own = table.alias()
        there = sa.exists().where(own.c.person == account, *(own.c[name] == table.c[name] for name in alike))
        await sql.execute(sa.update(table).where(table.c.person == guest, ~there).values(person=account))
    pushes = sa.update(push_subscriptions).where(push_subscriptions.c.person == guest)
    await sql.execute(pushes.values(person=account))
    for table in (follows, reminders, show_notices, guest_mails):
        await sql.execute(sa.delete(table).where(table.c.person == guest))


async def forget(sql: AsyncConnection, person: str) -> None:
    """Forget all of a person."""
    for table in _PERSONAL:
        await sql.execute(sa.delete(table).where(table.c.person == person))
