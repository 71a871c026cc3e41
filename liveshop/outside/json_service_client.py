"""A service of the operator's behind an HTTP address: JSON is posted, JSON comes back, both bounded."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import httpx
import msgspec

ANSWER_BYTES = 1_000_000
OK = 200
Answer = TypeVar("Answer")


class ServiceError(Exception):
    """The service answered, but not with what was asked for."""


class JsonService:
    """Asks over an open client; `name` is how errors call it."""

    def __init__(self, client: httpx.AsyncClient, url: str, name: str) -> None:
        self._client = client
        self._url = url
        self._name = name

    async def ask(self, body: dict[str, Any], kind: type[Answer]) -> Answer:
        """Return the answer as this type. Raises `httpx.HTTPError`, `ServiceError`."""
        answer = await self._client.post(self._url, json=body)
        if answer.status_code != OK:
            raise ServiceError(f"the {self._name} answered {answer.status_code}")
        if len(answer.content) > ANSWER_BYTES:
            raise ServiceError(f"the {self._name}'s answer is too long")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise ServiceError(f"the {self._name}'s answer cannot be read: {error}") from error


@contextlib.asynccontextmanager
async def open_service(
    url: str | None, token: str | None, name: str, *, within_s: float, connections_total: int
) -> AsyncIterator[JsonService | None]:
    """Offer the service at this address while the context is open, None without an address."""
    if url is None:
        yield None
        return
    headers = {"authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=connections_total)
    async with httpx.AsyncClient(headers=headers, timeout=within_s, limits=limits) as client:
        yield JsonService(client, url, name)
