"""Accounts: signing up, confirming an address, a forgotten password, changing and deleting oneself."""

import secrets
from collections.abc import Awaitable, Callable

from commerce import text
from commerce.accounts import letters
from commerce.accounts import people_sql as people
from commerce.accounts import throttle_redis as throttle
from commerce.accounts.passwords_crypto import Passwords
from commerce.accounts.sessions import Opened, Sessions
from commerce.accounts.structs import Person
from commerce.accounts.tokens import secret_hash
from commerce.database_sql import AlreadyThere, Sql
from commerce.errors import BadToken, EmailTaken, LastOwner, NoSuchAccount, SetupDone, WrongPassword
from commerce.keys_crypto import Keys
from commerce.language import Language
from commerce.outbox_sql import Outbox, Unit
from commerce.ports import Clock, NewId
from commerce.settings import CommerceSettings
from commerce.shops.staff_sql import leave_all_shops, shops_with_no_other_owner

CONFIRM_MS = 3 * 86400 * 1000
RESET_MS = 3600 * 1000

ForgetHook = Callable[[Sql, str], Awaitable[None]]
"""Called with (transaction, account): scrubs what another domain keeps of the person in SQL."""


class Accounts:
    """What a person does with their own account."""

    def __init__(
        self,
        settings: CommerceSettings,
        outbox: Outbox,
        keys: Keys,
        passwords: Passwords,
        gate: throttle.Throttle,
        sessions: Sessions,
        now_ms: Clock,
        new_id: NewId,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._database = outbox.database
        self._keys = keys
        self._passwords = passwords
        self._gate = gate
        self._sessions = sessions
        self._now_ms = now_ms
        self._new_id = new_id
        self.forget_hooks: list[ForgetHook] = []

    async def person(self, person: str) -> Person | None:
        """Answer an account or guest as its owner sees it, or None."""
        async with self._database.read() as sql:
            return await people.person_view(sql, person)

    async def find(self, email: str) -> Person | None:
        """Answer the account of an e-mail, or None."""
        async with self._database.read() as sql:
            account = await people.account_by_email(sql, text.email(email))
            return await people.person_view(sql, account.id) if account else None

    async def create(
        self,
        email: str,
        password: str,
        name: str,
        *,
        admin: bool = False,
        confirmed: bool = False,
        only_as_first_admin: bool = False,
        language: Language = "en",
    ) -> str:
        """Make an account and answer its id; raises EmailTaken, InvalidField.

        `confirmed` skips the mail, which is written in `language`. `only_as_first_admin` raises
        SetupDone when there is an administrator.
        """
        normal, shown = text.email(email), text.person_name(name)
        hashed = await self._passwords.hash(text.password(password))
        account, now_ms = self._new_id("ac"), self._now_ms()
        values = {
            "id": account,
            "email": normal,
            "name": shown,
            "password_hash": hashed,
            "email_confirmed_at_ms": now_ms if confirmed else None,
            "admin": admin,
            "created_at_ms": now_ms,
        }
        try:
            async with self._outbox.write() as unit:
                if only_as_first_admin and await people.an_admin_exists(unit.sql):
                    raise SetupDone
                await people.add_account(unit.sql, values)
                if not confirmed:
                    await self._mail_confirmation(unit, account, normal, shown, language)
        except AlreadyThere as error:
            raise EmailTaken from error
        return account

    async def sign_up(
        self,
        email: str,
        password: str,
        name: str,
        cookie: str | None,
        address: str,
        *,
        language: Language = "en",
    ) -> Opened:
        """Make an account and sign it in, taking the guest of the cookie along."""
        await self._gate.take(throttle.CREATE_ADDRESS, self._subject(address))
        account = await self.create(email, password, name, language=language)
        return await self._sessions.open_account(account, cookie)

    async def setup_needed(self) -> bool:
        """Tell whether the server still waits for its first administrator."""
        async with self._database.read() as sql:
            return not await people.an_admin_exists(sql)

    async def make_admin(self, account: str) -> None:
        """Make an account a platform administrator, from its next token on."""
        async with self._database.write() as sql:
            await people.change_account(sql, account, {"admin": True})

    async def confirm(self, token: str) -> None:
        """Confirm the address a link was sent to; raises BadToken."""
        async with self._database.write() as sql:
            link = await people.take_link(sql, secret_hash(token), "confirm", self._now_ms())
            account = await people.account_by_id(sql, link.account, lock=True) if link else None
            if link is None or account is None or account.email != link.email:
                raise BadToken
            await people.change_account(sql, account.id, {"email_confirmed_at_ms": self._now_ms()})

    async def resend_confirmation(self, account_id: str, *, language: Language = "en") -> None:
        """Send the link again, unless the address is confirmed already."""
        await self._gate.take(throttle.RESET_EMAIL, self._subject("confirm " + account_id))
        async with self._outbox.write() as unit:
            account = await people.account_by_id(unit.sql, account_id, lock=True)
            if account is not None and account.email_confirmed_at_ms is None:
                await people.drop_links(unit.sql, account.id, "confirm")
                await self._mail_confirmation(unit, account.id, account.email, account.name, language)

    async def ask_reset(self, email: str, address: str, *, language: Language = "en") -> None:
        """Mail a link to choose a new password; says nothing about whether the account exists."""
        normal = text.email(email)
        await self._gate.take(throttle.RESET_ADDRESS, self._subject(address))
        await self._gate.take(throttle.RESET_EMAIL, self._subject(normal))
        async with self._database.write() as sql:
            account = await people.account_by_email(sql, normal)
            if account is None:
                return
            token = await self._link(sql, account.id, normal, "reset", RESET_MS)
            letter = letters.reset(normal, account.name, self._settings.public_url, token, language)
            # Left to the worker: sending it now would tell by its time that the account exists.
            await self._outbox.add(sql, "mail", dict(letter))

    async def complete_reset(self, token: str, password: str) -> None:
        """Set a new password by a mailed link and sign out everywhere; raises BadToken."""
        hashed = await self._passwords.hash(text.password(password))
        async with self._database.write() as sql:
            link = await people.take_link(sql, secret_hash(token), "reset", self._now_ms())
            account = await people.account_by_id(sql, link.account, lock=True) if link else None
            if link is None or account is None or account.email != link.email:
                raise BadToken
            # Who could read the mail owns the address: that confirms it, too.
            confirmed = account.email_confirmed_at_ms or self._now_ms()
            change = {"password_hash": hashed, "email_confirmed_at_ms": confirmed}
            await people.change_account(sql, account.id, change)
            await people.drop_links(sql, account.id, "reset")
        await self._gate.clear(throttle.SIGN_IN_EMAIL, self._subject(account.email))
        await self._sessions.sign_out_everywhere(account.id, "password_changed")

    async def change_profile(
        self, person: str, name: str | None = None, *, announce_purchases: bool | None = None
    ) -> Person:
        """Change name or announcement of an account or guest; answers the person as it is now."""
        values: dict[str, object] = {}
        if name is not None:
            values["name"] = text.person_name(name)
        if announce_purchases is not None:
            values["announce_purchases"] = announce_purchases
        change = people.change_guest if person.startswith("gu_") else people.change_account
        async with self._database.write() as sql:
            if values:
                await change(sql, person, values)
            view = await people.person_view(sql, person)
        if view is None:
            raise NoSuchAccount
        return view

    async def change_password(
        self, account_id: str, current: str, new: str, cookie: str | None, *, language: Language = "en"
    ) -> Opened:
        """Set a new password, sign out everywhere, and sign in here again; raises WrongPassword."""
        account = await self._prove(account_id, current)
        hashed = await self._passwords.hash(text.password(new))
        async with self._outbox.write() as unit:
            await people.change_account(unit.sql, account_id, {"password_hash": hashed})
            await people.drop_links(unit.sql, account_id, "reset")
            await unit.add("mail", dict(letters.password_changed(account.email, account.name, language)))
        await self._sessions.sign_out_everywhere(account_id, "password_changed")
        return await self._sessions.open_account(account_id, cookie)

    async def set_password(self, account_id: str, password: str) -> None:
        """Set a password without proof and sign out everywhere (system work only)."""
        hashed = await self._passwords.hash(text.password(password))
        async with self._database.write() as sql:
            await people.change_account(sql, account_id, {"password_hash": hashed})
        await self._sessions.sign_out_everywhere(account_id, "password_changed")

    async def delete(self, account_id: str, password: str) -> None:
        """Scrub the person and keep the orders; raises WrongPassword, LastOwner."""
        await self._prove(account_id, password)
        now_ms = self._now_ms()
        async with self._database.write() as sql:
            alone = await shops_with_no_other_owner(sql, account_id)
            if alone:
                raise LastOwner(shops=alone)
            await leave_all_shops(sql, account_id)
            await people.drop_links(sql, account_id)
            for hook in self.forget_hooks:
                await hook(sql, account_id)
            gone = {
                "email": None,
                "name": "Deleted account",
                "password_hash": None,
                "email_confirmed_at_ms": None,
                "admin": False,
                "deleted_at_ms": now_ms,
            }
            await people.change_account(sql, account_id, gone)
        await self._sessions.sign_out_everywhere(account_id, "deleted")

    async def _prove(self, account_id: str, password: str) -> people.AccountRow:
        async with self._database.read() as sql:
            account = await people.account_by_id(sql, account_id)
        if account is None:
            raise NoSuchAccount
        await self._gate.take(throttle.SIGN_IN_EMAIL, self._subject(account.email))
        if not await self._passwords.matches(account.password_hash, text.composed(password)):
            raise WrongPassword
        await self._gate.clear(throttle.SIGN_IN_EMAIL, self._subject(account.email))
        return account

    async def _mail_confirmation(
        self, unit: Unit, account: str, email: str, name: str, language: Language
    ) -> None:
        token = await self._link(unit.sql, account, email, "confirm", CONFIRM_MS)
        letter = letters.confirmation(email, name, self._settings.public_url, token, language)
        await unit.add("mail", dict(letter))

    async def _link(self, sql: Sql, account: str, email: str, purpose: str, valid_ms: int) -> str:
        token, now_ms = secrets.token_urlsafe(32), self._now_ms()
        await people.add_link(
            sql,
            {
                "token_hash": secret_hash(token),
                "account": account,
                "purpose": purpose,
                "email": email,
                "created_at_ms": now_ms,
                "expires_at_ms": now_ms + valid_ms,
            },
        )
        return token

    def _subject(self, value: str) -> str:
        return self._keys.digest("throttle", value)[:32]
