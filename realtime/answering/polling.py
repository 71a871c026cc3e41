"""Polls: staff open, close and dismiss them; everybody chooses."""

from collections.abc import Mapping

from realtime.answering.asking import tell_voted, voter_of
from realtime.answering.desk import Desk, Json, Rule, by_of
from realtime.asking.ballots_redis import Ballots
from realtime.asking.polls import clean_poll
from realtime.connections.connection import Connection
from realtime.messages.polling import ClosePoll, DismissPoll, OpenPoll, VotePoll
from realtime.moderation.office import Office
from realtime.room.open_room import Surroundings


class Polling(Desk):
    """One poll at a time."""

    def __init__(self, around: Surroundings, ballots: Ballots, office: Office) -> None:
        super().__init__(around)
        self._ballots = ballots
        self._office = office

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            OpenPoll: self._open,
            ClosePoll: self._close,
            DismissPoll: self._dismiss,
            VotePoll: self._vote,
        }

    async def _open(self, connection: Connection, message: OpenPoll) -> Json:
        question, choices = clean_poll(message.question, message.choices)
        by, poll = by_of(connection, message), self._office.new_id("pl")
        asked = {"id": poll, "question": question, "choices": choices, "hidden": message.hidden}
        detail = {"text": question, "choices": choices}
        audit = self._office.audit(by, "open_poll", poll, seconds=message.seconds, detail=detail)
        return await self._ballots.open_poll(by, asked, (message.seconds or 0) * 1000, audit)

    async def _close(self, connection: Connection, message: ClosePoll) -> Json:
        by = by_of(connection, message)
        audit = self._office.audit(by, "close_poll", message.poll)
        await self._ballots.end_poll(by, message.poll, "close", audit)
        return {}

    async def _dismiss(self, connection: Connection, message: DismissPoll) -> Json:
        by = by_of(connection, message)
        audit = self._office.audit(by, "dismiss_poll", message.poll)
        await self._ballots.end_poll(by, message.poll, "dismiss", audit)
        return {}

    async def _vote(self, connection: Connection, message: VotePoll) -> Json:
        async with connection.talk:
            await self._ballots.for_choice(
                connection.show, voter_of(connection), message.key, message.poll, message.choice
            )
        tell_voted(connection, poll=message.poll, choice=message.choice)
        return {}
