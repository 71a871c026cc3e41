"""Delivers the sandbox provider's webhooks over HTTP."""

import httpx

from commerce.payments.http_client import open_http
from commerce.payments.signature import signed_headers

TIMEOUT_S = 10


class WebhookSender:
    """Posts signed deliveries to one merchant address. A redirect is not followed."""

    def __init__(self, target_url: str, secret: bytes) -> None:
        self._target_url = target_url
        self._secret = secret
        self._http = open_http(TIMEOUT_S)

    async def send(self, webhook_id: str, body: bytes, now_ms: int) -> bool:
        """Deliver once; True when the merchant answered 2xx."""
        headers = {
            "content-type": "application/json",
            **signed_headers(self._secret, webhook_id, now_ms // 1000, body),
        }
        try:
            answer = await self._http.post(self._target_url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
