"""ASGI middleware: client address and scheme as trusted proxies tell them."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from liveshop.web.client_address import Network, client_address, scheme


class TrustedProxies:
    """Rewrites `scope["client"]` and `scope["scheme"]` before anybody else reads them."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Correct the scope, then pass it on."""
        if scope["type"] in {"http", "websocket"}:
            headers = Headers(scope=scope)
            peer, port = scope.get("client") or ("", 0)
            seen = scheme(peer, scope["scheme"], headers.get("x-forwarded-proto"), self._trusted)
            address = client_address(peer, headers.get("x-forwarded-for"), self._trusted)
            is_socket = scope["type"] == "websocket"
            scope["scheme"] = seen.replace("http", "ws") if is_socket else seen
            scope["client"] = (address, port if address == peer else 0)
        await self._app(scope, receive, send)
