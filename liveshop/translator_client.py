"""A translator of comments behind an HTTP address: `realtime.ports.Translator` (docs/translation.md).

POST {"target": "zh", "texts": ["..."]} is answered by {"translations": ["...", null]}, in the same order.
Nothing but the texts is sent.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence

import httpx
import msgspec

WITHIN_S = 6.0
"""The room itself waits less; this ends what it no longer waits for."""
ANSWER_BYTES = 1_000_000
CONNECTIONS_TOTAL = 4
OK = 200


class _Answer(msgspec.Struct):
    translations: list[str | None]


class TranslatorError(Exception):
    """The translator answered, but not with translations."""


class HttpTranslator:
    """Asks over an open client."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def translate(self, texts: Sequence[str], to: str) -> Sequence[str | None]:
        """Return the texts in another language. Raises `httpx.HTTPError`, `TranslatorError`."""
        answer = await self._client.post(self._url, json={"target": to, "texts": list(texts)})
        if answer.status_code != OK:
            raise TranslatorError(f"the translator answered {answer.status_code}")
        if len(answer.content) > ANSWER_BYTES:
            raise TranslatorError("the translator's answer is too long")
        try:
            return msgspec.json.decode(answer.content, type=_Answer).translations
        except msgspec.MsgspecError as error:
            raise TranslatorError(f"the translator's answer cannot be read: {error}") from error


@contextlib.asynccontextmanager
async def open_translator(url: str | None, token: str | None) -> AsyncIterator[HttpTranslator | None]:
    """Offer the translator at this address while the context is open, None without an address."""
    if url is None:
        yield None
        return
    headers = {"authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=CONNECTIONS_TOTAL)
    async with httpx.AsyncClient(headers=headers, timeout=WITHIN_S, limits=limits) as client:
        yield HttpTranslator(client, url)
