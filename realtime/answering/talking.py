"""Comments, hearts and reactions."""

from collections.abc import Callable, Mapping

from realtime import metrics as names
from realtime.answering.desk import Desk, Json, Rule, speaker_of
from realtime.connections.connection import Connection
from realtime.connections.rights import BADGES
from realtime.errors import RoomError, Unavailable
from realtime.messages.talking import Like, React, SendComment
from realtime.moderation.gatekeeper import Gatekeeper, Passed
from realtime.room.open_room import Surroundings
from realtime.store.store_redis import Said
from realtime.talking.comments import clean_comment, clean_words
from realtime.talking.showing import Showing


class Talking(Desk):
    """What people say. `new_id` makes ids such as "co_..."."""

    def __init__(self, around: Surroundings, gatekeeper: Gatekeeper, new_id: Callable[[str], str]) -> None:
        super().__init__(around)
        self._gatekeeper = gatekeeper
        self._new_id = new_id
        self._showing = Showing(around.ports)

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            SendComment: self._comment,
            Like: self._like,
            React: self._react,
        }

    async def _comment(self, connection: Connection, message: SendComment) -> Json:
        session = connection.session
        assert session.person is not None
        # A question needs words; a picture alone says enough.
        clean = clean_comment if message.picture is None or message.question else clean_words
        text = clean(message.text, self._around.settings.comment_chars)
        comment = {
            "id": self._new_id("co"),
            "person": session.person.person,
            "badge": BADGES.get(session.role),
            "text": text,
            "reply_to": message.reply_to,
            **({"question": True} if message.question else {}),
            **({} if message.picture is None else {"picture": {"id": message.picture}}),
        }
        async with connection.talk:
            if message.picture is not None and (before := await self._recalled(connection, message, comment)):
                return before
            try:
                passed = await self._gatekeeper.admit(connection, text)
                if message.picture is not None:
                    await self._showing.bind(connection, comment, message.key)
            except RoomError as refusal:
                return await self._refused(connection, message.key, comment, refusal)
            said = await self._say(connection, message.key, comment, passed)
        self._around.ports.metrics.count(names.HELD if said.pending else names.COMMENTS)
        return _answer(said)

    async def _say(self, connection: Connection, key: str, comment: Json, passed: Passed) -> Said:
        """Say it; a picture of what is refused can be shown again."""
        store, speaker = self._around.store, speaker_of(connection)
        try:
            return await store.comment(
                connection.show,
                speaker,
                key,
                comment,
                passed.held,
                signs=passed.signs,
                hold_suspects=passed.hold_suspects,
            )
        except Unavailable:
            raise  # it may have been said
        except RoomError:
            await self._showing.release(comment)
            raise

    async def _recalled(self, connection: Connection, message: SendComment, comment: Json) -> Json | None:
        """Answer a repeated key before its picture is asked for: it was shown with what was said."""
        said = await self._around.store.recall(connection.show, comment["person"], message.key, comment)
        return None if said is None else _answer(said)

    async def _refused(self, connection: Connection, key: str, comment: Json, refusal: RoomError) -> Json:
        """Answer a repeated key as it was answered; else the refusal stands, and may cost a strike."""
        said = await self._around.store.recall(connection.show, comment["person"], key, comment)
        if said is None:
            await self._gatekeeper.punish(connection, refusal, key)
            raise refusal
        return _answer(said)

    async def _like(self, connection: Connection, message: Like) -> Json:
        assert connection.room is not None
        if not connection.shadowed:
            connection.room.room.like(message.count)
        return {}

    async def _react(self, connection: Connection, message: React) -> Json:
        assert connection.room is not None
        if not connection.shadowed:
            connection.room.room.react(message.reaction, message.count)
        return {}


def _answer(said: Said) -> Json:
    """Return what stands beside the `ok` of a comment, the first time and at each repeat."""
    return {"comment": said.comment, "pending": said.pending}
