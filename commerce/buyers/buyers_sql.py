"""Remembered buyers in SQL; every function works in the caller's transaction."""

from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.buyers.structs import SavedBuyer, SavedMeans
from commerce.buyers.tables_sql import saved_buyers, saved_means, saved_shipping
from commerce.orders.messages import Address, Contact

_ADDRESS = Address.__struct_fields__


@dataclass(frozen=True, slots=True)
class MeansRow:
    """A means of payment with the provider's token."""

    id: str
    person: str
    provider: str
    token: str


async def saved_of(sql: AsyncConnection, person: str) -> SavedBuyer:
    """Return what is remembered of a person."""
    row = (await sql.execute(sa.select(saved_buyers).where(saved_buyers.c.person == person))).one_or_none()
    shipping = await sql.execute(sa.select(saved_shipping).where(saved_shipping.c.person == person))
    means = await sql.execute(
        sa.select(saved_means)
        .where(saved_means.c.person == person)
        .order_by(saved_means.c.created_at_ms.desc(), saved_means.c.id)
    )
    contact = address = None
    if row is not None:
        contact = Contact(email=row.contact_email, name=row.contact_name, phone=row.contact_phone)
    if row is not None and row.address_country:
        address = Address(**{name: getattr(row, f"address_{name}") for name in _ADDRESS})
    return SavedBuyer(
        contact=contact,
        address=address,
        shipping={one.shop: one.shipping for one in shipping},
        means=tuple(SavedMeans(one.id, one.provider, one.label) for one in means),
    )


async def put_details(
    sql: AsyncConnection, person: str, contact: Contact, address: Address | None, now_ms: int
) -> None:
    """Remember contact and address in place of earlier ones."""
    await sql.execute(sa.delete(saved_buyers).where(saved_buyers.c.person == person))
    where = dict.fromkeys(_ADDRESS) if address is None else msgspec.structs.asdict(address)
    who = {f"contact_{name}": value for name, value in msgspec.structs.asdict(contact).items()}
    columns = who | {f"address_{name}": value for name, value in where.items()}
    await sql.execute(sa.insert(saved_buyers).values(person=person, updated_at_ms=now_ms, **columns))


async def put_shipping(sql: AsyncConnection, person: str, shop: str, shipping: str) -> None:
    """Remember the way of shipping chosen in a shop."""
    where = (saved_shipping.c.person == person, saved_shipping.c.shop == shop)
    await sql.execute(sa.delete(saved_shipping).where(*where))
    await sql.execute(sa.insert(saved_shipping).values(person=person, shop=shop, shipping=shipping))


async def add_means(sql: AsyncConnection, row: MeansRow, label: str, now_ms: int) -> bool:
    """Remember a means of payment; False when it is remembered already."""
    query = sa.select(saved_means.c.id).where(
        saved_means.c.person == row.person,
        saved_means.c.provider == row.provider,
        saved_means.c.token == row.token,
    )
    if (await sql.execute(query)).first() is not None:
        return False
    values = {"id": row.id, "person": row.person, "provider": row.provider, "token": row.token}
    await sql.execute(sa.insert(saved_means).values(**values, label=label, created_at_ms=now_ms))
    return True


async def means(sql: AsyncConnection, person: str, one: str | None = None) -> list[MeansRow]:
    """Return a person's means of payment with their tokens, all or the one of that id."""
    query = sa.select(saved_means).where(saved_means.c.person == person)
    if one is not None:
        query = query.where(saved_means.c.id == one)
    return [MeansRow(row.id, row.person, row.provider, row.token) for row in await sql.execute(query)]


async def token_is_used(sql: AsyncConnection, provider: str, token: str) -> bool:
    """Tell whether anybody still has this means of payment remembered."""
    query = sa.select(saved_means.c.id).where(
        saved_means.c.provider == provider, saved_means.c.token == token
    )
    return (await sql.execute(query)).first() is not None


async def drop_means(sql: AsyncConnection, person: str, one: str) -> None:
    """Forget one means of payment."""
    await sql.execute(sa.delete(saved_means).where(saved_means.c.person == person, saved_means.c.id == one))


async def forget(sql: AsyncConnection, person: str) -> None:
    """Forget all of a person."""
    for table in (saved_buyers, saved_shipping, saved_means):
        await sql.execute(sa.delete(table).where(table.c.person == person))


async def give_to(sql: AsyncConnection, guest: str, account: str) -> None:
    """Move what is remembered of a guest to the account they signed in with; the account's own stays."""
    await _move(sql, saved_buyers, guest, account)
    await _move(sql, saved_shipping, guest, account, "shop")
    await _move(sql, saved_means, guest, account, "provider", "token")


async def _move(sql: AsyncConnection, table: sa.Table, guest: str, account: str, *alike: str) -> None:
    """Move rows unless the account has one that is alike in these columns; drop those."""
    own = table.alias()
    there = sa.exists().where(own.c.person == account, *(own.c[name] == table.c[name] for name in alike))
    await sql.execute(sa.update(table).where(table.c.person == guest, ~there).values(person=account))
    await sql.execute(sa.delete(table).where(table.c.person == guest))
