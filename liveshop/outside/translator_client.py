"""A translator of comments behind an HTTP address: `realtime.ports.Translator` (docs/translation.md).

POST {"target": "zh", "texts": ["..."]} is answered by {"translations": ["...", null]}, in the same order.
Nothing but the texts is sent.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence

import msgspec

from liveshop.outside.json_service_client import JsonService, open_service

WITHIN_S = 6.0
"""The room itself waits less; this ends what it no longer waits for."""
CONNECTIONS_TOTAL = 4


class _Answer(msgspec.Struct):
    translations: list[str | None]


class HttpTranslator:
    """Asks an open service."""

    def __init__(self, service: JsonService) -> None:
        self._service = service

    async def translate(self, texts: Sequence[str], to: str) -> Sequence[str | None]:
        """Return the texts in another language. Raises `httpx.HTTPError`, `ServiceError`."""
        answer = await self._service.ask({"target": to, "texts": list(texts)}, _Answer)
        return answer.translations


@contextlib.asynccontextmanager
async def open_translator(url: str | None, token: str | None) -> AsyncIterator[HttpTranslator | None]:
    """Offer the translator at this address while the context is open, None without an address."""
    opened = open_service(url, token, "translator", within_s=WITHIN_S, connections_total=CONNECTIONS_TOTAL)
    async with opened as service:
        yield None if service is None else HttpTranslator(service)
