"""Shops: founding one, its public face, and who works in it."""

from typing import Any

from commerce import money, text
from commerce.accounts import people_sql as people
from commerce.catalogue import pictures_sql
from commerce.catalogue.structs import Picture
from commerce.database_sql import AlreadyThere, Database, Sql
from commerce.errors import (
    InvalidField,
    LastOwner,
    NoSuchAccount,
    NoSuchPerson,
    NoSuchShop,
    NoSuchShow,
    SlugTaken,
)
from commerce.ports import Clock, NewId
from commerce.shops import staff_sql
from commerce.shops.staff_sql import ROLES, SEE_MONEY, SHOW_ROLES
from commerce.shops.structs import Shop, ShopCard, ShopChange, ShopRequest, StaffMember
from commerce.shows import shows_sql

ACCENTS = ("#d97706", "#0f766e", "#b4445c", "#4f6bb0", "#6b7f2a", "#9a5b2f")
LEGAL_CHARS = 200
ADDRESS_CHARS = 500


class Shops:
    """Shops and their staff; roles are checked by the doors."""

    def __init__(self, database: Database, now_ms: Clock, new_id: NewId) -> None:
        self._database = database
        self._now_ms = now_ms
        self._new_id = new_id

    def checked(self, request: ShopRequest) -> ShopRequest:
        """Answer the request if `found` would take it (unless the slug is taken); raises InvalidField."""
        text.line(request.name, "name", text.NAME_CHARS * 2)
        money.exponent(request.currency)
        return request

    async def found(self, owner: str, request: ShopRequest) -> Shop:
        """Make a shop with its first owner; raises SlugTaken, InvalidField."""
        shop = self._new_id("sp")
        name = text.line(self.checked(request).name, "name", text.NAME_CHARS * 2)
        proposed = request.slug is None
        values = {
            "id": shop,
            "slug": text.slug_of(name) if request.slug is None else text.slug(request.slug),
            "name": name,
            "currency": request.currency,
            "accent": ACCENTS[sum(shop.encode()) % len(ACCENTS)],
            "created_at_ms": self._now_ms(),
        } | _checked(
            ShopChange(
                legal_name=request.legal_name,
                legal_address=request.legal_address,
                contact_email=request.contact_email,
                accent=request.accent,
            )
        )
        try:
            async with self._database.write() as sql:
                if proposed and await staff_sql.shop_by_slug(sql, str(values["slug"])):
                    values["slug"] = f"{str(values['slug'])[:33]}-{shop[-6:]}"
                await staff_sql.add_shop(sql, values)
                await staff_sql.put_staff(sql, shop, owner, "owner", self._now_ms())
        except AlreadyThere as error:
            raise SlugTaken(slug=values["slug"]) from error
        return await self.get(shop)

    async def get(self, shop: str) -> Shop:
        """Answer a shop by id or slug; raises NoSuchShop."""
        async with self._database.read() as sql:
            by_id = shop if shop.startswith("sp_") else await staff_sql.shop_by_slug(sql, shop)
            row = (await staff_sql.shop_rows(sql, [by_id or ""])).get(by_id or "")
            if row is None:
                raise NoSuchShop(shop=shop)
            avatars = await pictures_sql.by_id(sql, [row.avatar] if row.avatar else [])
        return _shop(row, avatars.get(row.avatar))

    async def cards(self, ids: list[str]) -> dict[str, ShopCard]:
        """Answer the small form of shops by id."""
        async with self._database.read() as sql:
            rows = await staff_sql.shop_rows(sql, ids)
            avatars = await pictures_sql.by_id(sql, [row.avatar for row in rows.values() if row.avatar])
        return {
            row.id: ShopCard(row.id, row.slug, row.name, avatars.get(row.avatar), row.accent)
            for row in rows.values()
        }

    async def change(self, shop: str, change: ShopChange) -> Shop:
        """Change the public face; raises NoSuchShop, SlugTaken, InvalidField."""
        values = _checked(change)
        try:
            async with self._database.write() as sql:
                if values:
                    await staff_sql.change_shop(sql, shop, values)
        except AlreadyThere as error:
            raise SlugTaken(slug=values.get("slug")) from error
        return await self.get(shop)

    async def set_avatar(self, shop: str, picture: str) -> Shop:
        """Show a stored picture as the shop's avatar."""
        async with self._database.write() as sql:
            await staff_sql.change_shop(sql, shop, {"avatar": picture})
        return await self.get(shop)

    async def ids(self) -> list[str]:
        """Answer every shop's id, oldest first (workers go through them)."""
        async with self._database.read() as sql:
            return await staff_sql.all_shop_ids(sql)

    async def staff(self, shop: str) -> tuple[StaffMember, ...]:
        """Answer everybody who works in the shop."""
        async with self._database.read() as sql:
            return await _members(sql, await staff_sql.staff_of(sql, shop))

    async def put_staff(
        self, shop: str, email: str, role: str, *, money: bool = False
    ) -> tuple[StaffMember, ...]:
        """Give the account of an e-mail a role; raises NoSuchAccount, LastOwner, InvalidField.

        `money` allows a role that sees none to see takings and orders.
        """
        if role not in ROLES:
            raise InvalidField("A role is owner, host, producer, moderator or stats.", field="role")
        async with self._database.write() as sql:
            if not await staff_sql.lock_shop(sql, shop):
                raise NoSuchShop(shop=shop)
            account = await people.account_by_email(sql, text.email(email))
            if account is None:
                raise NoSuchAccount("There is no account with this e-mail yet; ask them to sign up first.")
            if role != "owner" and shop in await staff_sql.shops_with_no_other_owner(sql, account.id):
                raise LastOwner
            await staff_sql.put_staff(sql, shop, account.id, role, self._now_ms(), money=money)
        return await self.staff(shop)

    async def show_staff(self, show: str) -> tuple[StaffMember, ...]:
        """Answer who works in this one show only; raises NoSuchShow."""
        async with self._database.read() as sql:
            if await shows_sql.shop_of(sql, show) is None:
                raise NoSuchShow(show=show)
            return await _members(sql, await staff_sql.show_staff_of(sql, show))

    async def put_show_staff(
        self, show: str, email: str, role: str, *, money: bool = False
    ) -> tuple[StaffMember, ...]:
        """Give an account a role in one show; raises NoSuchShow, NoSuchAccount, InvalidField."""
        if role not in SHOW_ROLES:
            raise InvalidField("A role in a show is host, producer, moderator or stats.", field="role")
        async with self._database.write() as sql:
            if await shows_sql.shop_of(sql, show) is None:
                raise NoSuchShow(show=show)
            account = await people.account_by_email(sql, text.email(email))
            if account is None:
                raise NoSuchAccount("There is no account with this e-mail yet; ask them to sign up first.")
            await staff_sql.put_show_staff(sql, show, account.id, role, self._now_ms(), money=money)
        return await self.show_staff(show)

    async def remove_show_staff(self, show: str, person: str) -> None:
        """Take a person's role in one show away; raises NoSuchPerson."""
        async with self._database.write() as sql:
            if not await staff_sql.remove_show_staff(sql, show, person):
                raise NoSuchPerson

    async def remove_staff(self, shop: str, person: str) -> None:
        """Take a person's role away; raises NoSuchPerson, LastOwner."""
        async with self._database.write() as sql:
            await staff_sql.lock_shop(sql, shop)
            if shop in await staff_sql.shops_with_no_other_owner(sql, person):
                raise LastOwner
            if not await staff_sql.remove_staff(sql, shop, person):
                raise NoSuchPerson


