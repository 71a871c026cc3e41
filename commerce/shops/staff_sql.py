"""Shops and their staff in SQL; every function works in the caller's transaction."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.shops.tables_sql import shop_staff, shops, show_staff

ROLES = ("stats", "moderator", "producer", "host", "owner")
"""From the least to the most; each may do what those before it may."""
SHOW_ROLES = ROLES[:-1]
SEE_MONEY = frozenset({"producer", "host", "owner"})
"""Roles that see takings and orders; the others only when they are allowed to."""


async def add_shop(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert; IntegrityError when the slug is taken."""
    await sql.execute(sa.insert(shops).values(**values))


async def change_shop(sql: AsyncConnection, shop: str, values: dict[str, Any]) -> None:
    """Change columns; IntegrityError when the slug is taken."""
    await sql.execute(sa.update(shops).where(shops.c.id == shop).values(**values))


async def shop_rows(sql: AsyncConnection, ids: list[str]) -> dict[str, Any]:
    """Answer shops by id; unknown ones are left out."""
    rows = await sql.execute(sa.select(shops).where(shops.c.id.in_(ids)))
    return {row.id: row for row in rows}


async def shop_by_slug(sql: AsyncConnection, slug: str) -> str | None:
    """Answer the id of the shop with this slug, or None."""
    return (await sql.execute(sa.select(shops.c.id).where(shops.c.slug == slug))).scalar_one_or_none()


async def all_shop_ids(sql: AsyncConnection) -> list[str]:
    """Answer every shop, oldest first."""
    query = sa.select(shops.c.id).order_by(shops.c.created_at_ms, shops.c.id)
    return list((await sql.execute(query)).scalars())


async def next_ban_version(sql: AsyncConnection, shop: str) -> int | None:
    """Count one more ban or lifted ban of a shop, locking its row; None when there is no such shop."""
    change = sa.update(shops).where(shops.c.id == shop).values(ban_version=shops.c.ban_version + 1)
    version: int | None = (await sql.execute(change.returning(shops.c.ban_version))).scalar_one_or_none()
    return version


async def role_of(sql: AsyncConnection, shop: str, person: str) -> str | None:
    """Answer a person's role in a shop, or None."""
    query = sa.select(shop_staff.c.role).where(shop_staff.c.shop == shop, shop_staff.c.person == person)
    return (await sql.execute(query)).scalar_one_or_none()


async def roles_of(sql: AsyncConnection, person: str) -> list[Any]:
    """Answer (id, slug, name, role) of each shop a person works in."""
    query = (
        sa.select(shops.c.id, shops.c.slug, shops.c.name, shop_staff.c.role)
        .join(shop_staff, shop_staff.c.shop == shops.c.id)
        .where(shop_staff.c.person == person)
        .order_by(shops.c.name, shops.c.id)
    )
    return list(await sql.execute(query))


async def place_of(sql: AsyncConnection, shop: str, show: str | None, person: str) -> tuple[str, bool] | None:
    """Answer a person's highest role in a shop, or in one show of it, and whether they see money; or None."""
    of_shop = sa.select(shop_staff.c.role, shop_staff.c.money).where(
        shop_staff.c.shop == shop, shop_staff.c.person == person
    )
    found = [(row.role, row.money) for row in await sql.execute(of_shop)]
    if show is not None:
        of_show = sa.select(show_staff.c.role, show_staff.c.money).where(
            show_staff.c.show == show, show_staff.c.person == person
        )
        found += [(row.role, row.money) for row in await sql.execute(of_show)]
    if not found:
        return None
    role = max((role for role, _ in found), key=ROLES.index)
    return role, any(money or held in SEE_MONEY for held, money in found)


async def staff_of(sql: AsyncConnection, shop: str) -> list[Any]:
    """Answer (person, role, money) of everybody in a shop, longest there first."""
    query = sa.select(shop_staff).where(shop_staff.c.shop == shop)
    return list(await sql.execute(query.order_by(shop_staff.c.added_at_ms, shop_staff.c.person)))


async def show_staff_of(sql: AsyncConnection, show: str) -> list[Any]:
    """Answer (person, role, money) of everybody with a role in this one show, longest there first."""
    query = sa.select(show_staff).where(show_staff.c.show == show)
    return list(await sql.execute(query.order_by(show_staff.c.added_at_ms, show_staff.c.person)))


async def put_show_staff(
    sql: AsyncConnection, show: str, person: str, role: str, now_ms: int, *, money: bool
) -> None:
    """Give a person a role in one show, in place of an earlier one."""
    where = (show_staff.c.show == show, show_staff.c.person == person)
    change = sa.update(show_staff).where(*where).values(role=role, money=money)
    if (await sql.execute(change)).rowcount == 0:
        values = {"show": show, "person": person, "role": role, "money": money, "added_at_ms": now_ms}
        await sql.execute(sa.insert(show_staff).values(**values))


async def remove_show_staff(sql: AsyncConnection, show: str, person: str) -> bool:
    """Take a person's role in one show away; False when there was none."""
    where = (show_staff.c.show == show, show_staff.c.person == person)
    return (await sql.execute(sa.delete(show_staff).where(*where))).rowcount == 1


async def lock_shop(sql: AsyncConnection, shop: str) -> bool:
    """Keep a shop's row until the transaction ends; False when there is none."""
    query = sa.select(shops.c.id).where(shops.c.id == shop).with_for_update()
    return (await sql.execute(query)).first() is not None


async def put_staff(
    sql: AsyncConnection, shop: str, person: str, role: str, now_ms: int, *, money: bool = False
) -> None:
    """Give a person a role in a shop, in place of an earlier one."""
    where = (shop_staff.c.shop == shop, shop_staff.c.person == person)
    if (await sql.execute(sa.update(shop_staff).where(*where).values(role=role, money=money))).rowcount == 0:
        values = {"shop": shop, "person": person, "role": role, "money": money, "added_at_ms": now_ms}
        await sql.execute(sa.insert(shop_staff).values(**values))


async def remove_staff(sql: AsyncConnection, shop: str, person: str) -> bool:
    """Take a person's role away; False when there was none."""
    where = (shop_staff.c.shop == shop, shop_staff.c.person == person)
    return (await sql.execute(sa.delete(shop_staff).where(*where))).rowcount == 1


async def leave_all_shops(sql: AsyncConnection, person: str) -> None:
    """Take all of a person's roles away."""
    await sql.execute(sa.delete(shop_staff).where(shop_staff.c.person == person))
    await sql.execute(sa.delete(show_staff).where(show_staff.c.person == person))


async def shops_with_no_other_owner(sql: AsyncConnection, person: str) -> list[str]:
    """Answer the shops that would have no owner without this person."""
    other = shop_staff.alias()
    query = sa.select(shop_staff.c.shop).where(
        shop_staff.c.person == person,
        shop_staff.c.role == "owner",
        ~sa.exists().where(
            other.c.shop == shop_staff.c.shop, other.c.role == "owner", other.c.person != person
        ),
    )
    return list((await sql.execute(query)).scalars())
