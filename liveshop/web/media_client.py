"""HTTP to the media processes, each of which is told apart by its address."""

from collections.abc import Mapping

from liveshop.serving.inside_client import InsideAnswer, InsideClient

MEDIA_TIMEOUT_S = 10.0


class MediaClient:
    """Keeps one connection pool per media process. `address` is "unix:/path" or "http://host:port"."""

    def __init__(self) -> None:
        self._clients: dict[str, InsideClient] = {}

    async def request(
        self, address: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> InsideAnswer:
        """Send one request; raises `Unreachable` when no answer came."""
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = InsideClient(address, MEDIA_TIMEOUT_S)
        return await client.request(method, path, headers, body)

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()