def _checked(change: ShopChange) -> dict[str, Any]:
    """Answer the columns to write for what is not None; raises InvalidField."""
    values: dict[str, Any] = {}
    if change.name is not None:
        values["name"] = text.line(change.name, "name", text.NAME_CHARS * 2)
    if change.slug is not None:
        values["slug"] = text.slug(change.slug)
    if change.legal_name is not None:
        values["legal_name"] = text.line(change.legal_name, "legal_name", LEGAL_CHARS, min_chars=0)
    if change.legal_address is not None:
        values["legal_address"] = text.paragraph(change.legal_address, "legal_address", ADDRESS_CHARS)
    if change.contact_email is not None:
        given = change.contact_email.strip()
        values["contact_email"] = text.email(given) if given else ""
    if change.accent is not None:
        values["accent"] = text.colour(change.accent)
    if change.supporters is not None:
        values["supporters"] = change.supporters
    return values


async def _members(sql: Sql, roles: list[Any]) -> tuple[StaffMember, ...]:
    """Answer who has these roles, less those who deleted their account."""
    known = await people.names_and_emails(sql, [row.person for row in roles])
    return tuple(
        StaffMember(row.person, *known[row.person], row.role, row.role in SEE_MONEY or row.money)
        for row in roles
        if row.person in known
    )


def _shop(row: Any, avatar: Picture | None) -> Shop:
    return Shop(
        id=row.id,
        slug=row.slug,
        name=row.name,
        currency=row.currency,
        avatar=avatar,
        legal_name=row.legal_name,
        legal_address=row.legal_address,
        contact_email=row.contact_email,
        accent=row.accent,
        supporters=row.supporters,
    )
