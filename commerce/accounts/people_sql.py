"""Accounts, guests, devices and mailed links in SQL; every function works in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.accounts.structs import Person, ShopRole
from commerce.accounts.tables_sql import account_links, accounts, devices, guests
from commerce.shops.staff_sql import roles_of


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that is not deleted."""

    id: str
    email: str
    name: str
    password_hash: str
    email_confirmed_at_ms: int | None
    admin: bool


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device that may go on: not ended, not expired."""

    id: str
    person: str
    secret_hash: str
    seen_at_ms: int
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A mailed link that has not expired."""

    account: str
    email: str


async def account_by_email(sql: AsyncConnection, email: str) -> AccountRow | None:
    """Find by the normalised e-mail."""
    return await _account(sql, accounts.c.email == email)


async def account_by_id(sql: AsyncConnection, account: str, *, lock: bool = False) -> AccountRow | None:
    """Find by id; with `lock` the row stays as it is until the transaction ends."""
    return await _account(sql, accounts.c.id == account, lock=lock)


async def _account(
    sql: AsyncConnection, where: sa.ColumnElement[bool], *, lock: bool = False
) -> AccountRow | None:
    query = sa.select(*(accounts.c[name] for name in AccountRow.__dataclass_fields__)).where(
        where, accounts.c.deleted_at_ms.is_(None)
    )
    row = (await sql.execute(query.with_for_update() if lock else query)).one_or_none()
    return AccountRow(*row) if row else None


