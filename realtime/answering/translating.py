"""Comments in the reader's language."""

from collections.abc import Mapping

from realtime.answering.desk import Desk, Json, Rule
from realtime.connections.connection import Connection
from realtime.messages.translating import Translate
from realtime.room.open_room import Surroundings
from realtime.talking.translating import Translations


class Translating(Desk):
    """Asks for what the room still shows: a comment that was deleted is not translated, nor told again."""

    def __init__(self, around: Surroundings, translations: Translations) -> None:
        super().__init__(around)
        self._translations = translations

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {Translate: self._translate}

    async def _translate(self, connection: Connection, message: Translate) -> Json:
        assert connection.room is not None
        room = connection.room.room
        shown = {str(said["id"]): str(said["text"]) for said in room.scene.comments}
        texts: dict[str, str] = {}
        for comment in message.comments:
            found = shown.get(comment)
            if found is None:
                older = room.find_comment(comment)
                found = None if older is None else str(older["text"])
            if found is not None:
                texts[comment] = found
        return {"translations": await self._translations.of(texts, message.to)}
