"""Which media processes live and which one owns a show; and telling them what the shop decided."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from redis.exceptions import RedisError

from liveshop.redis.processes_redis import Processes
from liveshop.serving.inside_client import Unreachable
from liveshop.web.media_client import MediaClient
from liveshop.web.media_proxy_http import MediaProcess
from streaming.grants import HEADER

log = logging.getLogger(__name__)
LIVING_KEPT_S = 0.25
OWNERS_KEPT = 4096
JSON = {"content-type": "application/json"}


class MediaDirectoryRedis:
    """Reads the process registry and the shows' leases.

    The list of living processes is remembered for a quarter of a second, and for as long as Redis is away:
    media flows without Redis, and so do the requests for it. So are the last owners of the shows asked for
    latest (`OWNERS_KEPT`). `grant` signs what media processes are told.
    """

    def __init__(
        self, redis: Any, client: MediaClient, now_s: Callable[[], float], grant: Callable[[], str]
    ) -> None:
        self._redis = redis
        self._grant = grant
        self._processes = Processes(redis)
        self._client = client
        self._now_s = now_s
        self._kept: tuple[float, list[MediaProcess]] = (float("-inf"), [])
        self._owners: OrderedDict[str, int] = OrderedDict()

    async def living(self) -> list[MediaProcess]:
        """Return the living media processes, lowest index first."""
        at_s, kept = self._kept
        if self._now_s() - at_s < LIVING_KEPT_S:
            return kept
        try:
            found = [
                MediaProcess(one.index, one.address, one.sessions)
                for one in await self._processes.living("media")
            ]
        except (RedisError, OSError) as error:
            log.warning("The registry of media processes cannot be read: %s", error)
            return kept
        self._kept = (self._now_s(), found)
        return found

    def look_again(self) -> None:
        """Read the registry at the next question: a process is missing that may have just come back."""
        self._kept = (float("-inf"), self._kept[1])

    async def owner(self, show: str) -> int | None:
        """Return the index of the process that owns a show, while Redis is away of the last one known.

        None when nobody owns it or nobody knows.
        """
        try:
            process = await self._redis.hget(f"{{show:{show}}}:owner", "process")
        except (RedisError, OSError):
            return self._owners.get(show)
        self._owners.pop(show, None)
        if process is None or not process.isdigit():
            return None
        owner = self._owners[show] = int(process)
        if len(self._owners) > OWNERS_KEPT:
            self._owners.popitem(last=False)
        return owner

    async def show_changed(self, event: str, show: str) -> None:
        """Tell media that a show "ended" or that its "key_rotated"."""
        if event == "ended":
            await self._tell_all(f"/internal/shows/{show}/end", {})
        elif event == "key_rotated":
            await self._tell_all("/internal/revoke", {"show": show, "role": "publish"})

    async def end_pictures(self, person: str, show: str) -> None:
        """End a person's pictures of a show, on every media process."""
        await self._tell_all("/internal/revoke", {"person": person, "show": show})

    async def _tell_all(self, path: str, body: dict[str, str]) -> None:
        await asyncio.gather(*(self._tell(process, path, body) for process in await self.living()))

    async def _tell(self, process: MediaProcess, path: str, body: dict[str, str]) -> None:
        try:
            answer = await self._client.request(
                process.address, "POST", path, {**JSON, HEADER: self._grant()}, msgspec.json.encode(body)
            )
        except Unreachable as error:
            log.warning("%s", error)
            return
        if answer.status >= 400:
            log.warning("Media process %d answered %d to %s.", process.index, answer.status, path)


class AudienceRedis:
    """`commerce.shows.screens.Audience`: what the room and the media know of a show."""

    FRESH_MS = 10_000

    def __init__(self, redis: Any, now_ms: Callable[[], int]) -> None:
        self._redis = redis
        self._now_ms = now_ms

    async def viewers(self, shows: Iterable[str]) -> dict[str, int]:
        """Return how many people watch each show now; empty while Redis is away."""
        wanted = list(shows)
        try:
            found = [
                await self._redis.hmget(f"{{show:{each}}}:room", "viewers", "viewers_at_ms")
                for each in wanted
            ]
        except (RedisError, OSError):
            return {}
        return {show: self._fresh(*values) for show, values in zip(wanted, found, strict=True)}

    async def viewers_peak(self, show: str) -> int:
        """Return 0: nobody keeps the peak yet."""
        del show
        return 0

    async def host_present(self, show: str) -> bool:
        """Tell whether the newest media event says that the picture comes in."""
        try:
            newest = await self._redis.xrevrange(f"{{show:{show}}}:media", count=8)
        except (RedisError, OSError):
            return False
        kinds = [fields.get(b"kind", b"").decode() for _id, fields in newest]
        known = [kind for kind in kinds if kind in {"host_live", "host_back", "host_away", "ended"}]
        return bool(known) and known[0] in {"host_live", "host_back"}

    def _fresh(self, viewers: bytes | None, at_ms: bytes | None) -> int:
        """Return what a front said less than `FRESH_MS` ago: when all are gone nobody says zero."""
        return int(viewers or 0) if self._now_ms() - int(at_ms or 0) <= self.FRESH_MS else 0
