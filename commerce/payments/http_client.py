"""HTTP clients to and from payment providers, and to the receivers of shops' webhooks."""

import functools
import ssl
from collections.abc import Mapping

import httpx


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read the trusted certificates once a process: it takes some 50 ms."""
    return httpx.create_ssl_context()


def open_http(
    timeout_s: float,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> httpx.AsyncClient:
    """Return a client that ignores proxies of the environment and follows no redirect.

    `tls` None trusts the usual certificate authorities.
    """
    return httpx.AsyncClient(
        base_url=base_url, timeout=timeout_s, headers=headers, verify=tls or _certificates(), trust_env=False
    )
