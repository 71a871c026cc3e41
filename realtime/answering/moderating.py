"""What moderators ask for over the websocket; the same service answers over HTTP."""

from collections.abc import Mapping

from realtime.answering.desk import Desk, Json, Rule, person_of
from realtime.connection import Connection
from realtime.messages.moderating import Ban, Delete, Timeout, Unban
from realtime.messages.modes import SlowMode
from realtime.moderation.service import ModerationService
from realtime.open_room import Surroundings


class Moderating(Desk):
    """Delete, time out, ban, lift, slow down."""

    def __init__(self, around: Surroundings, moderation: ModerationService) -> None:
        super().__init__(around)
        self._moderation = moderation

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            Delete: self._delete,
            Timeout: self._timeout,
            Ban: self._ban,
            Unban: self._unban,
            SlowMode: self._slow_mode,
        }

    async def _delete(self, connection: Connection, message: Delete) -> Json:
        await self._moderation.delete(connection.show, person_of(connection), message.comment, message.key)
        return {}

    async def _timeout(self, connection: Connection, message: Timeout) -> Json:
        until_ms = await self._moderation.timeout(
            connection.show, person_of(connection), message.person, message.seconds, message.key
        )
        return {"muted_until_ms": until_ms}

    async def _ban(self, connection: Connection, message: Ban) -> Json:
        await self._moderation.ban(
            connection.show, person_of(connection), message.person, message.reason, message.key
        )
        return {}

    async def _unban(self, connection: Connection, message: Unban) -> Json:
        await self._moderation.unban(connection.show, person_of(connection), message.person, message.key)
        return {}

    async def _slow_mode(self, connection: Connection, message: SlowMode) -> Json:
        await self._moderation.slow_mode(connection.show, person_of(connection), message.seconds, message.key)
        return {}