async def add_account(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert; IntegrityError when the e-mail is taken."""
    await sql.execute(sa.insert(accounts).values(**values))


async def change_account(sql: AsyncConnection, account: str, values: dict[str, Any]) -> None:
    """Change columns of one account."""
    await sql.execute(sa.update(accounts).where(accounts.c.id == account).values(**values))


async def an_admin_exists(sql: AsyncConnection) -> bool:
    """Tell whether any living account is an administrator."""
    query = sa.select(accounts.c.id).where(accounts.c.admin, accounts.c.deleted_at_ms.is_(None)).limit(1)
    return (await sql.execute(query)).first() is not None


async def add_guest(sql: AsyncConnection, guest: str, name: str, now_ms: int) -> None:
    """Insert a guest."""
    await sql.execute(sa.insert(guests).values(id=guest, name=name, created_at_ms=now_ms))


async def change_guest(sql: AsyncConnection, guest: str, values: dict[str, Any]) -> None:
    """Change columns of one guest."""
    await sql.execute(sa.update(guests).where(guests.c.id == guest).values(**values))


async def merge_guest(sql: AsyncConnection, guest: str, account: str) -> bool:
    """Mark a guest as merged; False when there is none or it was merged before."""
    change = sa.update(guests).where(guests.c.id == guest, guests.c.merged_into.is_(None))
    return (await sql.execute(change.values(merged_into=account))).rowcount == 1


async def merged_into(sql: AsyncConnection, guest: str) -> str | None:
    """Answer the account a guest was merged into, or None."""
    query = sa.select(guests.c.merged_into).where(guests.c.id == guest)
    return (await sql.execute(query)).scalar_one_or_none()


async def person_view(sql: AsyncConnection, person: str) -> Person | None:
    """Answer a living account or guest as its owner sees it, or None."""
    if person.startswith("gu_"):
        query = sa.select(guests).where(guests.c.id == person)
        guest = (await sql.execute(query)).one_or_none()
        if guest is None:
            return None
        return Person(person, "guest", guest.name, announce_purchases=guest.announce_purchases)
    account_query = sa.select(accounts).where(accounts.c.id == person, accounts.c.deleted_at_ms.is_(None))
    row = (await sql.execute(account_query)).one_or_none()
    if row is None:
        return None
    return Person(
        id=person,
        kind="account",
        name=row.name,
        email=row.email,
        email_confirmed=row.email_confirmed_at_ms is not None,
        admin=row.admin,
        announce_purchases=row.announce_purchases,
        shops=tuple(ShopRole(*row) for row in await roles_of(sql, person)),
    )


async def names_and_emails(sql: AsyncConnection, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Answer (name, e-mail) of living accounts by id."""
    query = sa.select(accounts.c.id, accounts.c.name, accounts.c.email).where(
        accounts.c.id.in_(ids), accounts.c.deleted_at_ms.is_(None)
    )
    return {row.id: (row.name, row.email) for row in await sql.execute(query)}


async def is_admin(sql: AsyncConnection, person: str) -> bool:
    """Tell whether a living account is a platform administrator."""
    query = sa.select(accounts.c.admin).where(accounts.c.id == person, accounts.c.deleted_at_ms.is_(None))
    return bool((await sql.execute(query)).scalar_one_or_none())


async def name_of(sql: AsyncConnection, person: str) -> str | None:
    """Answer the name of an account or guest, or None when there is no such person."""
    table = guests if person.startswith("gu_") else accounts
    return (await sql.execute(sa.select(table.c.name).where(table.c.id == person))).scalar_one_or_none()


async def names(sql: AsyncConnection, ids: Iterable[str]) -> dict[str, str]:
    """Answer the names of accounts and guests by id; unknown ones are left out."""
    wanted = sorted(ids)
    found: dict[str, str] = {}
    for table, prefix in ((accounts, "ac_"), (guests, "gu_")):
        some = [one for one in wanted if one.startswith(prefix)]
        if some:
            rows = await sql.execute(sa.select(table.c.id, table.c.name).where(table.c.id.in_(some)))
            found |= {row.id: row.name for row in rows}
    return found


async def since_when(sql: AsyncConnection, person: str) -> tuple[str, int] | None:
    """Answer (name, created_at_ms) of an account or guest, or None when there is no such person."""
    table = guests if person.startswith("gu_") else accounts
    query = sa.select(table.c.name, table.c.created_at_ms).where(table.c.id == person)
    row = (await sql.execute(query)).one_or_none()
    return None if row is None else (row.name, row.created_at_ms)


async def merged_guests(sql: AsyncConnection, account: str) -> list[str]:
    """Answer the guests that became this account."""
    return list((await sql.execute(sa.select(guests.c.id).where(guests.c.merged_into == account))).scalars())


async def add_device(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert a device."""
    await sql.execute(sa.insert(devices).values(**values))


async def living_device(sql: AsyncConnection, device: str, now_ms: int) -> DeviceRow | None:
    """Find a device that may go on."""
    columns = (devices.c[name] for name in DeviceRow.__dataclass_fields__)
    query = sa.select(*columns).where(
        devices.c.id == device, devices.c.ended_at_ms.is_(None), devices.c.expires_at_ms > now_ms
    )
    row = (await sql.execute(query)).one_or_none()
    return DeviceRow(*row) if row else None


async def change_device(sql: AsyncConnection, device: str, values: dict[str, Any]) -> None:
    """Change columns of one device."""
    await sql.execute(sa.update(devices).where(devices.c.id == device).values(**values))


async def end_devices(sql: AsyncConnection, person: str, now_ms: int, *, but: str | None = None) -> list[str]:
    """Sign out all of a person's devices, `but` one; answers which."""
    where = [devices.c.person == person, devices.c.ended_at_ms.is_(None)]
    if but is not None:
        where.append(devices.c.id != but)
    ended = list((await sql.execute(sa.select(devices.c.id).where(*where))).scalars())
    await sql.execute(sa.update(devices).where(*where).values(ended_at_ms=now_ms))
    return ended


async def end_device(sql: AsyncConnection, device: str, now_ms: int) -> None:
    """Sign out one device."""
    await change_device(sql, device, {"ended_at_ms": now_ms})


async def purge_devices(sql: AsyncConnection, before_ms: int) -> int:
    """Forget devices that ended or expired before `before_ms`; answers how many."""
    old = sa.or_(devices.c.ended_at_ms < before_ms, devices.c.expires_at_ms < before_ms)
    return (await sql.execute(sa.delete(devices).where(old))).rowcount


async def add_link(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert a mailed link."""
    await sql.execute(sa.insert(account_links).values(**values))


async def take_link(sql: AsyncConnection, token_hash: str, purpose: str, now_ms: int) -> LinkRow | None:
    """Use a link up; None when there is none, or it was used or expired."""
    where = (account_links.c.token_hash == token_hash, account_links.c.purpose == purpose)
    query = sa.select(account_links).where(*where).with_for_update()
    row = (await sql.execute(query)).one_or_none()
    if row is None:
        return None
    await sql.execute(sa.delete(account_links).where(*where))
    return LinkRow(row.account, row.email) if row.expires_at_ms > now_ms else None


async def drop_links(sql: AsyncConnection, account: str, purpose: str | None = None) -> None:
    """Void an account's links, all or of one purpose."""
    where = [account_links.c.account == account]
    if purpose is not None:
        where.append(account_links.c.purpose == purpose)
    await sql.execute(sa.delete(account_links).where(*where))


async def purge_links(sql: AsyncConnection, now_ms: int) -> int:
    """Forget links that have expired; answers how many."""
    return (
        await sql.execute(sa.delete(account_links).where(account_links.c.expires_at_ms <= now_ms))
    ).rowcount
