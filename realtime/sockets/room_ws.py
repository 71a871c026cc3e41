"""The websocket endpoint `/ws/shows/{show}`: reads frames, lets the session decide, does what it says."""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime import metrics as names
from realtime.address_keys import address_key
from realtime.connections.connection import Connection
from realtime.connections.conversation import Conversation
from realtime.connections.people import People
from realtime.connections.session import Action, Close, Send, Session, Start, error_frame
from realtime.messages import SUBPROTOCOL
from realtime.ports import Metrics
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.door import Door, TurnedAway
from realtime.sockets.origins import allowed
from realtime.sockets.raw_frames_ws import outlet_for, raw_of
from realtime.sockets.turnstile import Turnstile

log = logging.getLogger(__name__)


class RoomEndpoint:
    """Serves websockets, one per call of `serve`."""

    def __init__(
        self,
        settings: RoomSettings,
        conversation: Conversation,
        people: People,
        metrics: Metrics,
        now_ms: Callable[[], int],
        line: Turnstile,
    ) -> None:
        self._settings = settings
        self._conversation = conversation
        self._people = people
        self._metrics = metrics
        self._now_ms = now_ms
        self._door = Door(settings, now_ms(), line)

    async def serve(self, websocket: WebSocket) -> None:
        """Serve a websocket: a raw one is kept open when this returns, any other is over then."""
        address = websocket.client.host if websocket.client is not None else ""
        turned_away = self._door.enter(address, self._now_ms())
        offered = websocket.scope.get("subprotocols") or []
        connection = self._connection(websocket)
        raw = raw_of(websocket)
        if raw is not None:
            raw.hear = partial(self._hear, connection)
        try:
            await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
            self._begin(connection, self._refusal(websocket, offered), turned_away)
        except WebSocketDisconnect:  # gone before it was let in
            self._end(connection, address)
            return
        except BaseException:
            self._end(connection, address)
            raise
        if raw is not None:
            raw.keep(partial(self._end, connection, address))
            return
        try:
            await self._read(websocket, connection)
        finally:
            self._end(connection, address)

    def _connection(self, websocket: WebSocket) -> Connection:
        session = Session(self._settings, self._now_ms())
        show = str(websocket.path_params.get("show", ""))
        connection = Connection(show, session, outlet_for(websocket), self._now_ms)
        connection.address_key = self._address_key(websocket)
        return connection

    def _begin(
        self, connection: Connection, refusal: CloseCode | None, turned_away: TurnedAway | None
    ) -> None:
        self._people.add(connection)
        self._metrics.gauge(names.CONNECTIONS, len(self._people.connections))
        if refusal is not None:
            self.close(connection, refusal)
        elif turned_away is not None:
            self._metrics.count(names.TURNED_AWAY)
            connection.send_text(error_frame(None, turned_away.error))
            self.close(connection, turned_away.code)

    def carry_out(self, connection: Connection, actions: Iterable[Action]) -> None:
        """Do what the session decided."""
        for action in actions:
            match action:
                case Send(text):
                    connection.send_text(text)
                case Start(message):
                    self._conversation.begin(connection, message)
                case Close(code):
                    self.close(connection, code)

    def close(self, connection: Connection, code: CloseCode) -> None:
        """Close and count."""
        self._metrics.count(names.CLOSED)
        connection.close(code)

    async def _read(self, websocket: WebSocket, connection: Connection) -> None:
        while True:
            try:
                event = await websocket.receive()
            except WebSocketDisconnect:
                return
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text")
            self._hear(connection, text if text is not None else event.get("bytes") or b"")

    def _hear(self, connection: Connection, frame: str | bytes) -> None:
        """Take one message."""
        self._metrics.count(names.FRAMES_IN)
        actions = connection.session.receive(frame, self._now_ms())
        if not actions:
            return
        if any(not isinstance(action, Start) for action in actions):
            self._metrics.count(names.FRAMES_REFUSED)
        self.carry_out(connection, actions)
        if connection.outlet.buffered_bytes >= self._settings.abort_at_bytes:
            self._metrics.count(names.TOO_SLOW)
            connection.outlet.abort()

    def _address_key(self, websocket: WebSocket) -> str:
        client = websocket.client
        return address_key(self._settings.address_secret, client.host) if client is not None else ""

    def _refusal(self, websocket: WebSocket, offered: list[str]) -> CloseCode | None:
        if not allowed(
            websocket.headers.get("origin"), websocket.headers.get("host"), self._settings.own_origins
        ):
            return CloseCode.ORIGIN_REFUSED
        return CloseCode.VERSION if offered and SUBPROTOCOL not in offered else None

    def _end(self, connection: Connection, address: str) -> None:
        self._door.leave(address)
        self._people.discard(connection)
        self._metrics.gauge(names.CONNECTIONS, len(self._people.connections))
        connection.session.close(CloseCode.DRAIN)
        if connection.room is not None and connection.member is not None:
            connection.room.room.remove(connection.member)
        # Work begun for this socket goes on: a purchase does not stop because its buyer's phone did.
