"""The room's ports, filled with commerce: the two packages meet nowhere else."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec

from commerce.errors import Busy, NoSuchShow
from commerce.orders.messages import Order
from commerce.orders.states import OrderState
from commerce.sale.door import change_body, reserve_body
from commerce.sale.reads_redis import Held
from commerce.sale.waitlist import wait_body
from commerce.services import CommerceServices
from commerce.shops.bans_sql import BanTerms
from commerce.shows import shows_sql
from realtime.ports import BanOrder, Json, Person, Standing, Told
from realtime.shapes import Role
from realtime.together import Together

ROLES: dict[str | None, Role] = {
    "owner": "host",
    "host": "host",
    "producer": "producer",
    "moderator": "moderator",
    "stats": "stats",
}
SHOPS_KEPT = 10_000
PEOPLE_TOGETHER = 64
"""People of one call to Redis and one query."""


class ShopOfShow:
    """Which shop a show belongs to: it never changes, so it is asked once."""

    def __init__(self, services: CommerceServices) -> None:
        self._services = services
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, show: str) -> str:
        """Return the shop's id; raises `NoSuchShow`."""
        shop = self._kept.get(show)
        if shop is None:
            async with self._services.database.read() as sql:
                shop = await shows_sql.shop_of(sql, show)
            if shop is None:
                raise NoSuchShow(show=show)
            self._kept[show] = shop
            while len(self._kept) > SHOPS_KEPT:
                self._kept.popitem(last=False)
        return shop


class TokenReader:
    """`realtime.ports.Identify`."""

    def __init__(self, services: CommerceServices) -> None:
        self._sessions = services.sessions

    async def verify(self, token: str) -> Person | None:
        """Read an access token of commerce."""
        read = self._sessions.read_access_token(token)
        if read is None:
            return None
        who = read.identity
        kind: Literal["guest", "account"] = "account" if who.kind == "account" else "guest"
        return Person(who.person, kind, who.name, who.device, read.expires_at_ms, who.admin)


class StaffRoles:
    """`realtime.ports.Roles`."""

    def __init__(self, services: CommerceServices) -> None:
        self._staff = services.staff

    async def role_in_show(self, person: str, show: str) -> Role:
        """Return what the person is in this room."""
        return ROLES.get(await self._staff.role_in(person, show=show), "viewer")


class Shows:
    """`realtime.ports.ShowReader`."""

    def __init__(self, services: CommerceServices) -> None:
        self._screens = services.screens

    async def snapshot(self, show: str) -> Json | None:
        """Return what a room starts from."""
        snapshot: Json | None = await self._screens.snapshot(show)
        return snapshot


class OwnState:
    """`realtime.ports.PersonState`. A crowd that comes in is asked about together."""

    def __init__(self, services: CommerceServices, shop_of: ShopOfShow) -> None:
        self._services = services
        self._shop_of = shop_of
        self._together = Together(self._own, PEOPLE_TOGETHER)

    async def own(self, person: str, show: str) -> Json:
        """Return holds and orders of the person in the show's shop."""
        return await self._together.ask(await self._shop_of(show), person)

    async def _own(self, shop: str, people: Sequence[str]) -> list[Json]:
        services = self._services
        held, orders = await asyncio.gather(
            services.engine.held_by(shop, people), services.orders.own(people, shop)
        )
        return [
            await self._put_together(shop, held.get(person, Held()), orders.get(person, ()))
            for person in people
        ]

    async def _put_together(self, shop: str, held: Held, orders: Sequence[Order]) -> Json:
        services = self._services
        others = [order for order in orders if order.state is not OrderState.PENDING]
        own = {
            "reservations": [await services.door.view(shop, one) for one in held.reservations],
            "waits": [await services.waitlist.view(shop, place) for place in held.waits],
            "orders_pending": [order for order in orders if order.state is OrderState.PENDING],
            "last_order": others[0] if others else None,
        }
        json: Json = msgspec.to_builtins(own)
        return json


