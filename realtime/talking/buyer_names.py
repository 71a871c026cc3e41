"""Buyers' names in the room, for "Mei just bought"; in a rush many together."""

import logging
from itertools import islice

from realtime.connections.connection import Connection
from realtime.errors import RoomError
from realtime.store.store_redis import RoomStore, Speaker

log = logging.getLogger(__name__)
TOGETHER = 100
"""Names of one call."""


class BuyerNames:
    """What comes while a call of the show is under way goes into the next one; each person waits once."""

    def __init__(self, store: RoomStore) -> None:
        self._store = store
        self._waiting: dict[str, dict[str, tuple[Connection, Speaker]]] = {}

    def want(self, connection: Connection, speaker: Speaker) -> None:
        """Have this name in the connection's room soon; `bought_as` says when it is there.

        What fails is dropped: the person's next purchase asks again.
        """
        waiting = self._waiting.get(connection.show)
        if waiting is None:
            waiting = self._waiting[connection.show] = {}
            connection.later(self._take(connection.show, waiting))
        waiting[speaker.person] = connection, speaker

    async def _take(self, show: str, waiting: dict[str, tuple[Connection, Speaker]]) -> None:
        try:
            while waiting:
                taken = [waiting.pop(person) for person in tuple(islice(waiting, TOGETHER))]
                await self._store.take_names(show, [speaker for _, speaker in taken])
                for connection, speaker in taken:
                    connection.bought_as = speaker.name
        except RoomError as error:
            log.info("names of buyers were not stored: %s", error)
        finally:
            self._waiting.pop(show, None)
