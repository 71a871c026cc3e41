"""Answers each message once; none waits for another, comments keep their order."""

import logging
from collections.abc import Iterable
from typing import Any

from realtime.answering.desk import Desk, Rule
from realtime.connections.admission import Admission, TurnedAwayError
from realtime.connections.connection import Connection
from realtime.connections.session import error_frame, ok_frame
from realtime.errors import RateLimited, RoomError, Unavailable
from realtime.messages.entering import Hello
from realtime.sockets.close_codes import CloseCode

log = logging.getLogger(__name__)


class Conversation:
    """Serves all connections of the process; the desks do the work."""

    def __init__(self, admission: Admission, desks: Iterable[Desk]) -> None:
        self._admission = admission
        self._rules: dict[type, Rule] = {kind: rule for desk in desks for kind, rule in desk.rules.items()}

    def begin(self, connection: Connection, message: Any) -> None:
        """Start a message's work in a task of its own; bounded by the session."""
        connection.later(self._serve(connection, message))

    async def _serve(self, connection: Connection, message: Any) -> None:
        try:
            if isinstance(message, Hello):
                await self._admission.admit(connection, message)
            else:
                result = await self._rules[type(message)](connection, message)
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
        if isinstance(message, Hello):
            full = isinstance(error, RateLimited)
            connection.close(CloseCode.RATE_LIMITED if full else CloseCode.SERVER_ERROR)
