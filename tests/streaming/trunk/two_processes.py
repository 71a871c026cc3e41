"""Two media processes on this loop with one real Redis, and the inside HTTP between them.

    async with two_processes(redis) as (owner, edge): ...

`owner.http` publishes and watches at the one, `edge.http` at the other; whoever publishes first is the owner.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from streaming.errors import OwnerUnknownError
from streaming.owners_redis import RedisOwners
from streaming.relay import Relay
from tests.streaming.media_server import LOOPBACK, MediaServer, media_server

Rewrite = Callable[[bytes], bytes]


def unchanged(body: bytes) -> bytes:
    """Leave an owner's answer as it is."""
    return body


class Siblings:
    """`streaming.ports.Siblings` by address; `rewrite` may change what owners answer."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.rewrite: Rewrite = unchanged

    async def ask(self, process: str, path: str, grant: str, body: bytes) -> bytes:
        """Post to the process."""
        self.asked.append((process, path))
        try:
            async with httpx.AsyncClient(base_url=self.urls[process], timeout=2) as http:
                answer = await http.post(path, content=body, headers={"Liveshop-Grant": grant})
        except (httpx.HTTPError, KeyError) as error:
            raise OwnerUnknownError("the owner does not answer") from error
        if answer.status_code != 201:
            raise OwnerUnknownError(f"the owner refuses: {answer.text}")
        return self.rewrite(answer.content)


@dataclass
class Place:
    """One of the processes."""

    http: httpx.AsyncClient
    relay: Relay
    owners: RedisOwners
    siblings: Siblings
    server: MediaServer


@contextlib.asynccontextmanager
async def place(redis: Any, index: int, siblings: Siblings, *, boot: str = "") -> AsyncIterator[Place]:
    """A media process with this index."""
    async with (
        RedisOwners(redis, process=str(index), boot_id=boot or f"boot-{index}") as owners,
        media_server(replace(LOOPBACK, index=index), owners, siblings) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        siblings.urls[str(index)] = server.url
        try:
            yield Place(http, server.inside.relay, owners, siblings, server)
        finally:
            siblings.urls.pop(str(index), None)


@contextlib.asynccontextmanager
async def two_processes(redis: Any, *, first: int = 0) -> AsyncIterator[tuple[Place, Place]]:
    """Two processes that know each other, with the indices `first` and the next."""
    siblings = Siblings()
    async with place(redis, first, siblings) as one, place(redis, first + 1, siblings) as other:
        yield one, other
