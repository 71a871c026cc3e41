"""The door through which a show's staff sees its media: what every process that carries it says."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from commerce.errors import NoSuchShow
from commerce.routing import Route
from liveshop.serving.inside_client import Unreachable
from liveshop.web.calls import WebCall
from liveshop.web.media_client import MediaClient
from liveshop.web.media_proxy_http import MediaDirectory, MediaProcess
from streaming.figures_structs import ShowFigures
from streaming.grants import HEADER

VIEWERS_DEFAULT = 50
VIEWERS_MAX = 200
OFFSET_MAX = 100_000


class ShowMediaAnswer(msgspec.Struct, frozen=True):
    """A show's media: one entry for each process that carries it, the owner's first; none when nobody does.

    Secrets of sessions, persons and addresses are not in it; sessions have public names, the same as in the
    log.
    """

    show: str
    processes: list[ShowFigures]


class BadPage(Exception):  # noqa: N818 - named for what is so
    """`offset` or `limit` is no number that makes sense."""

    status = 400
    code = "bad_request"

    def __init__(self, name: str, highest: int) -> None:
        super().__init__(f"{name} is a whole number from 0 to {highest}.")
        self.facts: dict[str, Any] = {}


class MediaUnavailable(Exception):  # noqa: N818 - named for what is so
    """The process that carries the show does not answer."""

    status = 503
    code = "media_unavailable"
    retry_after_s = 1

    def __init__(self) -> None:
        super().__init__("The media process does not answer; it is back within seconds.")
        self.facts: dict[str, Any] = {}


class ShowFiguresReader:
    """Asks the processes that carry a show: its owner, and those that may have a copy. `grant` signs that."""

    def __init__(
        self,
        directory: MediaDirectory,
        client: MediaClient,
        shop_of: Callable[[str], Awaitable[str]],
        grant: Callable[[], str],
    ) -> None:
        self._directory = directory
        self._client = client
        self._shop_of = shop_of
        self._grant = grant

    async def read(self, show: str, offset: int, limit: int) -> ShowMediaAnswer:
        """Return the show's figures, of each process a page of viewers.

        Raises `NoSuchShow`, and `MediaUnavailable` when the owner does not answer; a copy that does not is
        left out.
        """
        await self._shop_of(show)
        owner = await self._directory.owner(show)
        if owner is None:
            return ShowMediaAnswer(show, [])
        first, others = await self._owner_and_others(owner)
        page = show, offset, limit
        read = await asyncio.gather(self._of(first, *page), *(self._copy_of(one, *page) for one in others))
        return ShowMediaAnswer(show, [figures for figures in read if figures is not None])

    async def _owner_and_others(self, owner: int) -> tuple[MediaProcess, list[MediaProcess]]:
        living = await self._directory.living()
        if owner not in {one.index for one in living}:
            self._directory.look_again()
            living = await self._directory.living()
        first = next((one for one in living if one.index == owner), None)
        if first is None:
            raise MediaUnavailable
        return first, [one for one in living if one is not first]

    async def _copy_of(self, process: MediaProcess, show: str, offset: int, limit: int) -> ShowFigures | None:
        try:
            return await self._of(process, show, offset, limit)
        except MediaUnavailable:
            return None

    async def _of(self, process: MediaProcess, show: str, offset: int, limit: int) -> ShowFigures | None:
        path = f"/internal/shows/{show}/figures?offset={offset}&limit={limit}"
        try:
            answer = await self._client.request(process.address, "GET", path, {HEADER: self._grant()})
        except Unreachable as error:
            raise MediaUnavailable from error
        if answer.status == 204:
            return None
        if answer.status != 200:
            raise MediaUnavailable
        return msgspec.json.decode(answer.body, type=ShowFigures)


async def show_media(reader: ShowFiguresReader, call: WebCall) -> ShowMediaAnswer:
    """`GET /shows/{show}/media?offset=&limit=`."""
    offset = _count(call, "offset", 0, OFFSET_MAX)
    limit = _count(call, "limit", VIEWERS_DEFAULT, VIEWERS_MAX)
    return await reader.read(call.path["show"], offset, limit)


def _count(call: WebCall, name: str, default: int, highest: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > highest:
        raise BadPage(name, highest)
    return int(text)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/shows/{show}/media", show_media, answer=ShowMediaAnswer, role="stats",
        errors=(NoSuchShow, BadPage, MediaUnavailable),
        summary="How a show's media fares: publisher, layers, viewers (the worst first)",
        query=(("offset", "how many viewers to pass over"), ("limit", f"how many, {VIEWERS_MAX} at most")),
    ),
)  # fmt: skip
