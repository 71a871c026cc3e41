"""Votes for questions, and what staff do with them."""

from collections.abc import Mapping

import msgspec

from realtime.answering.desk import Desk, Json, Rule, by_of, person_of, speaker_of
from realtime.answering.moderating import told
from realtime.asking.ballots_redis import Ballots, Voter
from realtime.asking.questions import Questions
from realtime.connections.connection import Connection
from realtime.connections.rights import BADGES
from realtime.messages.asking import AnswerQuestion, DismissQuestion, ShowQuestion, VoteQuestion
from realtime.room.open_room import Surroundings
from realtime.talking.comments import clean_comment


class Asking(Desk):
    """Vote for a question; answer it now, mark it answered, put it aside."""

    def __init__(self, around: Surroundings, ballots: Ballots, questions: Questions) -> None:
        super().__init__(around)
        self._ballots = ballots
        self._questions = questions

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            VoteQuestion: self._vote,
            ShowQuestion: self._show,
            AnswerQuestion: self._answer,
            DismissQuestion: self._dismiss,
        }

    async def _vote(self, connection: Connection, message: VoteQuestion) -> Json:
        async with connection.talk:
            await self._ballots.for_question(
                connection.show, voter_of(connection), message.key, message.comment, on=message.on
            )
        tell_voted(connection, comment=message.comment, on=message.on)
        return {}

    async def _show(self, connection: Connection, message: ShowQuestion) -> Json:
        return told(await self._questions.show(by_of(connection, message), message.comment))

    async def _answer(self, connection: Connection, message: AnswerQuestion) -> Json:
        answer = None
        if message.text is not None:
            text = clean_comment(message.text, self._around.settings.comment_chars)
            badge = BADGES.get(connection.session.role)
            answer = {"text": text, "name": speaker_of(connection).name, "badge": badge}
        return told(await self._questions.answer(by_of(connection, message), message.comment, answer))

    async def _dismiss(self, connection: Connection, message: DismissQuestion) -> Json:
        return told(await self._questions.dismiss(by_of(connection, message), message.comment))


def voter_of(connection: Connection) -> Voter:
    """Return who votes. Votes of one socket keep their order by `connection.talk`, as comments do."""
    assert connection.session.person is not None
    return Voter(person_of(connection), connection.session.person.device, connection.address_key)


def tell_voted(connection: Connection, **vote: object) -> None:
    """Tell a person's other windows what they vote for now."""
    assert connection.room is not None
    frame = msgspec.json.encode({"type": "you", "event": "voted", **vote})
    connection.room.room.tell(person_of(connection), frame)
