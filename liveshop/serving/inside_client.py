"""HTTP to the processes of this server: over their Unix sockets here, over plain TCP on another machine."""

import ssl

import httpx

# httpx would read the system's certificates for each client, 35 to 70 ms of the loop, although none is used.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_inside(address: str, timeout_s: float) -> httpx.AsyncClient:
    """Return a client of the process at `address`: "unix:/path" or "http://host:port"."""
    kind, _, path = address.partition(":")
    unix = kind == "unix"
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=path if unix else None, verify=_NO_CERTIFICATES),
        base_url="http://process" if unix else address,
        timeout=timeout_s,
    )
