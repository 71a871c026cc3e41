"""Sessions: who a browser is, from its first visit as a guest to signing out everywhere.

A browser keeps a refresh cookie `device.secret`; SQL keeps the device and the secret's hash. Each call of
POST /session answers a short-lived access token. Signing in turns the guest's device into the account's
(with a new secret, so that a cookie planted before does not become the account's), and what the guest held
follows through the outbox.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from commerce import text
from commerce.accounts import people_sql as people
from commerce.accounts import throttle_redis as throttle
from commerce.accounts.passwords_crypto import Passwords
from commerce.accounts.revocations_redis import Revocations
from commerce.accounts.structs import Person, SessionAnswer
from commerce.accounts.tokens import AccessToken, read_access_token, secret_hash, sign_access_token
from commerce.accounts.traces_redis import shops_with_traces
from commerce.database_sql import Sql
from commerce.errors import NoSession, WrongPassword
from commerce.keys_crypto import Keys
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock, NewId
from commerce.routing import Identity
from commerce.sale.engine_redis import SaleEngine
from commerce.settings import CommerceSettings
from commerce.shops.staff_sql import all_shop_ids

SEEN_STEP_MS = 3600 * 1000
"""A device's last visit is written once an hour, not at each refresh."""

MergeHook = Callable[[Sql, str, str], Awaitable[None]]
"""Called with (transaction, guest, account): moves what another domain keeps of the guest in SQL."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, and the cookie's new value; None leaves the cookie as it is."""

    answer: SessionAnswer
    cookie: str | None