class Till:
    """`realtime.ports.Buying`. Once the server is `closing`, it begins no new sale."""

    def __init__(self, services: CommerceServices, shop_of: ShopOfShow, closing: Callable[[], bool]) -> None:
        self._door = services.door
        self._waitlist = services.waitlist
        self._shop_of = shop_of
        self._closing = closing

    async def reserve(self, person: str, show: str, body: Json, key: str, told: Told) -> Any:
        """Hold units for a person."""
        if self._closing():
            raise Busy("The server is about to stop; nothing was changed.", retry_after_s=2)
        wanted = reserve_body({**body, "show": show})
        return await self._door.reserve(person, await self._shop_of(show), wanted, key, told)

    async def change(self, person: str, show: str, body: Json, key: str) -> Json:
        """Change one hold."""
        rest = dict(body)
        reservation = str(rest.pop("reservation", ""))
        wanted = change_body(rest)
        return _json(await self._door.change(person, await self._shop_of(show), reservation, wanted, key))

    async def release(self, person: str, show: str, body: Json, key: str) -> Json:
        """Give a reservation back; its end is kept, so a repeat needs no key."""
        del key
        reservation = str(body.get("reservation", ""))
        return _json(await self._door.release(person, await self._shop_of(show), reservation))

    async def wait(self, person: str, show: str, body: Json, key: str, language: str) -> Json:
        """Wait for units."""
        shop, wanted = await self._shop_of(show), wait_body({**body, "show": show})
        return _json(await self._waitlist.join(person, shop, wanted, key, language=language))

    async def leave(self, person: str, show: str, pool: str) -> Json:
        """Give a place up."""
        return _json(await self._waitlist.leave(person, await self._shop_of(show), pool))


class ShopBans:
    """`realtime.ports.Bans`; a ban also ends the person's pictures of this show."""

    def __init__(
        self, services: CommerceServices, end_pictures: Callable[[str, str], Awaitable[None]]
    ) -> None:
        self._bans = services.bans
        self._end_pictures = end_pictures

    async def ban(self, actor: str, show: str, order: BanOrder) -> None:
        """Ban the person from the show's shop."""
        await self._bans.ban_in_show(show, order.person, actor, _terms(order))
        await self._end_pictures(order.person, show)

    async def unban(self, actor: str, person: str, show: str, places: Sequence[str]) -> tuple[BanOrder, ...]:
        """Lift the ban, and let devices and addresses go; returns what was lifted."""
        lifted = await self._bans.unban_in_show(show, person, actor, places)
        return tuple(
            BanOrder(whose, terms.reason or None, terms.expires_at_ms, terms.device, terms.address_key)
            for whose, terms in lifted
        )

    async def put_back(self, show: str, order: BanOrder) -> list[str]:
        """Let a ban that stands be on a device and an address again; returns those it is on now."""
        return await self._bans.put_back_in_show(show, order.person, _terms(order))


def _terms(order: BanOrder) -> BanTerms:
    return BanTerms(order.reason or "", order.expires_at_ms, order.device, order.address_key)


class ShopStandings:
    """`realtime.ports.Standings`."""

    def __init__(self, services: CommerceServices) -> None:
        self._standing = services.moderation.standing

    async def standing(self, person: str, show: str) -> Standing:
        """Return what the person is to the show's shop."""
        known = await self._standing.of(person, show)
        return Standing(known.account_created_at_ms, known.followed_at_ms, known.bought)


class ShareArrivals:
    """`realtime.ports.Arrivals`."""

    def __init__(self, services: CommerceServices) -> None:
        self._counter = services.sharing.counter

    def came_by(self, via: str, show: str, person: Person) -> None:
        """Count an entry into the room."""
        self._counter.note("entry", via, person.person, person.device, show)


class ShownPictures:
    """`realtime.ports.CommentPictures`."""

    def __init__(self, services: CommerceServices) -> None:
        self._pictures = services.comment_pictures

    async def bind(self, person: str, show: str, picture: str, comment: str, key: str) -> Json:
        """Bind a picture to the comment its owner is about to say."""
        return _json(await self._pictures.bind(person, show, picture, comment, key))

    async def unbind(self, picture: str, comment: str) -> None:
        """Let a picture be shown with another comment."""
        await self._pictures.release(picture, comment)


class Banned:
    """Tells the picture's door whether a person may watch a show. A crowd is asked about together."""

    def __init__(self, services: CommerceServices, shop_of: ShopOfShow) -> None:
        self._bans = services.bans
        self._shop_of = shop_of
        self._together = Together(self._banned, PEOPLE_TOGETHER)

    async def __call__(self, person: str, show: str) -> bool:
        """Answer from the shop's record."""
        if not person:
            return False
        return await self._together.ask(await self._shop_of(show), person)

    async def _banned(self, shop: str, people: Sequence[str]) -> list[bool]:
        banned = await self._bans.banned_of(shop, people)
        return [person in banned for person in people]


def _json(view: Any) -> Json:
    made: Json = msgspec.to_builtins(view)
    return made
