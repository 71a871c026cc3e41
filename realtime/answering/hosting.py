"""What the host and moderators put before everybody: the pinned message."""

from collections.abc import Mapping

from realtime.answering.desk import Desk, Json, Rule, by_of, speaker_of
from realtime.answering.moderating import told
from realtime.connections.connection import Connection
from realtime.connections.rights import BADGES
from realtime.errors import BadMessage, CommentEmpty, NoSuchComment
from realtime.messages.hosting import PinMessage, UnpinMessage
from realtime.moderation.office import By, Office
from realtime.moderation.plan import Plan
from realtime.room.open_room import Surroundings
from realtime.talking.comments import clean_comment

PINNED = "pinned"
"""Name on the board; its value is a comment's fields, `comment` None for a text of staff's own."""


class Hosting(Desk):
    """Pin a message, take it down; both are actions with an undo."""

    def __init__(self, around: Surroundings, office: Office) -> None:
        super().__init__(around)
        self._office = office

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {PinMessage: self._pin, UnpinMessage: self._unpin}

    async def _pin(self, connection: Connection, message: PinMessage) -> Json:
        if (message.comment is None) == (message.text is None):
            raise BadMessage("Exactly one of comment and text is pinned.")
        pinned = (
            self._own_text(connection, message.text)
            if message.text is not None
            else _of_comment(connection, str(message.comment))
        )
        return await self._put(by_of(connection, message), "pin", message.comment, pinned)

    async def _unpin(self, connection: Connection, message: UnpinMessage) -> Json:
        return await self._put(by_of(connection, message), "unpin", None, None)

    async def _put(self, by: By, action: str, target: str | None, pinned: Json | None) -> Json:
        plan = Plan(self._office.audit(by, action, target), board=((PINNED, pinned),), keep={})
        return told(await self._office.carry_out(by, plan, (action, pinned)))

    def _own_text(self, connection: Connection, text: str) -> Json:
        who = speaker_of(connection)
        shown = clean_comment(text, self._around.settings.comment_chars)
        badge = BADGES.get(connection.session.role)
        return {"comment": None, "person": who.person, "name": who.name, "badge": badge, "text": shown}


def _of_comment(connection: Connection, comment: str) -> Json:
    """Return what is pinned of a comment. Raises `NoSuchComment`, `CommentEmpty`."""
    assert connection.room is not None
    said = connection.room.room.find_comment(comment)
    if said is None:
        raise NoSuchComment("There is no such comment (any more).")
    if not said["text"]:
        raise CommentEmpty("A picture without words cannot be pinned.")
    return {"comment": comment, **{name: said.get(name) for name in ("person", "name", "badge", "text")}}
