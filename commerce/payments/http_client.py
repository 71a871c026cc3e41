"""HTTP clients to and from payment providers."""

import functools
import ssl
from collections.abc import Mapping

import httpx


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read the trusted certificates once a process: it takes some 50 ms."""
    return httpx.create_ssl_context()


def open_http(
    timeout_s: float, base_url: str = "", headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    """Return a client that ignores proxies of the environment and follows no redirect."""
    return httpx.AsyncClient(
        base_url=base_url, timeout=timeout_s, headers=headers, verify=_certificates(), trust_env=False
    )
