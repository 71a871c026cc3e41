"""What concerns one person goes at once to all their sockets of this process.

Sources: log entries (timeouts, bans), the shop's people channel (reservations, orders) and revocations.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from realtime import metrics as names
from realtime.connections.connection import Connection
from realtime.connections.places import Places
from realtime.log.entries import Entry, Kind
from realtime.ports import Metrics
from realtime.room.room import Room
from realtime.room.tick import tick_json
from realtime.sockets.close_codes import CloseCode

log = logging.getLogger(__name__)
_BECAME = {"approve": "approved", "deny": "denied", "expire": "expired"}
"""What the author of a held comment hears became of it."""
_PASSED_ON = frozenset({"reservation", "order", "warning"})


class _Message(msgspec.Struct):
    person: str
    event: str


_head = msgspec.json.Decoder(_Message)


class People:
    """The process's connections; those whose hello was answered are found by their person and their place."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.tell_own: Callable[[Connection], Coroutine[Any, Any, None]] | None = None
        self.connections: set[Connection] = set()
        self._admitted: Places[Connection] = Places()
        self._places: Places[Connection] = Places()
        self.nobody = asyncio.Event()
        self.nobody.set()

    def add(self, connection: Connection) -> None:
        """Count a connection in."""
        self.connections.add(connection)
        self.nobody.clear()

    def discard(self, connection: Connection) -> None:
        """Count a connection out."""
        self.connections.discard(connection)
        person = connection.session.person
        if person is not None:
            self._admitted.discard(person.person, connection)
            self._places.discard(person.device, connection)
            self._places.discard(connection.address_key, connection)
        if not self.connections:
            self.nobody.set()

    def admitted(self, connection: Connection) -> None:
        """Let a connection be found by its person, whom the session knows from now on, and by its places."""
        person = connection.session.person
        assert person is not None
        self._admitted.add(person.person, connection)
        self._places.add(person.device, connection)
        self._places.add(connection.address_key, connection)

    def at(self, place: str) -> tuple[Connection, ...]:
        """Return the connections from a device or an address key, in whichever room."""
        return self._places.at(place)

    def on_entry(self, room: Room, entry: Entry) -> None:
        """Tell a person what a log entry did to them."""
        kind = entry.data.get("kind")
        if kind == "moderation" and entry.kind is Kind.STAFF:
            self._on_moderation(room, entry.data)
        elif kind == "shadowed" and entry.kind is Kind.STAFF:
            self._echo(room, entry.data["comment"])
        elif kind == "banned" and entry.kind is Kind.FACT:
            self.ban(room, str(entry.data.get("person")))

    def _on_moderation(self, room: Room, entry: Mapping[str, Any]) -> None:
        target, detail = str(entry.get("target")), entry.get("detail") or {}
        match entry.get("action"):
            case "timeout":
                self._tell(room, target, "muted", muted_until_ms=entry.get("expires_at_ms"))
            case "unban":
                self._tell(room, target, "muted", muted_until_ms=None)
                self._tell(room, target, "unbanned")
                self._shadow(room, target, shadowed=False)
            case "warn":
                action, message = entry.get("action_id"), detail.get("text")
                self._tell(room, target, "warned", action=action, message=message)
            case "shadow_ban":
                self._shadow(room, target, shadowed=True)
            case "approve" | "deny" | "expire" as decision:
                self._tell(room, str(detail.get("person")), _BECAME[decision], comment=target)
            case "undo":
                self._tell_anew(room, target)

    def _echo(self, room: Room, comment: Mapping[str, Any]) -> None:
        """Let who is heard by nobody see their own words as if they were."""
        text = tick_json(None, room.shop_time_ms(), (), (msgspec.json.encode(comment),), 0, b"{}")
        for connection in self._here(room, str(comment["person"])):
            connection.send_text(text)

    def _shadow(self, room: Room, person: str, *, shadowed: bool) -> None:
        for connection in self._here(room, person):
            connection.shadowed = shadowed

    def _tell_anew(self, room: Room, person: str) -> None:
        """Send a person their own state: what stood against them was taken back."""
        for connection in self._here(room, person):
            if self.tell_own is not None:
                connection.later(self.tell_own(connection))

    def on_person(self, room: Room, payload: bytes) -> None:
        """Pass on a message of the shop's people channel.

        `b""` is a reconnect: messages may have been lost, so who buys hears their own state anew.
        """
        if not payload:
            self._tell_buyers(room)
            return
        try:
            head = _head.decode(payload)
            values = msgspec.json.decode(payload, type=dict[str, Any])
        except msgspec.DecodeError:
            self._metrics.count(names.PEOPLE_BROKEN)
            return
        if head.event in _PASSED_ON and head.person in room.people:
            values.pop("person")
            self._tell(room, head.person, **values)

    def _tell_buyers(self, room: Room) -> None:
        for connection in self.connections:
            here = connection.room is not None and connection.room.room is room
            if here and connection.buys and self.tell_own is not None:
                connection.later(self.tell_own(connection))

    def ban(self, room: Room, person: str) -> None:
        """Tell a banned person, and close their sockets."""
        self._tell(room, person, "banned")
        for connection in self._here(room, person):
            connection.close(CloseCode.BANNED)

    def revoke(self, device: str, person: str) -> None:
        """Close the sockets of a signed-out device; of all the person's when no device is named."""
        for connection in self._of(person):
            who = connection.session.person
            if who is not None and (not device or who.device == device):
                connection.send_text(msgspec.json.encode({"type": "you", "event": "signed_out"}))
                connection.close(CloseCode.SIGNED_OUT)

    def _tell(self, room: Room, person: str, event: str, **values: Any) -> None:
        room.tell(person, msgspec.json.encode({"type": "you", "event": event, **values}))

    def _here(self, room: Room, person: str) -> list[Connection]:
        return [each for each in self._of(person) if each.room is not None and each.room.room is room]

    def _of(self, person: str) -> tuple[Connection, ...]:
        return self._admitted.at(person)
