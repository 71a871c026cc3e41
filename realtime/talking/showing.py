"""Pictures shown with comments: whether the room allows one now, and whose it is.

The shop keeps the pictures and their rules (`realtime.ports.CommentPictures`); the room binds one to the
comment it is about to say, and lets it go again when the comment is refused. Words beside it are what
somebody who cannot see it hears; without any they hear whose picture it is. How the room's modes judge a
picture without words says `realtime.moderation.gate`.
"""

import logging
from typing import Any

from realtime.connections.connection import Connection
from realtime.connections.rights import may
from realtime.errors import EmoteOnly, PicturesOff
from realtime.port_calls import ask
from realtime.ports import Ports

log = logging.getLogger(__name__)
Json = dict[str, Any]


class Showing:
    """Binds pictures to comments."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def bind(self, connection: Connection, comment: Json, key: str) -> None:
        """Put the picture that a comment names into it, as everybody sees it.

        Raises `PicturesOff`, `EmoteOnly`, `Unavailable`, and the shop's refusals.
        """
        port = self._ports.pictures
        assert connection.room is not None
        room = connection.room.room
        if port is None:
            raise PicturesOff("No pictures here.", who="off")
        if not may(connection.session.role, "talk_freely"):
            if room.scene.policy.pictures == "off":
                raise PicturesOff("No pictures here.", who="off")
            if room.scene.modes(room.shop_time_ms()).emote_only:
                raise EmoteOnly("Only emoji for now.")
        wanted = str(comment["picture"]["id"])
        bound = port.bind(str(comment["person"]), connection.show, wanted, str(comment["id"]), key)
        comment["picture"] = await ask(self._ports.metrics, bound)

    async def release(self, comment: Json) -> None:
        """Let a comment's picture go, because the comment was refused; it can be shown with another."""
        port = self._ports.pictures
        if port is None or not comment.get("picture"):
            return
        try:
            await ask(self._ports.metrics, port.unbind(comment["picture"]["id"], comment["id"]))
        except Exception as error:  # noqa: BLE001 - the refusal of the comment is what its author must hear
            log.warning("the picture of a refused comment was not let go: %s", error)
