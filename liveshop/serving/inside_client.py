"""HTTP to the processes of this server: over their Unix sockets here, over plain TCP on another machine.

With aiohttp, while httpx asks the services outside: a hundred viewers who come at once are a hundred requests
under way, and each then takes 0.25 ms of CPU instead of 4 (`benchmarks/results/relay.json`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

# What aiohttp would add by itself: what a client left out is not made up on its way to a media process.
_NOT_ADDED = ("accept", "accept-encoding", "content-type", "user-agent")


class Unreachable(Exception):  # noqa: N818 - named for what happened
    """A process of this server did not answer; it may be restarting."""


@dataclass(frozen=True, slots=True)
class InsideAnswer:
    """What a process answered, to be handed on. `links` are the lines of its `Link` header."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    links: tuple[str, ...] = ()


class InsideClient:
    """Asks the process at `address`, "unix:/path" or "http://host:port"; keeps its connections for 15 s.

    To be made inside a running loop. An answer that has not come whole within `timeout_s` is none.
    """

    def __init__(self, address: str, timeout_s: float) -> None:
        kind, _, path = address.partition(":")
        unix = kind == "unix"
        self._address = address
        self._base = "http://process" if unix else address
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(path) if unix else aiohttp.TCPConnector(),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NOT_ADDED,
            auto_decompress=False,
        )

    async def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> InsideAnswer:
        """Send one request; raises `Unreachable` without an answer. `path` is quoted and may have a query."""
        url = URL(self._base + path, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                links = tuple(answer.headers.getall("link", ()))
                return InsideAnswer(answer.status, answer.headers, await answer.read(), links)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(f"The process at {self._address} did not answer: {error!r}") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
