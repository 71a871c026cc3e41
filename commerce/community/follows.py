"""Following a shop: at once for who can be told, after a mailed link (double opt-in) for a guest."""

import secrets
from typing import Final

from commerce import text
from commerce.accounts import people_sql as people
from commerce.accounts import throttle_redis as throttle
from commerce.accounts.tokens import secret_hash
from commerce.community import follows_sql, letters, notices_sql
from commerce.community.follows_sql import LinkRow
from commerce.community.notices import can_be_told
from commerce.community.refusals import AddressNeeded, TooManyFollows
from commerce.community.structs import Confirmed, Follow, Following, FollowList
from commerce.database_sql import AlreadyThere, Sql
from commerce.errors import BadToken, NoSuchShop
from commerce.keys_crypto import Keys
from commerce.language import Language
from commerce.outbox_sql import Outbox
from commerce.ports import Clock
from commerce.shops.shops import Shops

LINK_MS: Final = 3 * 86_400_000
MAX_FOLLOWS: Final = 1_000
ASK_EMAIL: Final = throttle.Allowance("follow_email", 3, 600_000)
ASK_ADDRESS: Final = throttle.Allowance("follow_address", 20, 60_000)


class Follows:
    """Who follows which shop. A person is an account or a guest."""

    def __init__(
        self,
        outbox: Outbox,
        shops: Shops,
        keys: Keys,
        gate: throttle.Throttle,
        now_ms: Clock,
        public_url: str,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._shops = shops
        self._keys = keys
        self._gate = gate
        self._now_ms = now_ms
        self._public_url = public_url

    async def standing(self, shop: str, person: str | None) -> Following:
        """Return how a person stands to a shop (by id or slug); raises NoSuchShop. None is nobody yet."""
        found = (await self._shops.get(shop)).id
        async with self._database.read() as sql:
            row = await follows_sql.follow_of(sql, found, person) if person else None
            return Following(
                following=row is not None,
                by_mail=bool(row and row.by_mail),
                followers=await follows_sql.followers(sql, found),
                reachable=person is not None and await can_be_told(sql, person),
            )

    async def follow(self, shop: str, person: str, language: Language) -> Following:
        """Follow; repeating it is harmless. Raises NoSuchShop, AddressNeeded, TooManyFollows {limit}."""
        found = (await self._shops.get(shop)).id
        try:
            async with self._database.write() as sql:
                if not await can_be_told(sql, person):
                    raise AddressNeeded
                await self._add(sql, found, person, language)
        except AlreadyThere:
            pass  # the same press at the same time was first
        return await self.standing(found, person)

    async def unfollow(self, shop: str, person: str) -> Following:
        """Follow no more; harmless when one does not. Raises NoSuchShop."""
        found = (await self._shops.get(shop)).id
        async with self._database.write() as sql:
            await follows_sql.remove(sql, found, person)
        return await self.standing(found, person)

    async def change(self, shop: str, person: str, *, by_mail: bool) -> FollowList:
        """Say whether mails are wanted; raises NoSuchShop when the person does not follow it."""
        async with self._database.write() as sql:
            if not await follows_sql.change(sql, shop, person, by_mail=by_mail):
                raise NoSuchShop(shop=shop)
        return await self.mine(person)

    async def mine(self, person: str) -> FollowList:
        """Return what a person follows, latest first."""
        async with self._database.read() as sql:
            rows = await follows_sql.of_person(sql, person)
        cards = await self._shops.cards([row.shop for row in rows])
        return FollowList(tuple(Follow(cards[row.shop], row.since_ms, row.by_mail) for row in rows))

    async def ask_by_mail(
        self, shop: str, person: str, email: str, address: str, language: Language, show: str | None = None
    ) -> None:
        """Mail a link that follows, or reminds of `show`, when it is opened.

        Raises NoSuchShop, InvalidField, TooManyAttempts.
        `address` is the caller's network address. Says nothing about whose the e-mail is.
        """
        normal, found = text.email(email), await self._shops.get(shop)
        await self._gate.take(ASK_ADDRESS, self._subject(address))
        await self._gate.take(ASK_EMAIL, self._subject(normal))
        token = secrets.token_urlsafe(32)
        link = LinkRow(person, normal, found.id, language, show)
        letter = letters.confirm_follow(normal, found.name, self._public_url, token, language)
        async with self._outbox.write() as unit:
            await follows_sql.add_link(unit.sql, secret_hash(token), link, self._now_ms(), LINK_MS)
            await unit.add("mail", dict(letter))

    async def confirm(self, token: str) -> Confirmed:
        """Follow by a mailed link, as the account if the guest signed in meanwhile.

        Raises BadToken, TooManyFollows {limit}.
        """
        try:
            link = await self._use_up(token)
        except AlreadyThere:
            link = await self._use_up(token)  # another of their links was opened at the same time
        return Confirmed((await self._shops.cards([link.shop]))[link.shop], link.show)

    async def purge(self) -> int:
        """Forget links that have expired (the worker's job); returns how many."""
        async with self._database.write() as sql:
            return await follows_sql.purge_links(sql, self._now_ms())

    async def _use_up(self, token: str) -> LinkRow:
        """Do what a mailed link stands for; AlreadyThere where another transaction did it just now."""
        async with self._database.write() as sql:
            link = await follows_sql.take_link(sql, secret_hash(token), self._now_ms())
            if link is None:
                raise BadToken
            account = await people.merged_into(sql, link.person) if link.person.startswith("gu_") else None
            person = account or link.person
            if person.startswith("gu_"):
                await follows_sql.put_guest_mail(sql, person, link.email, self._now_ms())
            if link.show is None:
                await self._add(sql, link.shop, person, link.language)
            elif not await notices_sql.reminder(sql, link.show, person):
                await notices_sql.add_reminder(sql, link.show, person, link.language, self._now_ms())
        return link

    async def _add(self, sql: Sql, shop: str, person: str, language: str) -> None:
        if await follows_sql.follow_of(sql, shop, person) is not None:
            return
        if len(await follows_sql.of_person(sql, person)) >= MAX_FOLLOWS:
            raise TooManyFollows(limit=MAX_FOLLOWS)
        await follows_sql.add(sql, shop, person, language, self._now_ms())

    def _subject(self, value: str) -> str:
        return self._keys.digest("throttle", value)[:32]
