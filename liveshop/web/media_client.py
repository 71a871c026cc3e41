"""HTTP to a media process: over its Unix socket here, over TCP on another machine."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from liveshop.serving.inside_client import open_inside

MEDIA_TIMEOUT_S = 10.0


class MediaUnreachable(Exception):  # noqa: N818 - named for what happened
    """The media process did not answer; it may be restarting."""


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """What a media process answered, to be handed on. `links` are the lines of its `Link` header."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    links: tuple[str, ...] = ()


class MediaClient:
    """Keeps one connection pool per media process. `address` is "unix:/path" or "http://host:port"."""

    def __init__(self) -> None:
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def request(
        self, address: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> MediaAnswer:
        """Send one request; raises `MediaUnreachable` when no answer came."""
        client = self._client(address)
        try:
            answer = await client.request(method, path, headers=dict(headers), content=body)
        except httpx.HTTPError as error:
            raise MediaUnreachable(f"The media process at {address} did not answer: {error!r}") from error
        links = tuple(answer.headers.get_list("link"))
        return MediaAnswer(answer.status_code, answer.headers, answer.content, links)

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, address: str) -> httpx.AsyncClient:
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = open_inside(address, MEDIA_TIMEOUT_S)
        return client
