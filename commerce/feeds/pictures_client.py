"""Fetches pictures from addresses that strangers wrote into a file.

Whoever may import a file could otherwise let this server ask its own network. So a host's name is resolved
once, the resolved address is judged by `allow` (the rules of outgoing webhooks), and the connection goes to
that very address: a name that means something else a moment later changes nothing (DNS rebinding). Redirects
are followed by hand, each judged the same way. Bytes are counted while they come.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin, urlsplit

import httpx

from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.errors import PictureTooLarge
from commerce.feeds.refusals import PictureUnreachable
from commerce.payments.http_client import open_http

TIMEOUT_S = 15.0
REDIRECTS = 3
PORTS = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Awaitable[list[str]]]
Allow = Callable[[str], bool]


async def resolved(host: str, port: int) -> list[str]:
    """Answer the addresses of a host by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class PictureClient:
    """Fulfils `commerce.ports.PictureSource`. Every address of a host must be one that `allow` allows."""

    def __init__(self, allow: Allow, resolve: Resolve = resolved) -> None:
        self._allow = allow
        self._resolve = resolve

    async def fetch(self, url: str) -> bytes:
        """Answer what is at the address, at most 10 MiB; raises PictureUnreachable, PictureTooLarge."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                for _ in range(REDIRECTS + 1):
                    found = await self._fetch_once(url)
                    if isinstance(found, bytes):
                        return found
                    url = urljoin(url, found)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise PictureUnreachable(f"The picture could not be fetched: {type(error).__name__}.") from error
        raise PictureUnreachable("The address leads on and on to others.")

    async def _fetch_once(self, url: str) -> bytes | str:
        """Answer the bytes, or where a redirect leads."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        if parts.scheme not in PORTS or not host or parts.username is not None:
            raise PictureUnreachable("Only http and https addresses without a user are fetched.")
        address = await self._judged(host, port)
        at = f"[{address}]" if ":" in address else address
        direct = parts._replace(netloc=f"{at}:{port}", fragment="").geturl()
        headers = {"host": parts.netloc, "accept": "image/*", "accept-encoding": "identity"}
        extensions = {"sni_hostname": host}
        async with (
            open_http(TIMEOUT_S) as client,
            client.stream("GET", direct, headers=headers, extensions=extensions) as answer,
        ):
            if answer.is_redirect:
                return str(answer.headers.get("location", ""))
            if answer.status_code != 200:
                raise PictureUnreachable(f"The other server answers {answer.status_code}.")
            return await _limited(answer)

    async def _judged(self, host: str, port: int) -> str:
        addresses = await self._resolve(host, port)
        if not addresses or not all(self._allow(address) for address in addresses):
            raise PictureUnreachable("The address is not one of the open internet.")
        return addresses[0]


async def _limited(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size_bytes = 0
    async for part in answer.aiter_raw():
        size_bytes += len(part)
        if size_bytes > MAX_UPLOAD_BYTES:
            raise PictureTooLarge(max_bytes=MAX_UPLOAD_BYTES)
        parts.append(part)
    return b"".join(parts)
