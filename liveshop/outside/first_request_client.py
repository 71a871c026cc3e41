"""httpx loads what it needs with its first request: 40 ms in which a front would answer nobody."""

import ssl
from pathlib import Path

import httpx

# httpx would read the system's certificates for each client, 35 to 70 ms of the loop, although none is used.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def make_first_request(socket: Path, within_s: float) -> None:
    """Ask the process that answers on a Unix socket for its health. Raises `httpx.HTTPError`."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket), verify=_NO_CERTIFICATES)
    async with httpx.AsyncClient(transport=transport, timeout=within_s) as client:
        await client.get("http://process/healthz")
