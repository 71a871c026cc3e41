"""Does the work of each message and answers it once; none waits for another, comments keep their order."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import msgspec

from realtime import messages as m
from realtime import metrics as names
from realtime.admission import Admission, TurnedAwayError
from realtime.close_codes import CloseCode
from realtime.comments import clean_comment, clean_name, fold_name
from realtime.connection import Connection
from realtime.errors import BadName, RoomError, Unauthorised, Unavailable
from realtime.moderation.service import ModerationService
from realtime.open_room import Surroundings
from realtime.port_calls import IN_LINE_S, ask
from realtime.session import error_frame, ok_frame
from realtime.store_redis import Speaker

log = logging.getLogger(__name__)
Json = dict[str, Any]


class Conversation:
    """Serves all connections of the process. `new_id` makes ids such as "co_..."."""

    def __init__(
        self,
        around: Surroundings,
        admission: Admission,
        moderation: ModerationService,
        new_id: Callable[[str], str],
    ) -> None:
        self._around = around
        self._admission = admission
        self._moderation = moderation
        self._new_id = new_id

    def begin(self, connection: Connection, message: Any) -> None:
        """Start a message's work in a task of its own; bounded by the session."""
        connection.later(self._serve(connection, message))

    async def _serve(self, connection: Connection, message: Any) -> None:
        try:
            if isinstance(message, m.Hello):
                await self._admission.admit(connection, message)
            else:
                result = await self._RULES[type(message)](self, connection, message)
                connection.send_text(ok_frame(message.id, result))
        except TurnedAwayError as error:
            connection.close(error.code)
        except RoomError as error:
            self._refuse(connection, message, error)
        except Exception:  # a fault of ours ends this message, not the socket's other work
            log.exception("message %s failed", type(message).__name__)
            self._refuse(connection, message, Unavailable("The server failed at this; try again."))
        finally:
            connection.session.answered()

    async def tell_own(self, connection: Connection) -> None:
        """Send a person's own state anew; quietly gives up when the shop does not answer."""
        try:
            await self._admission.tell_own(connection)
        except RoomError as error:
            log.info("a person's state was not sent: %s", error)

    def _refuse(self, connection: Connection, message: Any, error: RoomError) -> None:
        connection.send_text(error_frame(message.id, error))
        if isinstance(message, m.Hello):
            connection.close(CloseCode.SERVER_ERROR)

    # -- one method a message

    async def _comment(self, connection: Connection, message: m.SendComment) -> Json:
        session = connection.session
        assert session.person is not None
        text = clean_comment(message.text, self._around.settings.comment_chars)
        comment = {
            "id": self._new_id("co"),
            "person": session.person.person,
            "badge": None if session.role == "viewer" else session.role,
            "text": text,
            "reply_to": message.reply_to,
        }
        async with connection.talk:
            said = await self._around.store.comment(
                connection.show, self._speaker(connection), message.key, comment
            )
        self._around.ports.metrics.count(names.COMMENTS)
        return {"comment": said}

    async def _like(self, connection: Connection, message: m.Like) -> Json:
        assert connection.room is not None
        connection.room.room.like(message.count)
        return {}

    async def _reserve(self, connection: Connection, message: m.Reserve) -> Json:
        lines = [msgspec.to_builtins(line) for line in message.lines]
        buying = self._around.ports.buying
        person = self._person(connection)

        def told(position: int | None, estimate_ms: int) -> None:
            about = {"request": message.id, "position": position, "estimate_ms": estimate_ms}
            connection.send_text(msgspec.json.encode({"type": "you", "event": "queued", **about}))

        asked = buying.reserve(person, connection.show, {"lines": lines}, message.key, told)
        reservation = await ask(self._around.ports.metrics, asked, IN_LINE_S)
        connection.buys = True
        speaker = self._speaker(connection)
        if connection.bought_as != speaker.name:
            connection.later(self._take_shown_name(connection, speaker))
        return {"reservation": reservation}

    async def _change(self, connection: Connection, message: m.Change) -> Json:
        body = {"reservation": message.reservation, "pool": message.pool, "quantity": message.quantity}
        buying = self._around.ports.buying
        reservation = await self._buy(
            buying.change(self._person(connection), connection.show, body, message.key)
        )
        return {"reservation": reservation}

    async def _release(self, connection: Connection, message: m.Release) -> Json:
        body = {"reservation": message.reservation}
        buying = self._around.ports.buying
        reservation = await self._buy(
            buying.release(self._person(connection), connection.show, body, message.key)
        )
        return {"reservation": reservation}

    async def _wait(self, connection: Connection, message: m.Wait) -> Json:
        body = {"variant": message.variant, "quantity": message.quantity, "sale": message.sale}
        waiting = self._around.ports.buying.wait(
            self._person(connection), connection.show, body, message.key, connection.language
        )
        place = await self._buy(waiting)
        connection.buys = True
        return {"place": place}

    async def _leave(self, connection: Connection, message: m.Leave) -> Json:
        person = self._person(connection)
        return await self._buy(self._around.ports.buying.leave(person, connection.show, message.pool))

    async def _refresh(self, connection: Connection, message: m.Refresh) -> Json:
        ports = self._around.ports
        person = await ask(ports.metrics, ports.identify.verify(message.token))
        if person is None or person.person != self._person(connection):
            raise Unauthorised("The token is wrong, or somebody else's.")
        connection.session.refreshed(person)
        return {"expires_at_ms": person.expires_at_ms}

    async def _name(self, connection: Connection, message: m.SetName) -> Json:
        name = clean_name(message.name, self._around.settings.name_chars)
        who = self._speaker(connection, name)
        if not who.staff and fold_name(name) in self._reserved(connection):
            raise BadName("This name is reserved for the shop.")
        connection.name = await self._around.store.take_name(connection.show, who, numbered=False)
        return {"name": connection.name}

    async def _delete(self, connection: Connection, message: m.Delete) -> Json:
        await self._moderation.delete(connection.show, self._person(connection), message.comment, message.key)
        return {}

    async def _timeout(self, connection: Connection, message: m.Timeout) -> Json:
        until_ms = await self._moderation.timeout(
            connection.show, self._person(connection), message.person, message.seconds, message.key
        )
        return {"muted_until_ms": until_ms}

    async def _ban(self, connection: Connection, message: m.Ban) -> Json:
        await self._moderation.ban(
            connection.show, self._person(connection), message.person, message.reason, message.key
        )
        return {}

    async def _unban(self, connection: Connection, message: m.Unban) -> Json:
        await self._moderation.unban(connection.show, self._person(connection), message.person, message.key)
        return {}

    async def _slow_mode(self, connection: Connection, message: m.SlowMode) -> Json:
        await self._moderation.slow_mode(
            connection.show, self._person(connection), message.seconds, message.key
        )
        return {}

    # -- what they share

    async def _buy(self, question: Awaitable[Json]) -> Json:
        return await ask(self._around.ports.metrics, question)

    async def _take_shown_name(self, connection: Connection, speaker: Speaker) -> None:
        """Have the buyer's name in the room, for "Mei just bought"; once is enough."""
        try:
            await self._around.store.take_name(connection.show, speaker, numbered=True)
            connection.bought_as = speaker.name
        except RoomError as error:
            log.info("a buyer's name was not stored: %s", error)

    def _person(self, connection: Connection) -> str:
        assert connection.session.person is not None
        return connection.session.person.person

    def _speaker(self, connection: Connection, name: str | None = None) -> Speaker:
        """Who speaks; a guest with a name reserved for the shop gets a neutral one."""
        session = connection.session
        assert session.person is not None
        staff = session.role != "viewer"
        shown = name or connection.name or session.person.name
        folded = fold_name(shown)
        if not staff and folded in self._reserved(connection):
            shown, folded = "Guest", "guest"
        return Speaker(session.person.person, shown, folded, staff)

    def _reserved(self, connection: Connection) -> frozenset[str]:
        """Folded names only staff may bear: the shop's own and what claims an office."""
        shop = connection.room.room.scene.show.get("shop") if connection.room else None
        own = {fold_name(str(shop.get("name", "")))} if isinstance(shop, dict) else set()
        return frozenset(own | OFFICES)

    _RULES: ClassVar[dict[type, Callable[["Conversation", Connection, Any], Awaitable[Json]]]] = {
        m.SendComment: _comment,
        m.Like: _like,
        m.Reserve: _reserve,
        m.Change: _change,
        m.Release: _release,
        m.Wait: _wait,
        m.Leave: _leave,
        m.Refresh: _refresh,
        m.SetName: _name,
        m.Delete: _delete,
        m.Timeout: _timeout,
        m.Ban: _ban,
        m.Unban: _unban,
        m.SlowMode: _slow_mode,
    }


OFFICES = frozenset(
    map(fold_name, ("host", "moderator", "admin", "support", "staff", "主播", "管理员", "客服"))
)
