"""Reports, held comments, warnings read, and what moderators say among themselves."""

from collections.abc import Mapping

from realtime.answering.desk import Desk, Json, Rule, by_of, person_of, speaker_of
from realtime.connections.connection import Connection
from realtime.messages.reviewing import Acknowledge, Answering, Approve, Deny, Dismiss, Report, StaffNote
from realtime.moderation.office import By
from realtime.moderation.reviewing import Reviewing
from realtime.room.open_room import Surroundings


class Reviews(Desk):
    """What waits for a moderator's look."""

    def __init__(self, around: Surroundings, reviewing: Reviewing) -> None:
        super().__init__(around)
        self._reviewing = reviewing

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            Report: self._report,
            Acknowledge: self._acknowledge,
            Approve: self._approve,
            Deny: self._deny,
            Dismiss: self._dismiss,
            Answering: self._answering,
            StaffNote: self._note,
        }

    async def _report(self, connection: Connection, message: Report) -> Json:
        by = By(connection.show, person_of(connection), message.key)
        total = await self._reviewing.report(by, message.comment, message.why, message.text)
        assert connection.room is not None
        # 0 is no new report, and also a shop that never holds reported comments.
        if total and total == connection.room.room.scene.policy.reports_hold:
            await self._reviewing.hold_reported(connection.show, message.comment)
        return {}

    async def _acknowledge(self, connection: Connection, message: Acknowledge) -> Json:
        by = By(connection.show, person_of(connection), message.key)
        await self._reviewing.acknowledge(by, message.action)
        return {}

    async def _approve(self, connection: Connection, message: Approve) -> Json:
        done = await self._reviewing.approve(by_of(connection, message), message.comment)
        return {"action": done.action, "expires_at_ms": None}

    async def _deny(self, connection: Connection, message: Deny) -> Json:
        done = await self._reviewing.deny(by_of(connection, message), message.comment)
        return {"action": done.action, "expires_at_ms": None}

    async def _dismiss(self, connection: Connection, message: Dismiss) -> Json:
        done = await self._reviewing.dismiss(by_of(connection, message), message.case)
        return {"action": done.action, "expires_at_ms": None}

    async def _answering(self, connection: Connection, message: Answering) -> Json:
        by = By(connection.show, person_of(connection), message.key)
        name = speaker_of(connection).name
        await self._reviewing.answering(by, name, message.comment, on=message.on)
        return {}

    async def _note(self, connection: Connection, message: StaffNote) -> Json:
        by = By(connection.show, person_of(connection), message.key)
        note = await self._reviewing.note(by, speaker_of(connection).name, message.text, message.about)
        return {"note": note}
