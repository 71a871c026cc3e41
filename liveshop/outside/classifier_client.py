"""A classifier of comments behind an HTTP address: `realtime.ports.Classifier`.

POST {"text": "..."} is answered by {"scores": {"category": 0 to 1, ...}}. Nothing but the text is sent.
"""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from liveshop.outside.json_service_client import JsonService, open_service

WITHIN_S = 1.0
"""The room itself waits less; this ends what it no longer waits for."""
CONNECTIONS_TOTAL = 20


class _Answer(msgspec.Struct):
    scores: dict[str, float]


class HttpClassifier:
    """Asks an open service."""

    def __init__(self, service: JsonService) -> None:
        self._service = service

    async def scores(self, text: str) -> dict[str, float]:
        """Return scores by category. Raises `httpx.HTTPError`, `ServiceError`."""
        answer = await self._service.ask({"text": text}, _Answer)
        return answer.scores


@contextlib.asynccontextmanager
async def open_classifier(url: str | None, token: str | None) -> AsyncIterator[HttpClassifier | None]:
    """Offer the classifier at this address while the context is open, None without an address."""
    opened = open_service(url, token, "classifier", within_s=WITHIN_S, connections_total=CONNECTIONS_TOTAL)
    async with opened as service:
        yield None if service is None else HttpClassifier(service)
