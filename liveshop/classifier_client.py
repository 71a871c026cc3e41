"""A classifier of comments behind an HTTP address: `realtime.ports.Classifier`.

POST {"text": "..."} is answered by {"scores": {"category": 0 to 1, ...}}. Nothing but the text is sent.
"""

import contextlib
from collections.abc import AsyncIterator

import httpx
import msgspec

WITHIN_S = 1.0
"""The room itself waits less; this ends what it no longer waits for."""
CONNECTIONS_TOTAL = 20
OK = 200


class _Answer(msgspec.Struct):
    scores: dict[str, float]


class ClassifierError(Exception):
    """The classifier answered, but not with scores."""


class HttpClassifier:
    """Asks over an open client."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def scores(self, text: str) -> dict[str, float]:
        """Return scores by category. Raises `httpx.HTTPError`, `ClassifierError`."""
        answer = await self._client.post(self._url, json={"text": text})
        if answer.status_code != OK:
            raise ClassifierError(f"the classifier answered {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=_Answer).scores
        except msgspec.MsgspecError as error:
            raise ClassifierError(f"the classifier's answer cannot be read: {error}") from error


@contextlib.asynccontextmanager
async def open_classifier(url: str | None, token: str | None) -> AsyncIterator[HttpClassifier | None]:
    """Offer the classifier at this address while the context is open, None without an address."""
    if url is None:
        yield None
        return
    headers = {"authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=CONNECTIONS_TOTAL)
    async with httpx.AsyncClient(headers=headers, timeout=WITHIN_S, limits=limits) as client:
        yield HttpClassifier(client, url)
