"""Comments and hearts."""

from collections.abc import Callable, Mapping

from realtime import metrics as names
from realtime.answering.desk import Desk, Json, Rule, speaker_of
from realtime.comments import clean_comment
from realtime.connection import Connection
from realtime.messages.talking import Like, SendComment
from realtime.open_room import Surroundings
from realtime.rights import BADGES


class Talking(Desk):
    """What people say. `new_id` makes ids such as "co_..."."""

    def __init__(self, around: Surroundings, new_id: Callable[[str], str]) -> None:
        super().__init__(around)
        self._new_id = new_id

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            SendComment: self._comment,
            Like: self._like,
        }

    async def _comment(self, connection: Connection, message: SendComment) -> Json:
        session = connection.session
        assert session.person is not None
        text = clean_comment(message.text, self._around.settings.comment_chars)
        comment = {
            "id": self._new_id("co"),
            "person": session.person.person,
            "badge": BADGES.get(session.role),
            "text": text,
            "reply_to": message.reply_to,
        }
        async with connection.talk:
            said = await self._around.store.comment(
                connection.show, speaker_of(connection), message.key, comment
            )
        self._around.ports.metrics.count(names.COMMENTS)
        return {"comment": said}

    async def _like(self, connection: Connection, message: Like) -> Json:
        assert connection.room is not None
        if not connection.shadowed:
            connection.room.room.like(message.count)
        return {}
