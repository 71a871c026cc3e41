"""Buying over the websocket: the till is asked, and answers as over HTTP."""

from collections.abc import Mapping

import msgspec

from realtime.answering.desk import Desk, Json, Rule, person_of, shown_name_of, speaker_of
from realtime.connections.connection import Connection
from realtime.messages.buying import Change, Leave, Release, Reserve, Wait
from realtime.port_calls import ask
from realtime.room.open_room import Surroundings
from realtime.talking.buyer_names import BuyerNames


class Buying(Desk):
    """What people take, change, give back and wait for."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._names = BuyerNames(around.store)

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            Reserve: self._reserve,
            Change: self._change,
            Release: self._release,
            Wait: self._wait,
            Leave: self._leave,
        }

    async def _reserve(self, connection: Connection, message: Reserve) -> Json:
        lines = [msgspec.to_builtins(line) for line in message.lines]
        buying = self._around.ports.buying
        person = person_of(connection)

        def told(position: int | None, estimate_ms: int) -> None:
            about = {"request": message.id, "position": position, "estimate_ms": estimate_ms}
            connection.send_text(msgspec.json.encode({"type": "you", "event": "queued", **about}))

        asked = buying.reserve(person, connection.show, {"lines": lines}, message.key, told)
        reservation = await ask(self._around.ports.metrics, asked, None)
        connection.buys = True
        if connection.bought_as != shown_name_of(connection):
            self._names.want(connection, speaker_of(connection))
        return {"reservation": reservation}

    async def _change(self, connection: Connection, message: Change) -> Json:
        body = {"reservation": message.reservation, "pool": message.pool, "quantity": message.quantity}
        buying = self._around.ports.buying
        reservation = await self._ask(
            buying.change(person_of(connection), connection.show, body, message.key)
        )
        return {"reservation": reservation}

    async def _release(self, connection: Connection, message: Release) -> Json:
        body = {"reservation": message.reservation}
        buying = self._around.ports.buying
        reservation = await self._ask(
            buying.release(person_of(connection), connection.show, body, message.key)
        )
        return {"reservation": reservation}

    async def _wait(self, connection: Connection, message: Wait) -> Json:
        body = {"variant": message.variant, "quantity": message.quantity, "sale": message.sale}
        waiting = self._around.ports.buying.wait(
            person_of(connection), connection.show, body, message.key, connection.language
        )
        place = await self._ask(waiting)
        connection.buys = True
        return {"place": place}

    async def _leave(self, connection: Connection, message: Leave) -> Json:
        person = person_of(connection)
        return await self._ask(self._around.ports.buying.leave(person, connection.show, message.pool))
