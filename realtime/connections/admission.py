"""Answers the hello: who it is, what is theirs, and the room from where they left it.

The answer holds exactly one of a snapshot and what was missed. It is made in one step with joining the room,
so that the first tick after it begins where it ends.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from realtime import metrics as names
from realtime.asking.names import is_poll
from realtime.connections.connection import Connection
from realtime.connections.people import People
from realtime.connections.rights import may
from realtime.errors import NoSuchShow
from realtime.log.entries import Entry
from realtime.messages import VERSION
from realtime.messages.entering import Hello
from realtime.moderation.gatekeeper import Gatekeeper
from realtime.port_calls import ask
from realtime.ports import Person
from realtime.room.open_room import OpenRoom, Surroundings
from realtime.room.rooms import Rooms
from realtime.shapes import Position, Role
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.fanout import Member
from realtime.sockets.frames import SharedFrame, SharedText
from realtime.sockets.turnstile import Turnstile
from realtime.store.store_redis import Known
from realtime.together import Together

Json = dict[str, Any]
TOGETHER = 64
"""People of one call to the store."""


class TurnedAwayError(Exception):
    """The hello is refused with a close code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may come in, and what is theirs."""

    person: Person
    role: Role
    known: Known
    own: Json
    whep_token: str

    def you(self) -> Json:
        """Return `realtime.shapes.You`."""
        return {
            "person": self.person.person,
            "name": self.known.name or self.person.name,
            "kind": self.person.kind,
            "role": self.role,
            "muted_until_ms": self.known.muted_until_ms,
            "banned": self.known.banned,
            "reservations": self.own.get("reservations", []),
            "orders_pending": self.own.get("orders_pending", []),
            "last_order": self.own.get("last_order"),
            "waits": self.own.get("waits", []),
            "warning": self.known.warning,
            "votes": [voted for voted in self.known.votes if not is_poll(voted)],
            "choices": {poll: int(at) for poll, at in self.known.votes.items() if is_poll(poll)},
        }


class Admission:
    """Lets connections into rooms."""

    def __init__(
        self,
        around: Surroundings,
        rooms: Rooms,
        people: People,
        gatekeeper: Gatekeeper,
        front: str,
        line: Turnstile,
    ) -> None:
        self._around = around
        self._people = people
        self._gatekeeper = gatekeeper
        self._rooms = rooms
        self._front = front
        self._line = line
        self._known = Together(around.store.people, TOGETHER)

    async def admit(self, connection: Connection, hello: Hello) -> None:
        """Answer a hello and join. Raises `TurnedAwayError`, `RateLimited`, `Unavailable`."""
        async with self._line.passing():
            if not connection.gone:
                await self._admit(connection, hello)

    async def _admit(self, connection: Connection, hello: Hello) -> None:
        ports = self._around.ports
        person = await ask(ports.metrics, ports.identify.verify(hello.token))
        if person is None or person.expires_at_ms <= self._around.now_ms():
            raise TurnedAwayError(CloseCode.UNAUTHORISED)
        try:
            room = await self._rooms.get(connection.show)
        except NoSuchShow as error:
            raise TurnedAwayError(CloseCode.NO_SUCH_SHOW) from error
        with room.hold():
            guest = await self.look_up(person, connection.show, connection.address_key)
            if guest.known.banned:
                raise TurnedAwayError(CloseCode.BANNED)
            older = await self._older(room, hello.position)
            if connection.gone:
                return  # nobody would ever take them out of the room again
            self._join(connection, room, guest, hello, older)
        if hello.via and ports.arrivals is not None:
            ports.arrivals.came_by(hello.via, connection.show, person)
        back = hello.position is not None
        self._gatekeeper.joined(connection, watched=guest.known.watched, back=back)

    async def tell_own(self, connection: Connection) -> None:
        """Send a person's own state anew: messages to them may have been lost. Raises what `look_up` does."""
        person = connection.session.person
        if person is not None and connection.closed_with is None:
            guest = await self.look_up(person, connection.show, connection.address_key)
            connection.shadowed = guest.known.shadowed
            connection.send_text(msgspec.json.encode({"type": "you", "event": "state", "you": guest.you()}))

    async def look_up(self, person: Person, show: str, address_key: str) -> Guest:
        """Return what the shop and the room know of a person."""
        ports = self._around.ports
        role, own, token, known = await asyncio.gather(
            self._role(person, show),
            ask(ports.metrics, ports.own.own(person.person, show)),
            ask(ports.metrics, ports.whep.issue(person.person, show)),
            self._known.ask(show, (person.person, person.device, address_key)),
        )
        # A room's ban holds for devices and addresses too, and staff may share one with whom they banned.
        at_the_door = known.banned and not may(role, "hear_staff")
        known = replace(known, banned=bool(own.get("banned")) or at_the_door)
        return Guest(person, role, known, own, token)

    async def _role(self, person: Person, show: str) -> Role:
        """Return what a person is in this room; who has no account works nowhere."""
        if person.kind == "guest":
            return "viewer"
        ports = self._around.ports
        return await ask(ports.metrics, ports.roles.role_in_show(person.person, show))

    async def _older(self, room: OpenRoom, position: Position | None) -> list[Entry] | None:
        """Return entries between the position and this process's ring; None when a snapshot is due."""
        if position is None or position.epoch != room.room.flushed.epoch:
            return None
        if position.offset > room.room.flushed.offset:
            await room.catch_up(position.offset)
        knows = room.room.knows(position)
        if knows is not None:
            return [] if knows else None
        limit = self._around.settings.resume_facts_total
        entries, epoch = await self._around.store.read(room.show, position.offset, limit + 1)
        same = bool(entries) and entries[0].offset == position.offset and entries[0].tag == position.tag
        return entries[1:] if same and epoch == position.epoch and len(entries) <= limit else None

    def _join(
        self, connection: Connection, room: OpenRoom, guest: Guest, hello: Hello, older: list[Entry] | None
    ) -> None:
        """Answer and join, without letting the loop run in between."""
        inner = room.room
        if len(inner.people.get(guest.person.person, ())) >= self._around.settings.sockets_per_person:
            raise TurnedAwayError(CloseCode.TOO_MANY_CONNECTIONS)
        staff, works = may(guest.role, "hear_staff"), may(guest.role, "see_figures")
        member = Member(connection.outlet, guest.person.person, staff=staff, works=works)
        missed = None if older is None else self._missed(room, hello.position, older, staff=member.staff)
        self._around.ports.metrics.count(names.SNAPSHOTS if missed is None else names.RESUMED)
        connection.room, connection.member, connection.language = room, member, hello.language
        connection.name, connection.shadowed = guest.known.name, guest.known.shadowed
        connection.buys = any(guest.own.get(name) for name in ("reservations", "orders_pending", "waits"))
        connection.joined_ms = self._joined_ms(room, hello.position if missed is not None else None)
        connection.session.admitted(guest.person, guest.role, self._around.now_ms())
        self._people.admitted(connection)
        connection.send(self._answer(room, guest, hello.id, missed))
        inner.add(member)

    def _joined_ms(self, room: OpenRoom, position: Position | None) -> int:
        """Return since when the person is here: a position that was resumed from says that they were then."""
        here_ms = None if position is None else room.room.said_at_ms(position.offset)
        return room.room.shop_time_ms() if here_ms is None else here_ms

    def _missed(
        self, room: OpenRoom, position: Position | None, older: list[Entry], *, staff: bool
    ) -> bytes | None:
        assert position is not None
        if position.epoch != room.room.flushed.epoch:
            return None  # the log began anew while older entries were read
        last = older[-1].offset if older else position.offset
        entries = [*older, *room.room.since(last)]
        entries = [entry for entry in entries if entry.offset <= room.room.flushed.offset]
        whole = len(entries) == room.room.flushed.offset - position.offset
        if not whole or len(entries) > self._around.settings.resume_facts_total:
            return None
        return room.room.missed(entries, staff=staff)

    def _answer(self, room: OpenRoom, guest: Guest, re: int, missed: bytes | None) -> SharedFrame:
        inner, settings = room.room, self._around.settings
        now_ms = inner.shop_time_ms()
        own = msgspec.json.encode(
            {
                "type": "hello",
                "re": re,
                "v": VERSION,
                "front": self._front,
                "heartbeat_ms": settings.heartbeat_ms,
                "server_time_ms": now_ms,
                "shop_time_ms": now_ms,
                "you": guest.you(),
                "show": inner.scene.show,
                "position": inner.flushed,
                "whep": {"url": f"/whep/{room.show}", "token": guest.whep_token},
                "limits": {
                    "comment_chars": settings.comment_chars,
                    "likes_per_frame": 20,
                    "translate": self._around.ports.translator is not None,
                },
                "slow_mode_s": inner.scene.slow_mode_s,
                **inner.for_staff(staff=may(guest.role, "hear_staff")),
            }
        )
        if missed is None:
            head = SharedText(own[:-1] + b',"missed":null,"snapshot":')
            return SharedFrame((head, inner.snapshot(), SharedText(b"}")))
        return SharedFrame.for_one(own[:-1] + b',"snapshot":null,"missed":' + missed + b"}")