class Sessions:
    """Opens, continues and ends sessions; checks access tokens from memory."""

    def __init__(
        self,
        settings: CommerceSettings,
        outbox: Outbox,
        engine: SaleEngine,
        keys: Keys,
        passwords: Passwords,
        gate: throttle.Throttle,
        revocations: Revocations,
        now_ms: Clock,
        new_id: NewId,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._redis = engine.redis
        self._keys = keys
        self._passwords = passwords
        self._gate = gate
        self._now_ms = now_ms
        self._new_id = new_id
        self.revocations = revocations
        self.merge_hooks: list[MergeHook] = []
        outbox.handle("person_merge", self._merge)

    def verify_access_token(self, token: str, now_ms: int | None = None) -> Identity | None:
        """Answer who calls, or None when the token is forged, expired or its device signed out."""
        read = self.read_access_token(token, now_ms)
        return read.identity if read else None

    def read_access_token(self, token: str, now_ms: int | None = None) -> AccessToken | None:
        """Like `verify_access_token`, with the time of expiry."""
        at_ms = self._now_ms() if now_ms is None else now_ms
        read = read_access_token(token, self._keys.derive("access-token"), at_ms)
        if read is None or self.revocations.is_revoked(read.identity.device):
            return None
        return read

    def issue(self, person: Person, device: str) -> SessionAnswer:
        """Answer a fresh access token for a person on a device."""
        expires_at_ms = self._now_ms() + self._settings.access_token_s * 1000
        identity = Identity(person.id, person.kind, person.name, device, person.admin)
        token = sign_access_token(identity, expires_at_ms, self._keys.derive("access-token"))
        return SessionAnswer(token, expires_at_ms, person)

    async def resume(self, cookie: str | None) -> Opened:
        """Go on by cookie; raises NoSession."""
        now_ms = self._now_ms()
        async with self._database.read() as sql:
            device = await self._device(sql, cookie)
            person = await people.person_view(sql, device.person) if device else None
        if device is None or person is None:
            raise NoSession
        if device.seen_at_ms + SEEN_STEP_MS < now_ms:
            expires_at_ms = now_ms + self._settings.session_s * 1000
            async with self._database.write() as sql:
                seen = {"seen_at_ms": now_ms, "expires_at_ms": expires_at_ms}
                await people.change_device(sql, device.id, seen)
        return Opened(self.issue(person, device.id), None)

    async def open_guest(self, name: str, cookie: str | None, address: str) -> Opened:
        """Make a guest with a chosen name; the guest of the cookie, if there is one, is renamed."""
        chosen = text.person_name(name)
        await self._gate.take(throttle.GUEST_ADDRESS, self._subject(address))
        async with self._outbox.write() as unit:
            device = await self._device(unit.sql, cookie)
            if device is not None and device.person.startswith("gu_"):
                await people.change_guest(unit.sql, device.person, {"name": chosen})
                person = await people.person_view(unit.sql, device.person)
                assert person is not None
                return Opened(self.issue(person, device.id), None)
            if device is not None:
                await people.end_device(unit.sql, device.id, self._now_ms())
            guest = self._new_id("gu")
            await people.add_guest(unit.sql, guest, chosen, self._now_ms())
            opened = await self._new_device(unit, Person(guest, "guest", chosen))
        await self._revoke(device, "signed_out")
        return opened

    async def sign_in(self, email: str, password: str, cookie: str | None, address: str) -> Opened:
        """Check e-mail and password; raises WrongPassword, TooManyAttempts."""
        normal = text.email(email)
        await self._gate.take(throttle.SIGN_IN_ADDRESS, self._subject(address))
        await self._gate.take(throttle.SIGN_IN_EMAIL, self._subject(normal))
        async with self._database.read() as sql:
            account = await people.account_by_email(sql, normal)
        known = account.password_hash if account else None
        if not await self._passwords.matches(known, text.composed(password)) or account is None:
            raise WrongPassword
        await self._gate.clear(throttle.SIGN_IN_EMAIL, self._subject(normal))
        return await self.open_account(account.id, cookie)

    async def open_account(self, account: str, cookie: str | None) -> Opened:
        """Sign an account in on the browser of the cookie, taking its guest along."""
        async with self._outbox.write() as unit:
            person = await people.person_view(unit.sql, account)
            if person is None:
                raise NoSession
            device = await self._device(unit.sql, cookie)
            if device is not None and device.person in {account} | await self._adopt(unit, device, account):
                secret = secrets.token_urlsafe(32)
                change = {"person": account, "secret_hash": secret_hash(secret)}
                await people.change_device(unit.sql, device.id, change)
                return Opened(self.issue(person, device.id), f"{device.id}.{secret}")
            if device is not None:
                await people.end_device(unit.sql, device.id, self._now_ms())
            opened = await self._new_device(unit, person)
        await self._revoke(device, "signed_out")
        return opened

    async def sign_out(self, identity: Identity | None, cookie: str | None) -> None:
        """End the session of the token, or of the cookie; harmless when there is none."""
        now_ms = self._now_ms()
        async with self._database.write() as sql:
            device = await self._device(sql, cookie)
            ended = {device.id: device.person} if device else {}
            if identity is not None:
                ended[identity.device] = identity.person
            for device_id in ended:
                await people.end_device(sql, device_id, now_ms)
        for device_id, person in ended.items():
            await self.revocations.revoke([device_id], person, "signed_out", now_ms)

    async def sign_out_everywhere(self, person: str, reason: str = "signed_out") -> int:
        """End all of a person's sessions, this one too; answers how many."""
        async with self._database.write() as sql:
            ended = await people.end_devices(sql, person, self._now_ms())
        await self.revocations.revoke(ended, person, reason, self._now_ms())
        return len(ended)

    async def _adopt(self, unit: Unit, device: people.DeviceRow, account: str) -> set[str]:
        """Merge the device's guest into the account; answers the guest's id in a set, or nothing."""
        guest = device.person
        if not guest.startswith("gu_"):
            return set()
        if not await people.merge_guest(unit.sql, guest, account):
            return set()
        for hook in self.merge_hooks:
            await hook(unit.sql, guest, account)
        payload = {"guest": guest, "account": account}
        for shop in await shops_with_traces(self._redis, guest, await all_shop_ids(unit.sql)):
            await unit.add("person_merge", payload, shop=shop)
        # Once more when the guest's last token has expired: another tab may hold something until then.
        late_ms = (self._settings.access_token_s + 60) * 1000
        await unit.add("person_merge", payload, delay_ms=late_ms)
        return {guest}

    async def _merge(self, row: OutboxRow) -> None:
        """Carry out `person_merge` in the row's shop, or wherever the guest left something since."""
        guest, account = row.payload["guest"], row.payload["account"]
        shops = [row.shop] if row.shop else await self._shops_with_traces(guest)
        for shop in shops:
            operation = row.id if row.shop else f"{row.id}:{shop}"
            await self._engine.person_merge(shop, operation=operation, guest=guest, account=account)

    async def _shops_with_traces(self, person: str) -> list[str]:
        async with self._database.read() as sql:
            shops = await all_shop_ids(sql)
        return await shops_with_traces(self._redis, person, shops)

    async def _new_device(self, unit: Unit, person: Person) -> Opened:
        now_ms, device, secret = self._now_ms(), self._new_id("de"), secrets.token_urlsafe(32)
        await people.add_device(
            unit.sql,
            {
                "id": device,
                "person": person.id,
                "secret_hash": secret_hash(secret),
                "created_at_ms": now_ms,
                "seen_at_ms": now_ms,
                "expires_at_ms": now_ms + self._settings.session_s * 1000,
            },
        )
        return Opened(self.issue(person, device), f"{device}.{secret}")

    async def _device(self, sql: Sql, cookie: str | None) -> people.DeviceRow | None:
        """Answer the cookie's living device, or None."""
        device_id, dot, secret = (cookie or "").partition(".")
        if not dot or len(device_id) > 32:
            return None
        device = await people.living_device(sql, device_id, self._now_ms())
        if device is None or not hmac.compare_digest(device.secret_hash, secret_hash(secret)):
            return None
        return device

    async def _revoke(self, device: people.DeviceRow | None, reason: str) -> None:
        if device is not None:
            await self.revocations.revoke([device.id], device.person, reason, self._now_ms())

    def _subject(self, value: str) -> str:
        return self._keys.digest("throttle", value)[:32]
