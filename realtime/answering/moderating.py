"""What moderators ask for over the websocket; the same services answer over HTTP."""

from collections.abc import Mapping
from typing import Any

from realtime.answering.desk import Desk, Json, Rule, by_of
from realtime.connections.connection import Connection
from realtime.messages.moderating import (
    Ban,
    Delete,
    DeletePerson,
    ShadowBan,
    Timeout,
    Unban,
    Undo,
    Warn,
)
from realtime.messages.modes import RaiseShield, SetModes, SlowMode
from realtime.moderation.actions_redis import Done
from realtime.moderation.service import ModerationService
from realtime.moderation.switching import Switching
from realtime.room.open_room import Surroundings


class Moderating(Desk):
    """Delete, time out, ban, warn, lift, undo; slow mode, modes, the shield."""

    def __init__(self, around: Surroundings, moderation: ModerationService, switching: Switching) -> None:
        super().__init__(around)
        self._moderation = moderation
        self._switching = switching

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            Delete: self._delete,
            DeletePerson: self._delete_person,
            Timeout: self._timeout,
            Ban: self._ban,
            Unban: self._unban,
            ShadowBan: self._shadow_ban,
            Warn: self._warn,
            Undo: self._undo,
            SlowMode: self._slow_mode,
            SetModes: self._modes,
            RaiseShield: self._shield,
        }

    async def _delete(self, connection: Connection, message: Delete) -> Json:
        return told(await self._moderation.delete(by_of(connection, message), message.comment))

    async def _delete_person(self, connection: Connection, message: DeletePerson) -> Json:
        return told(await self._moderation.delete_person(by_of(connection, message), message.person))

    async def _timeout(self, connection: Connection, message: Timeout) -> Json:
        by = by_of(connection, message)
        done = await self._moderation.timeout(by, message.person, message.seconds)
        return {"action": done.action, "muted_until_ms": done.expires_at_ms}

    async def _ban(self, connection: Connection, message: Ban) -> Json:
        by, also = by_of(connection, message), {"device": message.device, "address": message.address}
        return told(await self._moderation.ban(by, message.person, message.seconds, **also))

    async def _unban(self, connection: Connection, message: Unban) -> Json:
        return told(await self._moderation.unban(by_of(connection, message), message.person))

    async def _shadow_ban(self, connection: Connection, message: ShadowBan) -> Json:
        return told(await self._moderation.shadow_ban(by_of(connection, message), message.person))

    async def _warn(self, connection: Connection, message: Warn) -> Json:
        return told(await self._moderation.warn(by_of(connection, message), message.person, message.text))

    async def _undo(self, connection: Connection, message: Undo) -> Json:
        return told(await self._moderation.undo(by_of(connection, message), message.action))

    async def _slow_mode(self, connection: Connection, message: SlowMode) -> Json:
        return told(await self._switching.slow_mode(by_of(connection, message), message.seconds))

    async def _modes(self, connection: Connection, message: SetModes) -> Json:
        return told(await self._switching.modes(by_of(connection, message), message.modes))

    async def _shield(self, connection: Connection, message: RaiseShield) -> Json:
        assert connection.room is not None
        usual = connection.room.room.scene.usual_modes()
        return told(await self._switching.shield(by_of(connection, message), message.seconds, usual))


def told(done: Done) -> dict[str, Any]:
    """Return what stands beside the `ok` of an action."""
    return {"action": done.action, "expires_at_ms": done.expires_at_ms}
